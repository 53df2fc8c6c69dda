import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPlaybook } from '../../../src/playbook/read.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { makePack } from '../../pack.ts';
import { computeMetrics, store } from './scenario.ts';

const ours = resolve(import.meta.dirname, '../../../examples/own-names');

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  const ticket = (name: string, at: string, severity: string) => ({ name, at, properties: { severity } });
  const page = (user: string, at: string, name: string) => ({ name: 'Viewed Page', user, at, properties: { name } });
  await store(test.db, {
    accounts: [{ traits: { products: 7, product_count: 1, last_meeting: '2026-03-21' } }],
    events: [
      { name: 'Insight Saved', user: 'ann', at: '2026-03-30T09:00:00Z' },
      { name: 'Dashboard Opened', user: 'bob', at: '2026-03-30T09:00:00Z' },
      page('cem', '2026-03-30T09:00:00Z', 'Shared Dashboard'),
      page('dee', '2026-03-30T09:00:00Z', 'Settings'),
      { name: 'insight created', user: 'eve', at: '2026-03-30T09:00:00Z' }, // not what we call it
      { name: 'docs visited', user: 'ann', at: '2026-03-29T09:00:00Z' },
      { name: 'Help Opened', user: 'ann', at: '2026-03-31T09:00:00Z' },
      ticket('Ticket Opened', '2026-03-10T09:00:00Z', 'P1'),
      ticket('Ticket Opened', '2026-03-11T09:00:00Z', 'critical'),
      ticket('Ticket Opened', '2026-03-12T09:00:00Z', 'P3'),
      ticket('Ticket Opened', '2026-03-12T09:00:00Z', 'urgent'), // not what we call it
      ticket('Ticket Closed', '2026-03-20T09:00:00Z', 'P1'),
      { name: 'usage reported', at: '2026-02-20T09:00:00Z', properties: { rowsSynced: 100 } },
      { name: 'usage reported', at: '2026-03-20T09:00:00Z', properties: { rowsSynced: 60, rows_synced: 1000 } },
      { name: 'NPS', user: 'ann', at: '2026-03-19T09:00:00Z', properties: { rating: 9 } },
      { name: 'CSAT', user: 'ann', at: '2026-03-20T09:00:00Z', properties: { score: '4' } },
      { name: 'Report Exported', user: 'ann', at: '2026-03-20T09:00:00Z' },
    ],
  });
});
afterAll(() => test.drop());

async function metricsOn(day: string, pack: string) {
  const { metrics } = await readPlaybook(pack);
  const request = { accountIds: ['acme'], day, now: new Date('2026-03-31T12:00:00Z'), timeZone: 'UTC' };
  return (await computeMetrics(test.db, metrics, request)).get('acme')?.values;
}

/** An equation over the events, where names.yml is `names`. */
async function answerOf(equation: string, names: string) {
  const metric = `metrics:\n  - { id: asked, name: Asked, unit: number, equation: '${equation}' }\n`;
  const folder = makePack({
    'pack.yml': 'name: A\nextends: product-usage\n',
    'models/small.yml': null,
    'metrics.yml': metric,
    'names.yml': names,
  });
  return (await metricsOn('2026-03-31', folder))?.asked;
}

describe('a property that two events call differently', () => {
  const names = `events:
  asked one: { event: NPS, properties: { score: rating } }
  asked two: CSAT
`;
  it.each([
    ['latest(["asked one", "asked two"], "score")', 4],
    ['sum(["asked one", "asked two"], "score", 30)', 13],
    ['average(["asked two", "asked one"], "score", 30)', 6.5],
    ['distinct(["asked one", "asked two"], "score", 30)', 2],
    ['sum("asked one", "score", 30)', 9],
    ['count(event("asked one", {"score": 9}), 30)', 1],
  ])('is read of both: %s is %d', async (equation, value) => {
    expect(await answerOf(equation, names)).toBe(value);
  });
});

describe('a pack with a deployment’s own names', () => {
  it('reads the events and traits as they were sent', async () => {
    expect(await metricsOn('2026-03-31', ours)).toMatchObject({
      users_engaging_features: 3, // ann, bob and cem
      docs_visits_7d: 2, // under both names
      tickets_created_30d: 4,
      urgent_tickets_unresolved: 1, // P1 and critical, less P1
      rows_synced_30d_decrease: 40,
      product_count: 7,
      days_since_last_meeting: 10, // by an equation of our own
      exports_30d: 1,
    });
  });

  it('reads those of the past as well', async () => {
    expect(await metricsOn('2026-03-15', ours)).toMatchObject({ urgent_tickets_unresolved: 2, tickets_created_30d: 4 });
  });

  it('has no data, where the pack itself would, of what is called otherwise', async () => {
    expect(await metricsOn('2026-03-31', 'product-usage')).toMatchObject({
      users_engaging_features: 1, // eve
      docs_visits_7d: 1,
      tickets_created_30d: null,
      urgent_tickets_unresolved: null,
      product_count: 1,
      days_since_last_meeting: null,
    });
  });
});
