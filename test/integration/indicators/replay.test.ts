import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addDays, daysFrom } from '../../../src/days.ts';
import { upsertScores } from '../../../src/db/scores.ts';
import { type Replay, type ReplayRequest, replayRule } from '../../../src/indicators/replay.ts';
import { type RuleChanges, readRuleToTry } from '../../../src/indicators/rule-to-try.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';
import type { Playbook } from '../../../src/playbook/types.ts';
import { packWith, startEvaluating } from '../../alerting.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount, insertEvents } from '../../factories.ts';
import { makePack } from '../../pack.ts';

const to = '2026-11-21';
const from = addDays(to, -29);
const dayAt = (place: number) => addDays(from, place);

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

/** Replays 30 days. */
async function replay(
  playbook: Playbook,
  rule: string,
  { accountIds = ['acme'], ...request }: Partial<ReplayRequest> = {},
  changes: RuleChanges = {},
): Promise<Replay> {
  return replayRule(database.db, readRuleToTry(playbook, rule, changes), {
    accountIds,
    from,
    to,
    now: new Date(`${to}T12:00:00Z`),
    timeZone: 'UTC',
    mostFirings: 100,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...request,
  });
}

/** Values of the metric `level` for the days from the first on; null is no data. */
async function importLevels(account: string, values: readonly (number | null)[]): Promise<void> {
  const rows = values.flatMap((value, place) =>
    value === null ? [] : [{ account_id: account, metric: 'level', day: dayAt(place), value: JSON.stringify(value) }],
  );
  if (rows.length > 0) await database.db.insertInto('imported_metric_values').values(rows).execute();
}

const spans = ({ firings }: Replay) =>
  firings.map(({ account, from: began, to: ended }) => `${account.id} ${began} ${ended ?? 'now'}`).sort();

const level = (more = '') =>
  packWith(`indicators:
  - { id: high, name: High, kind: risk, says: High, action: Look, when: metric("level") > 10${more} }
`);

