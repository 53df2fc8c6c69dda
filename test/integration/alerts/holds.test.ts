import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endHold, findHolds } from '../../../src/db/alert-holds.ts';
import { type Evaluating, packWith, startEvaluating } from '../../alerting.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';

const accounts = Array.from({ length: 10 }, (_, index) => `account-${index}`);

let database: TestDatabase;
let run: Evaluating;

const at = (minute: number) => new Date(Date.UTC(2026, 10, 2, 9, minute)).toISOString();

const indicator = (id: string, metric: string) =>
  `  - { id: ${id}, name: ${id}, kind: risk, says: 'It is {value}', action: Look, task: Look into it, when: 'metric("${metric}") > 10' }`;

/** Two indicators; more than 30% of the accounts, and at least three, are a flood. */
beforeEach(async () => {
  database = await createTestDatabase();
  for (const id of accounts) await insertAccount(database.db, { id, csm_email: 'maya@bellwether.example' });
  const pack = await packWith(`delivery: { hold_above_percent: 30, hold_from_accounts: 3 }
indicators:
${indicator('level_high', 'level')}
${indicator('other_high', 'other')}
`);
  run = await startEvaluating(database.db, pack, at(0));
  await setAll('level', 1, accounts.length);
  await setAll('other', 1, accounts.length);
  await run.evaluate();
});
afterEach(() => database.drop());

async function setAll(metric: string, value: number, count: number): Promise<void> {
  for (const id of accounts.slice(0, count)) await run.set(id, metric, value);
}

const messages = () =>
  database.db.selectFrom('messages').select(['kind', 'status', 'version', 'hold_id', 'notice']).orderBy('id').execute();
const alertMessages = async () => (await messages()).filter(({ kind }) => kind === 'alert');
const end = (id: number, outcome: 'released' | 'discarded', time: string) =>
  endHold(database.db, id, outcome, { now: new Date(time), taskDue: '2026-11-04' });
const openCount = async () =>
  (await database.db.selectFrom('alerts').select('id').where('state', '<>', 'resolved').execute()).length;

