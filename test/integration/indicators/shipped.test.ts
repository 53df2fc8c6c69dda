import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '../../../src/days.ts';
import { countEvents } from '../../../src/db/count-events.ts';
import { findIndicatorAccounts, findWeekOfScores } from '../../../src/db/indicator-standings.ts';
import { readRule, type Values } from '../../../src/indicators/evaluate.ts';
import { findChanges, isFor } from '../../../src/indicators/find-changes.ts';
import { invoiceValues } from '../../../src/indicators/invoice-metrics.ts';
import { scoreValues } from '../../../src/indicators/score-metrics.ts';
import type { Indicator, Reading, Rule } from '../../../src/indicators/types.ts';
import { computeMetricsForDays } from '../../../src/metrics/compute.ts';
import { equationsOf } from '../../../src/playbook/equations.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';
import type { Playbook } from '../../../src/playbook/types.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { makeInvoiceToRead } from '../../invoice-factories.ts';
import { store } from '../metrics/scenario.ts';
import { type Case, cases, now, today } from './cases.ts';

const packs = ['product-usage', 'new-vs-established', 'by-segment'];
const all = Object.entries(cases).flatMap(([rule, list]) =>
  list.map((each, place) => ({ rule, id: `${rule} ${place}`, ...each })),
);

let test: TestDatabase;
let playbook: Playbook;
beforeAll(async () => {
  test = await createTestDatabase();
  playbook = await readPlaybook('product-usage');
  await storeCases();
});
afterAll(() => test.drop());

/** Each case is an account; another sends every event, so that none is one that nobody ever sent. */
async function storeCases(): Promise<void> {
  const names = new Set(playbook.uses.flatMap(({ kind, name }) => (kind === 'event' ? name : [])));
  const everything = [...names].map((name) => ({
    account: 'elsewhere',
    name,
    user: 'bob',
    at: '2025-01-01T09:00:00Z',
  }));
  await store(test.db, {
    accounts: [{ id: 'elsewhere' }, ...all.map(({ id, account: { segments, ...fields } = {} }) => ({ ...fields, id }))],
    events: [
      ...everything,
      ...all.flatMap(({ id, events = [] }) => events.map((event) => ({ ...event, account: id }))),
    ],
  });
  const segments = all.flatMap(({ id, account }) =>
    (account?.segments ?? []).map((segment) => ({ account_id: id, segment })),
  );
  await test.db.insertInto('account_segments').values(segments).execute();
  const imported = all.flatMap(({ id, imported: values = {} }) =>
    Object.entries(values).map(([metric, value]) => ({
      account_id: id,
      metric,
      day: today,
      value: JSON.stringify(value),
    })),
  );
  await test.db.insertInto('imported_metric_values').values(imported).execute();
  await test.db.insertInto('scores').values(all.flatMap(scoreRows)).execute();
}

function scoreRows({ id, scores = [] }: Case & { id: string }) {
  return scores.map(({ daysAgo, score, band, model = 'simple' }) => ({
    account_id: id,
    day: addDays(today, -daysAgo),
    model,
    model_hash: (model === 'simple' ? 'a' : 'b').repeat(64),
    reason: 'made up',
    score,
    band,
    coverage: score === null ? 0 : 1,
    breakdown: '[]',
    data_at: null,
    computed_at: now,
  }));
}

/** What every rule says of every account, by account and then by rule. */
async function readAll(): Promise<Map<string, Map<string, Reading>>> {
  const ids = all.map(({ id }) => id);
  const { list, computed } = playbook.indicators;
  const request = { accountIds: ids, days: [today], now, timeZone: 'UTC' };
  const metrics = (await computeMetricsForDays(test.db, computed, request)).get(today);
  const scores = await findWeekOfScores(test.db, ids, today);
  const found = new Map<string, Map<string, Reading>>();
  for (const account of await findIndicatorAccounts(test.db, ids)) {
    const week = scores.get(account.id) ?? [];
    const score = scoreValues(
      week.find(({ day }) => day === today) ?? null,
      week.filter(({ day }) => day < today),
    );
    const values: Values = { ...metrics?.get(account.id)?.values, ...score };
    const given = all.find(({ id }) => id === account.id)?.invoice;
    const invoice = given ? makeInvoiceToRead(given) : null;
    const readings = list.flatMap((indicator) =>
      rulesFor(indicator, invoice !== null).map((rule): [string, Reading] => {
        const known =
          rule.forEach && invoice ? { ...values, ...invoiceValues(invoice, { day: today, timeZone: 'UTC' }) } : values;
        const { met, clear } =
          isFor(indicator, account) && !(rule.forEach && !invoice) ? readRule(rule, known) : { met: null, clear: null };
        return [keyOf(indicator.id, rule.subject), { met, clear }];
      }),
    );
    found.set(account.id, new Map(readings));
    const invoices = invoice && [invoice];
    const read = { account, values, dataAt: null, standing: () => undefined, invoices };
    const { opened } = findChanges(list, read, { now, day: today });
    // Nothing fires but what is met.
    const isMet = readings.filter(([, { met }]) => met).map(([rule]) => rule);
    const subjectOf = (subject: string) => (subject === invoice?.label ? '' : subject);
    expect(opened.map(({ indicator, subject }) => keyOf(indicator, subjectOf(subject))).sort()).toEqual(isMet.sort());
  }
  return found;
}

/** Of an indicator that is read of each invoice and of accounts without any, the one of the two. */
function rulesFor({ rules }: Indicator, hasInvoice: boolean): readonly Rule[] {
  return rules.length > 1 && rules.some(({ forEach }) => forEach !== null)
    ? rules.filter(({ forEach }) => (forEach !== null) === hasInvoice)
    : rules;
}

const keyOf = (indicator: string, subject: string) => (subject === '' ? indicator : `${indicator}: ${subject}`);

describe.each(['read from the events', 'put together from what was counted of them a day'])(
  'a shipped rule, %s,',
  (way) => {
    let readings: Map<string, Map<string, Reading>>;
    beforeAll(async () => {
      if (way !== 'read from the events') {
        await countEvents(test.db, { metrics: equationsOf(playbook), timeZone: 'UTC', now });
        // So that nothing can come from them.
        await test.db.deleteFrom('events').execute();
      }
      readings = await readAll();
    });

    it.each(all)('$rule: $why: $met', ({ id, rule, met, clear = met === null ? null : !met }) => {
      expect(readings.get(id)?.get(rule)).toEqual({ met, clear });
    });
  },
);

describe.each(packs)('the pack %s', (pack) => {
  it('has cases for each rule: one that is met, one that is not, and one without data', async () => {
    const { indicators } = await readPlaybook(pack);
    const rules = indicators.list.flatMap((indicator) =>
      rulesFor(indicator, true).map(({ subject }) => keyOf(indicator.id, subject)),
    );
    expect(Object.keys(cases).sort()).toEqual(rules.sort());
    for (const rule of rules) {
      expect([rule, ...new Set(cases[rule]?.map(({ met }) => String(met)))].sort()).toEqual(
        [rule, 'false', 'null', 'true'].sort(),
      );
    }
  });
});
