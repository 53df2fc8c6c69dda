import { addDays } from '../../../src/days.ts';
import type { InvoiceToRead } from '../../../src/db/invoices-to-read.ts';
import type { TestAccount, TestEvent } from '../metrics/scenario.ts';

/** The moment of all cases, and its day. */
export const now = new Date('2026-11-21T12:00:00Z');
export const today = '2026-11-21';

/** A score of some days ago, by the same model unless told. */
type ScoreThen = {
  daysAgo: number;
  score: number | null;
  band: 'poor' | 'concerning' | 'healthy' | null;
  model?: string;
};

/** An account, and what a rule says of it: true, false, or null where there is no data or the rule is not for it. */
export type Case = {
  why: string;
  met: boolean | null;
  /** Whether an alert that is open ends; the opposite of `met` unless told. */
  clear?: boolean | null;
  account?: TestAccount & { segments?: readonly string[] };
  events?: readonly TestEvent[];
  imported?: Readonly<Record<string, number>>;
  scores?: readonly ScoreThen[];
  /** An invoice of the account, which is then a customer at Stripe. */
  invoice?: Partial<InvoiceToRead>;
};

/** The instant of a time of the day some days ago. */
const at = (daysAgo: number, time = '09:00:00Z') => `${addDays(today, -daysAgo)}T${time}`;
const did = (name: string, ...daysAgo: number[]): TestEvent[] =>
  daysAgo.map((days) => ({ name, user: 'ann', at: at(days) }));
const at23 = (name: string, daysAgo: number): TestEvent => ({ name, user: 'ann', at: at(daysAgo, '23:59:59Z') });
const at0 = (name: string, daysAgo: number): TestEvent => ({ name, user: 'ann', at: at(daysAgo, '00:00:00Z') });
const times = (count: number, name: string, daysAgo = 1): TestEvent[] =>
  Array.from({ length: count }, () => ({ name, user: 'ann', at: at(daysAgo) }));
const usage = (daysAgo: number, properties: Record<string, number>): TestEvent => {
  return { name: 'usage reported', at: at(daysAgo), properties };
};
const traits = (given: Record<string, unknown>): Case['account'] => ({ traits: given });

/** What a product's rule says, whichever of its events it is. */
const productCases = (event: string): Case[] => [
  { why: 'never used', met: false, events: did('signed in', 20, 1) },
  {
    why: 'first used 6 days ago, by an account first seen 8 days before',
    met: true,
    events: [...did('signed in', 14), at0(event, 6)],
  },
  {
    why: 'first used 6 days ago, by an account first seen just 7 days before',
    met: false,
    events: [...did('signed in', 13), at0(event, 6)],
  },
  { why: 'first used 7 days ago', met: false, events: [...did('signed in', 20), at23(event, 7)] },
  { why: 'used today, and a year ago', met: false, events: [...did('signed in', 500), ...did(event, 366, 0)] },
  { why: 'tried on the first day of a new account', met: false, events: did(event, 0) },
  { why: 'an account that never sent anything', met: null },
];

const shareCases = (property: string): Case[] => [
  { why: 'exactly 5 %', met: false, clear: false, events: [usage(29, { events: 1000, [property]: 50 })] },
  { why: 'one more event', met: true, events: [usage(29, { events: 1000, [property]: 51 })] },
  {
    why: 'exactly 4 %, where it does not end yet',
    met: false,
    clear: false,
    events: [usage(3, { events: 1000, [property]: 40 })],
  },
  { why: 'below 4 %', met: false, clear: true, events: [usage(3, { events: 1000, [property]: 39 })] },
  { why: 'fewer than 1,000 events', met: null, events: [usage(3, { events: 999, [property]: 900 })] },
  { why: '30 days ago, no longer in the window', met: null, events: [usage(30, { events: 1000, [property]: 51 })] },
  { why: 'reports that do not tell it', met: null, events: [usage(3, { events: 5000 })] },
  { why: 'no reports', met: null, events: did('signed in', 1) },
];