describe('a replay', () => {
  test('tells when the rule would have fired, from and to which day, and with what figure', async () => {
    await insertAccount(database.db, { id: 'acme', name: 'Acme Corp' });
    await importLevels('acme', [12, 9, 9, 11, 11, 10, 15]);
    const found = await replay(await level(), 'high');
    // The last value stands for 35 days.
    expect(spans(found)).toEqual([
      `acme ${dayAt(0)} ${dayAt(1)}`,
      `acme ${dayAt(3)} ${dayAt(5)}`,
      `acme ${dayAt(6)} now`,
    ]);
    expect(found).toMatchObject({
      accounts: 1,
      withData: 1,
      times: 3,
      already: 1,
      open: 1,
      medianDays: 1.5,
      churned: 0,
    });
    expect(found.firings[0]).toMatchObject({
      account: { id: 'acme', name: 'Acme Corp', currency: 'USD' },
      already: false,
      figures: [{ text: 'metric("level")', value: 15, operator: '>', threshold: 10 }],
    });
    expect(found.firings.at(-1)).toMatchObject({ already: true });
  });

  test('is what the evaluation does day by day, whatever the rule and the data are', async () => {
    const values = fc.array(fc.constantFrom<number | null>(6, 8, 9, 10, 11, 20, null), {
      minLength: 30,
      maxLength: 30,
    });
    const sample = fc.sample(
      fc.record({ values, inARow: fc.integer({ min: 1, max: 3 }), coolDown: fc.integer({ min: 0, max: 5 }) }),
      {
        numRuns: 12,
        seed: 4,
      },
    );
    for (const [run, { inARow, coolDown, ...series }] of sample.entries()) {
      const id = `account-${run}`;
      await insertAccount(database.db, { id });
      await importLevels(id, series.values);
      const more = `, clears_when: metric("level") < 8, evaluations_in_a_row: ${inARow}, cool_down_days: ${coolDown}`;
      const pack = await level(more);
      const live = await startEvaluating(database.db, pack, `${from}T12:00:00Z`);
      for (const day of daysFrom(from, to)) {
        live.at(`${day}T12:00:00Z`);
        await live.evaluate([id]);
      }
      const alerts = await database.db.selectFrom('alerts').selectAll().where('account_id', '=', id).execute();
      const day = (at: Date) => at.toISOString().slice(0, 10);
      const really = alerts.map((alert) =>
        [id, day(alert.opened_at), alert.state === 'resolved' ? day(alert.changed_at) : 'now'].join(' '),
      );
      expect(spans(await replay(pack, 'high', { accountIds: [id] }))).toEqual(really.sort());
    }
    expect(await database.db.selectFrom('alerts').select('id').execute()).not.toEqual([]);
  });

  test('takes another end, volume, row and cool-down', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await importLevels('acme', [11, 9, 11, 9, 11, 12, 9, 7, 11, 7]);
    const pack = await level();
    const tried = async (changes: RuleChanges) => (await replay(pack, 'metric("level") > 10', {}, changes)).times;
    expect(await tried({})).toBe(4);
    expect(await tried({ clearsWhen: 'metric("level") < 8' })).toBe(2);
    expect(await tried({ minimumVolume: 'metric("level") > 11' })).toBe(1);
    expect(await tried({ inARow: 2 })).toBe(1);
    expect(await tried({ coolDown: 3 })).toBe(2);
  });

  test('computes the past of metrics along, so that nothing need be stored', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const logins = (place: number, count: number) =>
      Array.from({ length: count }, (_, n) => ({
        account_id: 'acme',
        id: `${place} ${n}`,
        name: 'login',
        occurred_at: `${dayAt(place)}T09:00:00Z`,
      }));
    await insertEvents(database.db, [...logins(-3, 10), ...logins(1, 8), ...logins(9, 1)]);
    const folder = makePack({
      'metrics.yml': 'metrics:\n  - { id: logins, name: L, unit: number, equation: \'count("login", 7)\' }\n',
    });
    const found = await replay(await readPlaybook(folder), 'percent_decrease("logins", 7) > 20');
    // From 10 to 8 is just 20 %. On the 8th day there are none after 18, on the 16th none after 1, and then none after none.
    expect(spans(found)).toEqual([`acme ${dayAt(8)} ${dayAt(15)}`, `acme ${dayAt(16)} now`]);
    expect(await database.db.selectFrom('metric_values').select('metric').execute()).toEqual([]);
  });

  test('reads the score of the day and of the week before', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const pack = await level();
    const score = (points: number) => ({
      ...{ account: 'acme', model: 'plain', modelHash: 'a'.repeat(64), reason: '', score: points, coverage: 1 },
      ...{ band: points < 7 ? ('concerning' as const) : ('healthy' as const), dimensions: [], dataAt: null },
    });
    for (const [place, points] of [9, 9, 7.5, 7.4, 7.4].entries()) {
      await upsertScores(database.db, dayAt(place - 2), [score(points)], new Date(`${dayAt(place)}T12:00:00Z`));
    }
    const found = await replay(pack, 'metric("health_points_lost_7d") > 1.5 || metric("health_bands_lost_7d") > 0');
    expect(spans(found)).toEqual([`acme ${dayAt(1)} now`]);
    expect(found.firings[0]?.figures[0]).toMatchObject({ value: 1.6, threshold: 1.5 });
  });

  test('tells who churned, and how long before it fired', async () => {
    const churned = (id: string, day: string | null, segments: string[] = []) =>
      insertAccount(database.db, { id, traits: JSON.stringify(day === null ? {} : { churned_at: day }) }).then(
        async () => {
          if (segments.length > 0)
            await database.db
              .insertInto('account_segments')
              .values(segments.map((segment) => ({ account_id: id, segment })))
              .execute();
        },
      );
    await churned('warned', dayAt(20));
    await importLevels('warned', [9, 9, 11]);
    await churned('too-late', dayAt(1));
    await importLevels('too-late', [9, 11]);
    await churned('missed', `${dayAt(5)}T10:00:00Z`);
    await importLevels('missed', [9]);
    await churned('undated', null, ['churned']);
    await importLevels('undated', [9, 11]);
    await churned('stays', addDays(to, 30));
    await importLevels('stays', [11]);
    await churned('long-gone', addDays(from, -1));
    await importLevels('long-gone', [11]);
    const accountIds = ['warned', 'too-late', 'missed', 'undated', 'stays', 'long-gone'];
    const found = await replay(await level(), 'high', { accountIds });
    expect(found).toMatchObject({ accounts: 5, churned: 4, churnedAfter: 2, undated: 1, medianNotice: 18, times: 3 });
    expect([...found.firedFor].sort()).toEqual(['stays', 'undated', 'warned']);
    // It ended with the account.
    expect(spans(found)).toContain(`warned ${dayAt(2)} ${dayAt(20)}`);
    expect((await replay(await level(', churned_accounts: true'), 'high', { accountIds })).times).toBe(5);
  });

  test('looks only at accounts that it is for, and at days on which they were there', async () => {
    for (const id of ['acme', 'globex', 'young'])
      await insertAccount(database.db, { id, created_at: id === 'young' ? `${dayAt(9)}T10:00:00Z` : null });
    await database.db.insertInto('account_segments').values({ account_id: 'globex', segment: 'Trial' }).execute();
    for (const id of ['acme', 'globex', 'young']) await importLevels(id, [11]);
    const found = await replay(await level(', except_segments: [trial]'), 'high', {
      accountIds: ['acme', 'globex', 'young', 'gone'],
    });
    expect(found).toMatchObject({ accounts: 2, already: 1 });
    expect(spans(found)).toEqual([`acme ${dayAt(0)} now`, `young ${dayAt(9)} now`]);
  });

  test('keeps the newest times only, and ends when it is interrupted', async () => {
    const accountIds = Array.from({ length: 90 }, (_, index) => `a-${String(index).padStart(3, '0')}`);
    for (const [place, id] of accountIds.entries()) {
      await insertAccount(database.db, { id });
      await importLevels(id, [...Array.from({ length: place % 25 }, () => 1), 11]);
    }
    const pack = await level();
    const found = await replay(pack, 'high', { accountIds, mostFirings: 5 });
    expect(found).toMatchObject({ times: 90, accounts: 90 });
    expect(spans(found)).toEqual(
      ['a-024', 'a-049', 'a-074', 'a-023', 'a-048']
        .map((id, place) => `${id} ${dayAt(place < 3 ? 24 : 23)} now`)
        .sort(),
    );
    const aborter = new AbortController();
    const asked = { accountIds, signal: aborter.signal, onProgress: () => aborter.abort() };
    const cut = await replay(pack, 'high', asked);
    expect(cut.interrupted).toBe(true);
    expect(cut.accounts).toBeLessThan(90);
    expect(cut.accounts).toBeGreaterThan(0);
  });
});
