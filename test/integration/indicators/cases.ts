import { addDays } from '../../../src/days.ts';
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
    { why: 'never a word of payments', met: false, events: did('signed in', 1) },
    { why: 'an account that never sent anything', met: null },
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
