import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertMessage } from '../../../blocks/alert-message.ts';
import { invoiceLine } from '../../../blocks/invoice-lines.ts';
import { PICK_PAYMENT_RISK, readRisk, readRiskChoice, riskForm } from '../../../blocks/payment-risk.ts';
import { checkBlocks, checkView } from '../../../simulator/blocks.ts';
import type { AlertFact } from '../../../src/db/alert-facts.ts';
import type { AlertView } from '../../../src/db/alert-view.ts';
import type { InvoiceView } from '../../../src/db/invoice-view.ts';
import type { Figure } from '../../../src/indicators/types.ts';
import { hostileText } from '../../hostile.ts';
import { makeAlertView, makeEvidence, makeIndicator, makeIndicators, makeMessageView } from '../../indicators.ts';
import { makeInvoiceView } from '../../invoice-factories.ts';
import { createTestPlaybook } from '../../playbook.ts';
import { makeRule } from '../indicators/rules.ts';

const rules = [makeRule('metric("invoice_amount") > 1000', { forEach: 'invoice', says: null })].map((rule) => ({
  ...rule,
  saidUnits: { invoice_usual: 'money' as const },
}));
const indicator = makeIndicator({ rules, says: '{value} comes (usually {invoice_usual}, MRR {nps})', action: 'Call.' });
const pack = { ...createTestPlaybook(), indicators: makeIndicators([indicator]) };
const context = { pack, now: new Date('2026-11-24T10:00:00Z'), today: '2026-11-24' };
const at = new Date('2026-11-23T10:00:00Z');

function alertOf(invoice: Partial<InvoiceView> | null, more: Partial<AlertView> = {}): AlertView {
  const { currency = 'USD', total = 1_200 } = invoice ?? {};
  const figure: Partial<Figure> = {
    text: 'metric("invoice_amount")',
    metric: 'invoice_amount',
    unit: 'money',
    value: total,
    threshold: 1000,
  };
  const mark = { id: 'in_7', currency, shown: 'x', at: at.toISOString() };
  const evidence = makeEvidence(figure, { invoice: mark, said: { invoice_usual: 700.5 } });
  return makeAlertView({ subject: 'INV-7', evidence, invoice: invoice && makeInvoiceView(invoice), ...more });
}

const draw = (invoice: Partial<InvoiceView> | null, more: Partial<AlertView> = {}) =>
  alertMessage(makeMessageView([alertOf(invoice, more)]), context);
const said = (invoice: Partial<InvoiceView> | null, more: Partial<AlertView> = {}) =>
  JSON.stringify(draw(invoice, more).blocks);