describe('a run in which many accounts change', () => {
  test('sends as long as it is not more than the share', async () => {
    await setAll('level', 12, 3);
    run.at(at(1));
    expect(await run.evaluate()).toMatchObject({ opened: 3, held: null });
    expect(await findHolds(database.db)).toEqual([]);
  });

  test('sends nothing when it is more, and tells the operator what and how to release it', async () => {
    await setAll('level', 12, 4);
    run.at(at(1));
    const { opened, held } = await run.evaluate();
    expect(opened).toBe(4);
    expect(await alertMessages()).toEqual(
      Array.from({ length: 4 }, () => ({ kind: 'alert', status: 'waiting', version: 1, hold_id: held, notice: null })),
    );
    const notices = (await messages()).filter(({ kind }) => kind === 'notice');
    expect(notices).toMatchObject([{ hold_id: null, status: 'waiting' }]);
    expect(notices[0]?.notice).toContain('4 of 10 accounts');
    expect(notices[0]?.notice).toContain('level_high 4');
    expect(notices[0]?.notice).toContain(`bellwether indicators release ${held}`);
    expect(await findHolds(database.db)).toMatchObject([
      { id: held, changed: 4, accounts: 10, indicators: { level_high: 4 }, messages: 4 },
    ]);
  });

  test('is noticed also where it comes in several small runs', async () => {
    await setAll('level', 12, 5);
    for (const [minute, account] of accounts.slice(0, 5).entries()) {
      run.at(at(minute + 1));
      await run.evaluate([account]);
    }
    expect((await alertMessages()).map(({ hold_id }) => hold_id !== null)).toEqual([false, false, false, true, true]);
    expect(await findHolds(database.db)).toMatchObject([{ changed: 5 }]);
  });

  test('holds the same indicator back in later runs, and no other', async () => {
    await setAll('level', 12, 4);
    run.at(at(1));
    const { held } = await run.evaluate();
    await run.set('account-8', 'level', 12);
    await run.set('account-9', 'other', 12);
    run.at(at(30));
    expect(await run.evaluate()).toMatchObject({ opened: 2, held });
    const rows = await database.db
      .selectFrom('alerts')
      .innerJoin('messages', 'messages.id', 'message_id')
      .select(['account_id', 'hold_id'])
      .where('account_id', 'in', ['account-8', 'account-9'])
      .orderBy('account_id')
      .execute();
    expect(rows).toEqual([
      { account_id: 'account-8', hold_id: held },
      { account_id: 'account-9', hold_id: null },
    ]);
  });

  test('does not make other changes of the next minutes a part of it, nor does one that was discarded', async () => {
    await setAll('level', 12, 5);
    run.at(at(1));
    const { held } = await run.evaluate();
    await run.set('account-9', 'other', 12);
    run.at(at(2));
    expect(await run.evaluate()).toMatchObject({ opened: 1, held: null });
    await end(held as number, 'discarded', at(3));
    await run.set('account-8', 'other', 12);
    run.at(at(4));
    expect(await run.evaluate()).toMatchObject({ opened: 1, held: null });
    expect((await alertMessages()).filter(({ status }) => status === 'waiting')).toHaveLength(2);
  });

  test('tells of all that it holds back', async () => {
    await setAll('level', 12, 9);
    await run.set('account-9', 'other', 12);
    run.at(at(1));
    const { held } = await run.evaluate();
    expect(await findHolds(database.db)).toMatchObject([
      { id: held, changed: 10, indicators: { level_high: 9, other_high: 1 }, messages: 10 },
    ]);
    await run.set('account-8', 'other', 12);
    run.at(at(2));
    expect(await run.evaluate()).toMatchObject({ opened: 1, held: null });
  });

  test('opens no tasks before it is released', async () => {
    const tasks = async () => (await database.db.selectFrom('tasks').select('due').execute()).map(({ due }) => due);
    for (const [outcome, count] of [
      ['discarded', 0],
      ['released', 4],
    ] as const) {
      await setAll('level', 1, 10);
      run.at(at(outcome === 'released' ? 300 : 1));
      await run.evaluate();
      await setAll('level', 12, 4);
      run.at(at(outcome === 'released' ? 400 : 30));
      const { held } = await run.evaluate();
      expect(await tasks()).toEqual([]);
      await end(held as number, outcome, at(outcome === 'released' ? 401 : 31));
      expect(await tasks()).toEqual(Array.from({ length: count }, () => '2026-11-04'));
    }
  });

  test('that is released sends its messages, and what changes after it in the same way', async () => {
    await setAll('level', 12, 4);
    run.at(at(1));
    const { held } = await run.evaluate();
    expect(await end(held as number, 'released', at(2))).toBe('ended');
    expect(await end(held as number, 'discarded', at(2))).toBe('already');
    expect(await end(999, 'released', at(2))).toBe('unknown');
    expect((await alertMessages()).map(({ status, hold_id }) => [status, hold_id])).toEqual(
      Array.from({ length: 4 }, () => ['waiting', null]),
    );
    await setAll('level', 12, 9);
    run.at(at(3));
    expect(await run.evaluate()).toMatchObject({ opened: 5, held: null });
  });

  test('that is discarded sends nothing, and its alerts end in silence', async () => {
    await setAll('level', 12, 4);
    run.at(at(1));
    const { held } = await run.evaluate();
    await end(held as number, 'discarded', at(2));
    expect((await alertMessages()).map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'cancelled'));
    expect(await openCount()).toBe(4);
    await setAll('level', 1, 4);
    run.at(at(20));
    expect(await run.evaluate()).toMatchObject({ ended: 4, held: null });
    expect(await openCount()).toBe(0);
  });

  test('that ends many alerts leaves them open until it is released', async () => {
    await setAll('level', 12, 3);
    run.at(at(1));
    await run.evaluate();
    await setAll('level', 12, 6);
    run.at(at(30));
    await run.evaluate();
    await database.db
      .updateTable('messages')
      .set({ status: 'sent', channel_id: 'D01', ts: '1.1', posted_at: new Date(at(31)), hold_id: null })
      .where('kind', '=', 'alert')
      .execute();
    await setAll('level', 1, 6);
    run.at(at(60));
    const { held, ended } = await run.evaluate();
    expect([ended, await openCount()]).toEqual([0, 6]);
    expect(await findHolds(database.db)).toMatchObject([{ id: held, changed: 6 }]);
    await end(held as number, 'discarded', at(61));
    run.at(at(62));
    expect(await run.evaluate()).toMatchObject({ ended: 0, held: null });
    const again = await findHolds(database.db);
    expect(again).toEqual([]);
    await database.db.updateTable('alert_holds').set({ outcome: 'released' }).execute();
    run.at(at(62));
    expect(await run.evaluate()).toMatchObject({ ended: 6, held: null });
  });

  test('is none where a rule was taken out of the pack: its alerts end, and others are told of', async () => {
    await setAll('level', 12, 3);
    run.at(at(1));
    await run.evaluate();
    await setAll('level', 12, 6);
    run.at(at(30));
    await run.evaluate();
    await database.db
      .updateTable('messages')
      .set({ status: 'sent', channel_id: 'D01', ts: '1.1', posted_at: new Date(at(31)) })
      .where('kind', '=', 'alert')
      .execute();
    const without = await packWith(`delivery: { hold_above_percent: 30, hold_from_accounts: 3 }
indicators:
${indicator('other_high', 'other')}
`);
    const later = await startEvaluating(database.db, without, at(60));
    await run.set('account-9', 'other', 12);
    expect(await later.evaluate()).toMatchObject({ opened: 1, ended: 6, held: null });
    expect(await openCount()).toBe(1);
  });

  test('does not count accounts that are looked at for the first time', async () => {
    for (let index = 0; index < 10; index += 1) {
      await insertAccount(database.db, { id: `new-${index}` });
      await run.set(`new-${index}`, 'level', 12);
    }
    run.at(at(1));
    expect(await run.evaluate()).toMatchObject({ opened: 10, held: null });
  });
});
