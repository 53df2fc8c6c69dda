import { afterEach, beforeEach, expect, test } from 'vitest';
import { insertAlertMessage } from '../../alert-factories.ts';
import { maya } from '../../bot.ts';
import { fallback, type Office, openOffice } from './kit.ts';

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

const minute = 60_000;
async function alerts(count: number, overrides: Parameters<typeof insertAlertMessage>[1] = {}) {
  const made: Awaited<ReturnType<typeof insertAlertMessage>>[] = [];
  for (let index = 0; index < count; index += 1)
    made.push(await insertAlertMessage(office.db, { due_at: office.now(), ...overrides }));
  return made;
}
const groups = () => office.db.selectFrom('messages').selectAll().where('kind', '=', 'group').orderBy('id').execute();
const accountsIn = (text: string | undefined) => text?.match(/account-\d+/g)?.length ?? 0;

test('three alerts at once are three messages, four are one', async () => {
  await alerts(3);
  await alerts(4, { owner_email: 'tom@bellwether.example' });
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([1, 1, 1]);
  expect(office.seen('U01TOMOKAFO').map(accountsIn)).toEqual([4]);
});

test('a fourth alert within ten minutes begins a group, which those of the next ten minutes join by an edit', async () => {
  await alerts(3);
  await office.deliverAll();
  office.turnTo(9 * minute);
  await alerts(1);
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([1, 1, 1, 1]);
  expect(office.seen(maya)[3]).toMatch(/^group:/);
  office.turnTo(9 * minute);
  await alerts(2);
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([1, 1, 1, 3]);
  office.turnTo(10 * minute);
  await alerts(1);
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([1, 1, 1, 3, 1]);
  expect(office.seen(maya)[4]).toMatch(/^alert:/);
});

test('what is urgent joins no group that was posted, since an edit notifies nobody', async () => {
  await alerts(4);
  await office.deliverAll();
  office.turnTo(5 * minute);
  await alerts(1, { severity: 'high' });
  await alerts(1);
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([5, 1]);
  office.turnTo(5 * minute);
  await alerts(1, { severity: 'high' });
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([5, 1, 1]);
});

test('a burst of urgent ones is one message, too', async () => {
  await alerts(3, { severity: 'high' });
  await office.deliverAll();
  for (let count = 0; count < 4; count += 1) {
    await alerts(1, { severity: 'high' });
    await office.deliverAll();
    office.turnTo(6000);
  }
  expect(office.seen(maya).map(accountsIn)).toEqual([1, 1, 1, 4]);
});

test('a group in which all is over takes no more', async () => {
  const made = await alerts(4);
  await office.deliverAll();
  const ids = made.flatMap(({ alertIds }) => alertIds);
  await office.db
    .updateTable('alerts')
    .set({ state: 'resolved', resolution: 'cleared' })
    .where('id', 'in', ids)
    .execute();
  await alerts(1);
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([4, 1]);
});

test('ten minutes after the third a fourth alert is a message of its own', async () => {
  await alerts(3);
  await office.deliverAll();
  office.turnTo(10 * minute + 3000);
  await alerts(1);
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([1, 1, 1, 1]);
  expect(await groups()).toEqual([]);
});

test('a group takes twenty alerts; the rest makes another', async () => {
  await alerts(45);
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([20, 20, 5]);
  await alerts(16);
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([20, 20, 20, 1]);
});

test('a group is the newest place of its alerts, as severe as the most severe, and theirs whose it all is', async () => {
  const [low, high] = [await alerts(3, { severity: 'low' }), await alerts(1, { severity: 'high' })];
  const made = [...low, ...high];
  await office.deliverAll();
  const [group] = await groups();
  expect(group).toMatchObject({
    key: `group:${made[0]?.id}`,
    severity: 'high',
    owner_email: 'maya@bellwether.example',
    detour: null,
    status: 'sent',
  });
  const stored = await office.db.selectFrom('alerts').select(['id', 'message_id']).orderBy('id').execute();
  expect(stored).toEqual(made.flatMap(({ alertIds }) => alertIds.map((id) => ({ id, message_id: group?.id }))));
  const held = await office.db.selectFrom('alert_messages').select('message_id').execute();
  expect(held).toEqual(made.map(() => ({ message_id: group?.id })));
  const merged = await office.db.selectFrom('messages').select('status').where('kind', '=', 'alert').execute();
  expect(merged).toEqual(made.map(() => ({ status: 'merged' })));
});

test('a group in the fallback channel is of one owner, and says why it came there', async () => {
  await alerts(4, { owner_email: null });
  await alerts(4, { owner_email: 'nora@bellwether.example' });
  office.slack.fault({ method: 'conversations.info', kind: 'rate_limited', retryAfter: 5 });
  await office.deliver();
  await office.deliverAll();
  expect(office.seen(fallback).map(accountsIn)).toEqual([4, 4]);
  expect(await groups()).toMatchObject([
    { owner_email: null, detour: 'the account has no CSM' },
    { owner_email: 'nora@bellwether.example', detour: 'nobody active in Slack has nora@bellwether.example' },
  ]);
});

test('notices are never merged, and what ended is not counted', async () => {
  await alerts(3);
  const [ended] = await alerts(1);
  await office.db
    .updateTable('alerts')
    .set({ state: 'resolved', resolution: 'cleared' })
    .where('message_id', '=', ended?.id ?? 0)
    .execute();
  await alerts(3, { kind: 'notice', notice: 'much changed' });
  await office.deliverAll();
  expect(office.seen(maya)).toHaveLength(6);
  expect(await groups()).toEqual([]);
});

test('alerts that come while a group waits for Slack join it before it is posted', async () => {
  await alerts(4);
  office.slack.fault({ method: 'chat.postMessage', kind: 'status', status: 500 });
  office.slack.fault({ method: 'conversations.history', kind: 'status', status: 500 });
  await office.deliver();
  office.turnTo(20_000);
  await office.deliver();
  await alerts(2);
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([6]);
  expect(office.posts()).toHaveLength(1);
});

test('an alert that somebody is changing is merged when they are done', async () => {
  const [first] = await alerts(4);
  await office.db.transaction().execute(async (transaction) => {
    await transaction
      .selectFrom('alerts')
      .select('id')
      .where('id', 'in', first?.alertIds ?? [])
      .forUpdate()
      .execute();
    expect(await office.deliver()).toMatchObject({ posted: 0, merged: 0 });
  });
  office.turnTo(1000);
  expect(await office.deliver()).toMatchObject({ posted: 1, merged: 4 });
});

test('an alert that moves to somebody else while a burst is gathered stays out of it', async () => {
  const [first] = await alerts(5);
  const slack = office.client(async (method) => {
    if (method !== 'users.info') return;
    const moved = { owner_email: 'tom@bellwether.example', recipient: null };
    await office.db
      .updateTable('messages')
      .set(moved)
      .where('id', '=', first?.id ?? 0)
      .execute();
  });
  await office.deliver({ slack, recipientsAtOnce: 1 });
  await office.deliverAll();
  expect(office.seen(maya).map(accountsIn)).toEqual([4]);
  expect(office.seen('U01TOMOKAFO').map(accountsIn)).toEqual([1]);
});