/** An invoice that is coming, and the totals of those before. */
const coming = (total: number, ...before: number[]): Case['invoice'] => ({
  status: 'upcoming',
  total,
  earlier: before.map((each) => ({ label: 'INV', total: each })),
});
const credit = (credit_left: number, credit_burn: number, renewal_date?: string): Case['account'] => ({
  ...(renewal_date !== undefined && { renewal_date }),
  traits: { credit_left, credit_burn },
});
const expiring = (stripe_credit_expiring: number, stripe_credit_expires_on: string): Case['account'] => ({
  traits: { stripe_credit_left: 5000, stripe_credit_expiring, stripe_credit_expires_on },
});

const mrr = (current: number, forecasted_mrr: number): Case['account'] => ({
  mrr: current,
  traits: { forecasted_mrr },
});

/** By indicator, and by subject where it watches several things. Each has one that is met, one that is not, one without data. */
export const cases: Record<string, readonly Case[]> = {
  forecasted_mrr_decrease: [
    { why: 'exactly -10 %', met: false, clear: false, account: mrr(1000, 900) },
    { why: 'exactly -10 %, with the noise of decimals', met: false, clear: false, account: mrr(99.9, 89.91) },
    { why: 'a cent below', met: true, account: mrr(1000, 899.99) },
    { why: '-8 %, where it does not end yet', met: false, clear: false, account: mrr(1000, 920) },
    { why: 'above -8 %', met: false, clear: true, account: mrr(1000, 920.01) },
    { why: 'growth', met: false, account: mrr(1000, 2000) },
    {
      why: 'a twelfth of the ARR, exactly -10 %',
      met: false,
      clear: false,
      account: { arr: 12_000, traits: { forecasted_mrr: 900 } },
    },
    { why: 'a twelfth of the ARR, below', met: true, account: { arr: 12_000, traits: { forecasted_mrr: 899 } } },
    { why: 'imported', met: true, account: { mrr: 1000 }, imported: { forecasted_mrr: 500 } },
    {
      why: 'the forecast from Stripe',
      met: true,
      account: { mrr: 1000, traits: { stripe_forecasted_mrr: 500 } },
    },
    {
      why: 'a forecast of its own before that from Stripe',
      met: false,
      account: { mrr: 1000, traits: { forecasted_mrr: 1000, stripe_forecasted_mrr: 500 } },
    },
    { why: 'no forecast', met: null, account: { mrr: 1000 } },
    { why: 'no MRR', met: null, account: traits({ forecasted_mrr: 1000 }) },
    { why: 'nothing to fall from', met: null, account: mrr(0, 100) },
  ],
  mrr_growth: [
    { why: 'exactly 10 %', met: false, clear: false, account: mrr(1000, 1100) },
    { why: 'exactly 10 %, with the noise of decimals', met: false, clear: false, account: mrr(99.9, 109.89) },
    { why: 'a cent above', met: true, account: mrr(1000, 1100.01) },
    { why: '8 %, where it does not end yet', met: false, clear: false, account: mrr(1000, 1080) },
    { why: 'below 8 %', met: false, clear: true, account: mrr(1000, 1079) },
    { why: 'a fall', met: false, account: mrr(1000, 100) },
    { why: 'no forecast', met: null, account: { mrr: 1000 } },
  ],
  payment_failed: [
    { why: 'the trait says so', met: true, account: traits({ payment_failed: true }) },
    { why: 'the trait says no', met: false, account: traits({ payment_failed: 'false' }) },
    { why: 'an event', met: true, events: did('payment failed', 80) },
    { why: 'an event, paid since', met: false, events: did('payment failed', 3).concat(did('payment succeeded', 2)) },
    {
      why: 'paid in the same moment',
      met: false,
      events: did('payment failed', 3).concat(did('payment succeeded', 3)),
    },
    {
      why: 'failed again after it was paid',
      met: true,
      events: did('payment failed', 9, 1).concat(did('payment succeeded', 5)),
    },
    {
      why: 'paid since, and the trait lags behind',
      met: false,
      account: traits({ payment_failed: true }),
      events: did('payment failed', 3).concat(did('payment succeeded', 2)),
    },
    {
      why: 'failed yesterday, and the trait lags behind',
      met: true,
      account: traits({ payment_failed: false }),
      events: [at0('payment failed', 1)],
    },
    {
      why: 'failed two days ago, and the trait says no',
      met: false,
      account: traits({ payment_failed: false }),
      events: [at23('payment failed', 2)],
    },
    { why: 'only ever paid', met: false, events: did('payment succeeded', 30) },
    { why: 'an invoice that failed', met: true, invoice: { isFailed: true } },
    { why: 'an invoice that the customer has to confirm', met: true, invoice: { needsAction: true } },
    {
      why: 'an invoice with nothing wrong, whatever the trait says',
      met: false,
      clear: false,
      account: traits({ payment_failed: true }),
      invoice: {},
    },
    { why: 'an invoice that was paid', met: false, clear: true, invoice: { status: 'paid' } },
    { why: 'an invoice that was voided', met: false, clear: true, invoice: { status: 'void' } },
    { why: 'an invoice that was given up', met: false, clear: true, invoice: { status: 'uncollectible' } },
    { why: 'never a word of payments', met: false, events: did('signed in', 1) },
    { why: 'an account that never sent anything', met: null },
  ],
  payment_disputed: [
    { why: 'disputed', met: true, invoice: { status: 'paid', isDisputed: true } },
    { why: 'not disputed', met: false, invoice: {} },
    { why: 'no customer at Stripe', met: null },
  ],
  invoice_overdue: [
    { why: 'due yesterday', met: true, invoice: { dueAt: new Date(at(1, '23:00:00Z')) } },
    { why: 'due today', met: false, invoice: { dueAt: new Date(at(0, '00:00:00Z')) } },
    { why: 'paid since', met: false, invoice: { status: 'paid', dueAt: new Date(at(9)) } },
    { why: 'failed, of which another tells', met: false, invoice: { isFailed: true, dueAt: new Date(at(9)) } },
    { why: 'without a due day', met: null, clear: null, invoice: {} },
  ],
  invoice_stuck: [
    { why: 'a draft with a fault', met: true, invoice: { status: 'draft', fault: 'No tax number.' } },
    { why: 'a draft', met: false, invoice: { status: 'draft' } },
    { why: 'open, with a fault', met: false, invoice: { fault: 'Your card was declined.' } },
    { why: 'no customer at Stripe', met: null },
  ],
  upcoming_large_invoice: [
    { why: 'exactly 50 % above', met: false, clear: false, invoice: coming(1500, 1000, 1100, 900) },
    { why: 'a cent more', met: true, invoice: coming(1500.01, 1000, 1100, 900) },
    { why: '40 % above, where it does not end yet', met: false, clear: false, invoice: coming(1400, 1000) },
    { why: 'below 40 % above', met: false, clear: true, invoice: coming(1399, 1000) },
    { why: 'exactly the floor', met: false, clear: false, invoice: coming(1000, 100) },
    { why: 'a cent above the floor', met: true, invoice: coming(1000.01, 100) },
    { why: 'below 900', met: false, clear: true, invoice: coming(899, 100) },
    { why: 'the first of all', met: false, invoice: coming(9000) },
    { why: 'made', met: false, invoice: { ...coming(9000, 100), status: 'open' } },
    { why: 'above the floor after nothing', met: true, invoice: coming(1000.01, 0, 0, 0) },
    { why: 'the floor after nothing', met: false, clear: false, invoice: coming(1000, 0) },
    { why: 'below 900 after nothing', met: false, clear: true, invoice: coming(899, 0) },
    {
      why: 'above the fixed amount',
      met: true,
      account: traits({ large_invoice_amount: 5000 }),
      invoice: coming(5000.01),
    },
    {
      why: 'exactly the fixed amount',
      met: false,
      clear: false,
      account: traits({ large_invoice_amount: 5000 }),
      invoice: coming(5000, 5000),
    },
    {
      why: 'a tenth below the fixed amount',
      met: false,
      clear: true,
      account: traits({ large_invoice_amount: 5000 }),
      invoice: coming(4499, 4499),
    },
    { why: 'no customer at Stripe', met: null, account: traits({ large_invoice_amount: 5000 }) },
  ],
  mrr_change: [
    { why: 'exactly 10 %', met: false, clear: false, imported: { mrr_change_30d: 10 } },
    { why: 'more than 10 %', met: true, imported: { mrr_change_30d: 10.1 } },
    { why: 'exactly -10 %', met: false, clear: false, imported: { mrr_change_30d: -10 } },
    { why: 'less than -10 %', met: true, imported: { mrr_change_30d: -10.1 } },
    { why: '8 %, where it does not end yet', met: false, clear: false, imported: { mrr_change_30d: 8 } },
    { why: 'less than 8 % either way', met: false, clear: true, imported: { mrr_change_30d: -7.9 } },
    { why: 'an MRR of 30 days ago that nobody kept', met: null, account: { mrr: 1000 } },
  ],
  credit_running_out: [
    { why: 'on the day of the renewal', met: false, clear: false, account: credit(1000, 10, '2027-03-01') },
    { why: 'the day before the renewal', met: true, account: credit(1000, 10, '2027-03-02') },
    { why: '7 days after it', met: false, clear: false, account: credit(1000, 10, '2027-02-22') },
    { why: '8 days after it', met: false, clear: true, account: credit(1000, 10, '2027-02-21') },
    { why: 'used up', met: true, account: credit(0, 10, '2027-03-01') },
    {
      why: 'by what Stripe says',
      met: true,
      account: {
        renewal_date: '2027-01-01',
        traits: { stripe_credit_left: 500, stripe_credit_burn: 12, stripe_credit_ends_on: '2026-12-31' },
      },
    },
    {
      why: 'by a trait of its own before what Stripe says',
      met: false,
      account: {
        renewal_date: '2027-01-01',
        traits: {
          credit_left: 5000,
          stripe_credit_left: 500,
          stripe_credit_burn: 12,
          stripe_credit_ends_on: '2026-12-31',
        },
      },
    },
    {
      why: 'by a day of its own before all else',
      met: true,
      account: {
        renewal_date: '2027-01-01',
        traits: { credit_left: 9000, credit_burn: 1, credit_ends_on: '2026-12-31' },
      },
    },
    { why: 'without a renewal date, in 59 days', met: true, account: credit(590, 10) },
    { why: 'without a renewal date, in 60 days', met: false, clear: false, account: credit(600, 10) },
    { why: 'without a renewal date, in 76 days', met: false, clear: true, account: credit(760, 10) },
    { why: 'a renewal date that has passed, in 59 days', met: true, account: credit(590, 10, '2026-11-20') },
    { why: 'of which nothing is used', met: false, account: credit(590, 0, '2027-03-01') },
    {
      why: 'that expires before it ends',
      met: false,
      account: { renewal_date: '2027-03-01', traits: { stripe_credit_left: 500, stripe_credit_burn: 1 } },
    },
    {
      why: 'used up by what Stripe says',
      met: true,
      account: { renewal_date: '2027-03-01', traits: { stripe_credit_left: 0, stripe_credit_burn: 12 } },
    },
    {
      why: 'that is over by what Stripe says',
      met: false,
      clear: true,
      account: { renewal_date: '2027-03-01', traits: { stripe_credit_left: 0, stripe_credit_expiring: 0 } },
    },
    { why: 'no credit', met: null, account: { renewal_date: '2027-03-01' } },
  ],
  credit_expiring: [
    {
      why: 'none any more by what Stripe says',
      met: false,
      clear: true,
      account: { renewal_date: '2027-02-21', traits: { stripe_credit_left: 900, stripe_credit_expiring: 0 } },
    },
    { why: 'in exactly 3 months', met: true, account: expiring(1, '2027-02-21') },
    { why: 'in a day more', met: false, account: expiring(1, '2027-02-22') },
    { why: 'today', met: true, account: expiring(1, '2026-11-21') },
    { why: 'yesterday', met: false, account: expiring(1, '2026-11-20') },
    { why: 'nothing', met: false, account: expiring(0, '2027-02-21') },
    { why: 'at the renewal, by traits of its own', met: true, account: credit(1000, 10, '2027-02-21') },
    { why: 'none by traits of its own', met: false, account: credit(920, 10, '2027-02-21') },
    { why: 'of which nothing is used', met: true, account: credit(920, 0, '2027-02-21') },
    { why: 'without a day', met: null, account: credit(1000, 10) },
    { why: 'no credit', met: null, account: { renewal_date: '2027-02-21' } },
  ],
  startup_credit_running_out: [
    {
      why: 'a forecast of exactly 0',
      met: false,
      account: { ...traits({ forecasted_mrr: 0 }), segments: ['startup'] },
    },
    { why: 'a forecast of a cent', met: true, account: { ...traits({ forecasted_mrr: 0.01 }), segments: ['startup'] } },
    {
      why: 'by the other name of the segment',
      met: true,
      account: { ...traits({ forecasted_mrr: 9 }), segments: ['Startup-Plan'] },
    },
    {
      why: 'the forecast from Stripe',
      met: true,
      account: { ...traits({ stripe_forecasted_mrr: 9 }), segments: ['startup'] },
    },
    { why: 'no forecast', met: null, account: { segments: ['startup'] } },
    { why: 'another segment', met: null, account: { ...traits({ forecasted_mrr: 900 }), segments: ['digital'] } },
  ],
  billing_page_visits: [
    { why: 'exactly 1', met: false, clear: false, events: did('billing page visited', 1) },
    { why: '2', met: true, events: [at0('billing page visited', 6), at0('billing page visited', 0)] },
    {
      why: '2, one of them 7 days ago',
      met: false,
      clear: false,
      events: [at23('billing page visited', 7), at0('billing page visited', 0)],
    },
    { why: 'none', met: false, clear: true, events: did('signed in', 1) },
    { why: 'an account that never sent anything', met: null },
  ],
  query_failure_rate: [
    {
      why: 'exactly 10 %',
      met: false,
      clear: false,
      events: [...times(90, 'query completed'), ...times(10, 'query failed')],
    },
    { why: '11 %', met: true, events: [...times(89, 'query completed', 6), ...times(11, 'query failed', 0)] },
    {
      why: '8 %, where it does not end yet',
      met: false,
      clear: false,
      events: [...times(92, 'query completed'), ...times(8, 'query failed')],
    },
    { why: '7 %', met: false, clear: true, events: [...times(93, 'query completed'), ...times(7, 'query failed')] },
    { why: 'just 20 queries', met: true, events: [...times(17, 'query completed'), ...times(3, 'query failed')] },
    { why: 'fewer than 20 queries', met: null, events: [...times(9, 'query completed'), ...times(10, 'query failed')] },
    { why: 'no query in 7 days', met: null, events: times(50, 'query failed', 7) },
  ],
  event_volume_drop: [
    { why: 'exactly 20 %', met: false, clear: false, events: [usage(8, { events: 1000 }), usage(7, { events: 800 })] },
    { why: 'one event more', met: true, events: [usage(14, { events: 1000 }), usage(1, { events: 799 })] },
    {
      why: '10 %, where it does not end yet',
      met: false,
      clear: false,
      events: [usage(8, { events: 1000 }), usage(2, { events: 900 })],
    },
    { why: 'below 10 %', met: false, clear: true, events: [usage(8, { events: 1000 }), usage(2, { events: 901 })] },
    { why: 'nothing any more', met: true, events: [usage(8, { events: 1000 })] },
    {
      why: 'today does not count yet',
      met: true,
      events: [usage(8, { events: 1000 }), usage(1, { events: 700 }), usage(0, { events: 300 })],
    },
    { why: 'fewer than 1,000 events before', met: null, events: [usage(8, { events: 999 })] },
    {
      why: '15 days ago, no longer in the week before',
      met: null,
      events: [usage(15, { events: 5000 }), usage(2, { events: 9 })],
    },
    { why: 'no reports', met: null, events: did('signed in', 1) },
  ],
  no_insights_past_week: [
    { why: 'exactly 7 days ago', met: false, events: [at0('insight analyzed', 7)] },
    { why: '8 days ago', met: true, events: [at23('insight analyzed', 8), ...did('signed in', 0)] },
    { why: 'today', met: false, events: did('insight analyzed', 30, 0) },
    { why: 'never', met: null, events: did('signed in', 1) },
  ],
  no_user_seen: [
    { why: 'exactly 14 days ago', met: false, events: [at0('signed in', 14)] },
    { why: '15 days ago', met: true, events: [at23('signed in', 15), usage(1, { events: 5 })] },
    { why: 'never', met: null, events: [usage(1, { events: 5 })] },
  ],
  'new_product_used: Product analytics': [...productCases('insight created'), ...productCases('dashboard analyzed')],
  'new_product_used: Session replay': productCases('recording analyzed'),
  'new_product_used: Feature flags': productCases('feature flag created'),
  'new_product_used: Experiments': productCases('experiment viewed'),
  'new_product_used: Surveys': [...productCases('survey created'), ...productCases('survey viewed')],
  'new_product_used: Data warehouse': [
    { why: 'no rows', met: false, events: [usage(14, { rows_synced: 0 }), usage(1, { rows_synced: 0 })] },
    {
      why: 'the first rows 6 days ago',
      met: true,
      events: [usage(14, { rows_synced: 0 }), usage(6, { rows_synced: 1 })],
    },
    {
      why: 'the first rows, by an account that reports for 13 days',
      met: false,
      events: [usage(13, { events: 1 }), usage(6, { rows_synced: 1 })],
    },
    {
      why: 'the first rows 7 days ago',
      met: false,
      events: [usage(14, { rows_synced: 0 }), usage(7, { rows_synced: 1 }), usage(1, { rows_synced: 1 })],
    },
    { why: 'reports that do not tell of rows', met: null, events: [usage(14, { events: 1 }), usage(1, { events: 1 })] },
  ],
  owner_removed: [
    { why: '14 days ago, in the morning', met: true, events: [at0('owner removed', 14)] },
    { why: '15 days ago, at night', met: false, events: [at23('owner removed', 15)] },
    { why: 'now', met: true, events: [{ name: 'owner removed', at: now.toISOString() }] },
    { why: 'never', met: false, events: did('owner added', 1) },
    { why: 'an account that never sent anything', met: null },
  ],
  owner_added: [
    { why: '14 days ago, in the morning', met: true, events: [at0('owner added', 14)] },
    { why: '15 days ago, at night', met: false, events: [at23('owner added', 15)] },
    { why: 'never', met: false, events: did('owner removed', 1) },
    { why: 'an account that never sent anything', met: null },
  ],
  health_drop: [
    {
      why: 'exactly 1.5 points',
      met: false,
      clear: false,
      scores: [
        { daysAgo: 7, score: 6.9, band: 'concerning' },
        { daysAgo: 0, score: 5.4, band: 'concerning' },
      ],
    },
    {
      why: 'exactly 1.5 points, as decimals are',
      met: false,
      clear: false,
      scores: [
        { daysAgo: 7, score: 9.8, band: 'healthy' },
        { daysAgo: 0, score: 8.3, band: 'healthy' },
      ],
    },
    {
      why: 'more than 1.5 points',
      met: true,
      scores: [
        { daysAgo: 7, score: 6.91, band: 'concerning' },
        { daysAgo: 0, score: 5.4, band: 'concerning' },
      ],
    },
    {
      why: 'a band',
      met: true,
      scores: [
        { daysAgo: 1, score: 7, band: 'healthy' },
        { daysAgo: 0, score: 6.9, band: 'concerning' },
      ],
    },
    {
      why: '1 point, where it does not end yet',
      met: false,
      clear: false,
      scores: [
        { daysAgo: 7, score: 6.5, band: 'concerning' },
        { daysAgo: 0, score: 5.5, band: 'concerning' },
      ],
    },
    {
      why: 'less than a point',
      met: false,
      clear: true,
      scores: [
        { daysAgo: 7, score: 6.4, band: 'concerning' },
        { daysAgo: 0, score: 5.5, band: 'concerning' },
      ],
    },
    {
      why: 'a rise',
      met: false,
      scores: [
        { daysAgo: 7, score: 2, band: 'poor' },
        { daysAgo: 0, score: 9, band: 'healthy' },
      ],
    },
    {
      why: 'a fall that is 8 days old',
      met: null,
      scores: [
        { daysAgo: 8, score: 9, band: 'healthy' },
        { daysAgo: 0, score: 2, band: 'poor' },
      ],
    },
    {
      why: 'another model',
      met: null,
      scores: [
        { daysAgo: 3, score: 9, band: 'healthy', model: 'other' },
        { daysAgo: 0, score: 2, band: 'poor' },
      ],
    },
    {
      why: 'no score any more',
      met: null,
      scores: [
        { daysAgo: 3, score: 9, band: 'healthy' },
        { daysAgo: 0, score: null, band: null },
      ],
    },
  ],
  group_analytics_unused: [
    {
      why: 'a single event with a group',
      met: false,
      account: traits({ group_analytics: true }),
      events: [usage(29, { events: 900, events_with_groups: 1 })],
    },
    {
      why: 'none',
      met: true,
      account: traits({ group_analytics: true }),
      events: [usage(30, { events: 9, events_with_groups: 9 }), usage(29, { events: 900, events_with_groups: 0 })],
    },
    {
      why: 'they do not pay for it',
      met: false,
      account: traits({ group_analytics: false }),
      events: [usage(2, { events: 900, events_with_groups: 0 })],
    },
    {
      why: 'reports that do not tell of groups',
      met: null,
      account: traits({ group_analytics: true }),
      events: [usage(2, { events: 900 })],
    },
    {
      why: 'no events in 30 days',
      met: null,
      account: traits({ group_analytics: true }),
      events: [usage(30, { events: 9, events_with_groups: 0 })],
    },
  ],
  autocapture_without_actions: [
    {
      why: 'exactly 50 %',
      met: false,
      clear: false,
      account: traits({ actions_defined: 0 }),
      events: [usage(2, { events: 1000, autocapture_events: 500 })],
    },
    {
      why: 'one more event',
      met: true,
      account: traits({ actions_defined: 0 }),
      events: [usage(2, { events: 1000, autocapture_events: 501 })],
    },
    {
      why: 'an action',
      met: false,
      clear: true,
      account: traits({ actions_defined: 1 }),
      events: [usage(2, { events: 1000, autocapture_events: 900 })],
    },
    {
      why: '45 %, where it does not end yet',
      met: false,
      clear: false,
      account: traits({ actions_defined: 0 }),
      events: [usage(2, { events: 1000, autocapture_events: 450 })],
    },
    {
      why: 'fewer than 1,000 events',
      met: null,
      account: traits({ actions_defined: 0 }),
      events: [usage(2, { events: 999, autocapture_events: 999 })],
    },
    {
      why: 'nobody told how many actions there are',
      met: null,
      events: [usage(2, { events: 1000, autocapture_events: 999 })],
    },
  ],
  identify_share_high: shareCases('identify_events'),
  group_identify_share_high: shareCases('group_identify_events'),
  sdk_outdated: [
    { why: 'exactly 3 months', met: false, account: traits({ sdk_months_behind: 3 }) },
    { why: 'a little more', met: true, account: traits({ sdk_months_behind: '3.1' }) },
    { why: 'not told', met: null },
  ],
  legacy_teams_package: [
    { why: 'it is not', met: false, account: traits({ legacy_teams_package: false }) },
    { why: 'it is', met: true, account: traits({ legacy_teams_package: true }) },
    { why: 'not told', met: null },
  ],
  replay_without_minimum_duration: [
    {
      why: 'a second',
      met: false,
      account: traits({ replay_minimum_seconds: 1 }),
      events: [usage(2, { recordings: 5 })],
    },
    { why: 'none', met: true, account: traits({ replay_minimum_seconds: 0 }), events: [usage(29, { recordings: 1 })] },
    {
      why: 'none, and nothing is recorded',
      met: false,
      account: traits({ replay_minimum_seconds: 0 }),
      events: [usage(2, { recordings: 0 })],
    },
    { why: 'not told', met: null, events: [usage(2, { recordings: 5 })] },
  ],
};