describe('the card of an invoice', () => {
  it.each([
    ['USD', 1_200.5, '$1,200.50 comes (usually $700.50', 'threshold: more than $1,000'],
    ['JPY', 120_000, '¥120,000 comes (usually ¥701', 'threshold: more than ¥1,000'],
    ['KWD', 1_200.125, 'KWD 1,200.125 comes (usually KWD 700.500', 'threshold: more than KWD 1,000'],
  ])('has its figures in its own currency: %s', (currency, total, sentence, threshold) => {
    const text = said({ currency, total, remaining: total }).replaceAll('\u00a0', ' ');
    expect(text).toContain(sentence);
    expect(text).toContain(threshold);
  });

  it('says what was tried, what is next, and what is still to be paid', () => {
    const nextAttemptAt = new Date('2026-11-27T09:00:00Z');
    const text = said({
      isFailed: true,
      attempts: 2,
      remaining: 200,
      fault: 'Declined *now*',
      nextAttemptAt,
      dueDay: '2026-11-20',
    });
    expect(text).toContain('INV-7: *$200* of $1,200 open · was due 20 Nov 2026 (4 days ago)');
    expect(text).toContain('2 attempts failed: Declined ∗now∗');
    expect(text).toContain('Next attempt <!date^');
  });

  it('says that nothing is tried any more, that the customer has to confirm, and that it is disputed', () => {
    const text = said({ isFailed: true, needsAction: true, isDisputed: true });
    expect(text).toContain('A payment failed');
    expect(text).toContain('No further attempt is planned');
    expect(text).toContain('The customer has to confirm the payment');
    expect(text).toContain('The customer disputes the payment');
  });

  it('says when one comes, and links to its page where that is of the web', () => {
    expect(said({ status: 'upcoming', comesDay: '2026-12-01' })).toContain('comes 1 Dec 2026 (in 7 days)');
    expect(said({ url: 'https://invoice.stripe.com/i/1?a=1&b=|' })).toContain(
      '<https://invoice.stripe.com/i/1?a=1&amp;b=%7C|INV-7>',
    );
    expect(said({ url: 'javascript:alert(1)' })).not.toContain('javascript');
  });

  it('says the day of one that comes once, where it is called by that', () => {
    const text = said({ label: 'coming 1 Dec 2026', status: 'upcoming', comesDay: '2026-12-01' });
    expect(text).toContain('🧾 coming 1 Dec 2026: *$1,200* in 7 days');
  });

  it('has the payment risk and its menu, with a way back where something was said', () => {
    const risk = { risk: 'unlikely' as const, note: 'They <!channel> closed', by: 'U01MAYALIND', at };
    const text = said({ risk });
    expect(text).toContain('🔴 Payment risk: *Unlikely to be paid*: “They &lt;!channel&gt; closed” (<@U01MAYALIND>');
    const values = (given: string) => given.match(/(?<="value":")7 (?!change)[a-z_]+/g);
    expect(values(text)).toEqual(['7 likely', '7 at_risk', '7 unlikely', '7 clear']);
    expect(values(said({}))).toEqual(['7 likely', '7 at_risk', '7 unlikely']);
    expect(said(null)).not.toContain(PICK_PAYMENT_RISK);
  });

  it.each<[string, Partial<InvoiceView> | null, InvoiceView | null, string]>([
    ['paid', { status: 'paid', paidDay: '2026-11-23' }, null, '*paid on 23 Nov 2026*, $1,200.'],
    [
      'paid and disputed',
      { status: 'paid', paidDay: '2026-11-23', isDisputed: true },
      null,
      '*paid on 23 Nov 2026*, $1,200, and is disputed.',
    ],
    ['paid before', { status: 'paid', paidDay: '2026-11-20' }, null, 'it no longer holds.'],
    ['voided', { status: 'void' }, null, '*voided*, nothing is to be paid.'],
    ['given up', { status: 'uncollectible' }, null, 'it was given up as uncollectible.'],
    ['open', {}, null, 'it no longer holds.'],
    ['gone', null, null, 'the invoice is no longer there.'],
    ['made', null, makeInvoiceView({ label: 'INV-8' }), 'it was made as INV-8: *$1,200* open.'],
    [
      'just made',
      null,
      makeInvoiceView({ label: 'in_8', status: 'draft' }),
      'it was made, $1,200, and is about to be charged or sent.',
    ],
  ])('tells when it is over what became of it: %s', (_, invoice, madeAs, words) => {
    const text = said(invoice, { state: 'resolved', resolution: 'cleared', madeAs });
    expect(text).toContain(`*Resolved* after 3 days: ${words}`);
  });

  it('keeps the payment risk when it is over, and says otherwise why where the rule does not apply', () => {
    const risk = { risk: 'likely' as const, note: null, by: 'U01MAYALIND', at };
    const text = said({ status: 'paid', risk }, { state: 'resolved', resolution: 'excluded' });
    expect(text).toContain('🟢 Payment risk: *Likely to be paid* (<@U01MAYALIND>');
    expect(text).toContain('the rule no longer applies to this account');
  });

  it('does not call a boolean figure that changed a value', () => {
    const evidence = makeEvidence({ text: 'x', unit: 'boolean', value: true, operator: '==', threshold: true });
    const latest = makeEvidence({ text: 'x', unit: 'boolean', value: false, operator: '==', threshold: true });
    expect(JSON.stringify(alertMessage(makeMessageView([makeAlertView({ evidence, latest })]), context))).not.toContain(
      'By now',
    );
  });
});

describe('an invoice among several alerts', () => {
  const listed = (invoice: Partial<InvoiceView>, more: Partial<AlertView> = {}) =>
    JSON.stringify(
      alertMessage(makeMessageView([alertOf(invoice, more), makeAlertView({ id: 8 })], { kind: 'group' }), context)
        .blocks,
    );
  const risk = { risk: 'at_risk' as const, note: 'Waits', by: 'U01MAYALIND', at };

  it('has how it stands, with what is expected, and the form for that in its menu', () => {
    const text = listed({ isFailed: true, attempts: 2, risk });
    expect(text).toContain('🧾 INV-7: *$1,200* open · 2 attempts failed · 🟡 At risk');
    expect(text).toContain('"risk 7"');
    expect(text).not.toContain('"risk 8"');
  });

  it('has when it is over what became of it', () => {
    const text = listed({ status: 'paid', paidDay: '2026-11-23', risk }, { state: 'resolved', resolution: 'cleared' });
    expect(text).toContain('*paid on 23 Nov 2026*, $1,200.');
    expect(text).toContain('Payment risk: *At risk*: “Waits”');
    expect(text).not.toContain('🧾');
  });
});

describe('what helps to know', () => {
  const earlier = [
    { label: 'INV-6', day: '2026-10-01', total: 110 },
    { label: 'INV-5', day: '2026-09-01', total: 100 },
    { label: 'INV-4', day: '2026-08-01', total: 90.1 },
  ];
  const fact = (each: AlertFact) => said({}, { facts: [each] });

  it('has the last invoices with their mean', () => {
    expect(fact({ kind: 'usual', currency: 'USD', total: 160, mean: 100.0333333, earlier })).toContain(
      'The last 3: $110 (1 Oct 2026), $100 (1 Sep 2026), $90.10 (1 Aug 2026); mean *$100.03*, this one +60%',
    );
    expect(fact({ kind: 'usual', currency: 'USD', total: 160, mean: null, earlier: [] })).toContain('before: none');
  });

  it('has what drives it, the largest difference first', () => {
    const lines = [
      { what: 'Events', now: 900, before: 300 },
      { what: 'Seats', now: 0, before: 100 },
      { what: 'Replay', now: 50, before: 0 },
      { what: 'Flags', now: 10, before: 0 },
    ];
    const last = { label: 'INV-6', day: '2026-10-01' };
    expect(fact({ kind: 'lines', currency: 'USD', last, lines })).toContain(
      'What drives it, against 1 Oct 2026: Events +$600 ($300 to $900); Seats −$100 ($100 to $0); Replay +$50 ($0 to $50); 1 more',
    );
    expect(fact({ kind: 'lines', currency: 'EUR', last: null, lines })).toContain('What is in it: Events €900; ');
  });

  it('has a metric that is days as the date', () => {
    const metric = { kind: 'metric', metric: 'nps', as: 'date', day: '2026-11-23', value: 8.9, weekBefore: 9 } as const;
    expect(fact(metric)).toContain('NPS: *1 Dec 2026* (in 7 days)');
  });
});

it('an invoice in one line has its risk', () => {
  const risk = { risk: 'at_risk' as const, note: 'Long', by: 'U1', at };
  expect(invoiceLine(makeInvoiceView({ isFailed: true, attempts: 3, dueDay: '2026-11-24', risk }), '2026-11-24')).toBe(
    'INV-7: *$1,200* open · due 24 Nov 2026 (today) · 3 attempts failed · 🟡 At risk',
  );
});

it('every message of an invoice is one that Slack takes, whatever stands in it', () => {
  const view = fc.record({
    label: hostileText(100),
    note: hostileText(1000),
    fault: hostileText(500),
    url: fc.option(
      hostileText(300).map((text) => `https://x.example/${text}`),
      { nil: null },
    ),
    state: fc.constantFrom('active' as const, 'resolved' as const),
    lines: fc.array(
      fc.record({
        what: hostileText(200),
        now: fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
        before: fc.constant(1),
      }),
      { maxLength: 20 },
    ),
  });
  fc.assert(
    fc.property(view, ({ label, note, fault, url, state, lines }) => {
      const risk = { risk: 'at_risk' as const, note: note.slice(0, 1000), by: 'U1', at };
      const invoice = makeInvoiceView({
        label: label.slice(0, 100) || 'x',
        fault,
        url,
        risk,
        isFailed: true,
        needsAction: true,
      });
      const facts: AlertFact[] = [
        { kind: 'lines', currency: 'USD', last: null, lines },
        { kind: 'usual', currency: 'KWD', total: 5, mean: 4, earlier: [{ label, day: '2026-10-01', total: 4 }] },
      ];
      const message = draw(invoice, { state, facts, resolution: state === 'resolved' ? 'cleared' : null });
      expect(checkBlocks(message.blocks, () => true)).toMatchObject({ ok: true });
      expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(12_000);
      const form = riskForm({ account: { name: label }, invoice }, { risk: 'likely' });
      expect(checkView(form, () => true)).toMatchObject({ ok: true });
    }),
    { numRuns: 200 },
  );
});

describe('what comes back from the payment risk', () => {
  it.each([
    ['7 likely', { alertId: 7, risk: 'likely' }],
    ['7 clear', { alertId: 7, risk: 'clear' }],
    ['7 never', null],
    ['x likely', null],
    ['7', null],
  ])('%s', (value, read) => {
    expect(readRiskChoice(value)).toEqual(read);
  });

  it('is a choice and a note that the database can hold', () => {
    const fields = (risk: string | null, note: string | null) => ({
      payment_risk: { payment_risk: { selected_option: risk === null ? null : { value: risk } } },
      payment_risk_note: { payment_risk_note: { value: note } },
    });
    expect(readRisk(fields('likely', '  '))).toEqual({ risk: 'likely', note: null });
    expect(readRisk(fields('likely', 'a\0b'))).toEqual({ risk: 'likely', note: 'ab' });
    expect(readRisk(fields('likely', 'x'.repeat(2000)))).toEqual({ risk: 'likely', note: 'x'.repeat(1000) });
    expect(readRisk(fields('clear', null))).toEqual({ risk: 'clear', note: null });
    expect(readRisk(fields(null, 'x'))).toEqual({ errors: { payment_risk: 'Please choose one.' } });
    expect(readRisk({})).toEqual({ errors: { payment_risk: 'Please choose one.' } });
  });
});
