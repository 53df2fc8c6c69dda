import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { insertAlertMessage } from '../../alert-factories.ts';
import { acmeShared, csTeam, maya, random } from '../../bot.ts';
import { fallback, type Office, openOffice } from './kit.ts';

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

const row = (id: number) => office.db.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const minute = 60_000;

function person(id: string) {
  const found = office.slack.workspace.users.find((user) => user.id === id);
  if (!found) throw new Error(`${id} is not there`);
  return found;
}

describe('an alert that reaches no person goes to the fallback channel, with the reason', () => {
  test('of an account without a CSM', async () => {
    const { id } = await insertAlertMessage(office.db, { owner_email: null });
    await office.deliverAll();
    expect(office.seen(fallback)).toEqual([`alert: account-${id} active`]);
    expect(await row(id)).toMatchObject({ recipient: `#${fallback}`, detour: 'the account has no CSM' });
  });

  test.each([
    ['nobody has the email of', 'ghost@bellwether.example', 'nobody active in Slack has ghost@bellwether.example'],
    ['is deactivated', 'nora@bellwether.example', 'nobody active in Slack has nora@bellwether.example'],
    ['is a guest', 'gil@contractors.example', 'gil@contractors.example is a guest in Slack'],
    ['is of another company', 'priya@acme.example', 'nobody active in Slack has priya@acme.example'],
  ])('whose CSM %s', async (_what, email, reason) => {
    const { id } = await insertAlertMessage(office.db, { owner_email: email });
    await office.deliverAll();
    expect(office.seen(fallback)).toEqual([`alert: account-${id} active`]);
    expect(office.posts()).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'sent', recipient: `#${fallback}`, detour: reason });
  });

  test('whose CSM was deactivated after earlier alerts reached them', async () => {
    await insertAlertMessage(office.db);
    await office.deliverAll();
    person(maya).deleted = true;
    const { id } = await insertAlertMessage(office.db);
    await office.deliverAll();
    expect(office.seen(fallback)).toEqual([`alert: account-${id} active`]);
    expect(await row(id)).toMatchObject({ detour: 'maya@bellwether.example is deactivated in Slack' });
  });

  test('whose CSM became a guest: they get no edits either', async () => {
    const first = await insertAlertMessage(office.db);
    await office.deliverAll();
    office.turnTo(minute);
    person(maya).is_restricted = true;
    const second = await insertAlertMessage(office.db);
    await office.db.updateTable('alerts').set({ state: 'acknowledged' }).execute();
    await office.db.updateTable('messages').set({ version: 2 }).where('id', '=', first.id).execute();
    await office.deliverAll();
    expect(office.seen(maya)).toEqual([`alert: account-${first.id} active`]);
    expect(office.seen(fallback)).toEqual([`alert: account-${second.id} acknowledged`]);
    expect((await row(first.id)).last_error).toContain('is a guest');
  });

  test('whose CSM Slack opens no direct message with, or lets the bot not write to', async () => {
    office.slack.fault({ method: 'conversations.open', kind: 'error', error: 'user_disabled' });
    office.slack.fault({ method: 'chat.postMessage', kind: 'error', error: 'messages_tab_disabled', after: 1 });
    const { id } = await insertAlertMessage(office.db);
    const other = await insertAlertMessage(office.db, { owner_email: 'tom@bellwether.example' });
    await office.deliver({ recipientsAtOnce: 1 });
    await office.deliverAll();
    const reasons = [(await row(id)).detour, (await row(other.id)).detour].join(' ');
    expect(office.seen(fallback)).toHaveLength(2);
    expect(reasons).toContain('Slack opens no direct message with');
    expect(reasons).toMatch(/Slack refuses direct messages to .*messages_tab_disabled/);
  });
});

describe('a person who is found', () => {
  test('is looked up by email once a day; whether they may still read it, each time', async () => {
    const calls = (method: string) =>
      office.slack.journal.filter((entry) => entry.kind === 'call' && entry.method === method).length;
    for (let count = 0; count < 2; count += 1) {
      await insertAlertMessage(office.db);
      await office.deliverAll();
      office.turnTo(60 * minute);
    }
    expect([calls('users.lookupByEmail'), calls('conversations.open'), calls('users.info')]).toEqual([1, 1, 2]);
    office.turnTo(24 * 60 * minute);
    await insertAlertMessage(office.db);
    await office.deliverAll();
    expect([calls('users.lookupByEmail'), calls('conversations.open')]).toEqual([2, 2]);
  });

  test('is looked up anew once somebody else has the email', async () => {
    await insertAlertMessage(office.db);
    await office.deliverAll();
    person(maya).email = 'maya.lindqvist@bellwether.example';
    person('U01ANARUIZ0').email = 'maya@bellwether.example';
    const { id } = await insertAlertMessage(office.db);
    await office.deliverAll();
    expect(office.seen('U01ANARUIZ0')).toEqual([`alert: account-${id} active`]);
    expect(office.seen(maya)).toHaveLength(1);
  });

  test.each([
    ['users.lookupByEmail', { kind: 'status', status: 500 }],
    ['users.info', { kind: 'lost' }],
    ['conversations.open', { kind: 'error', error: 'internal_error' }],
    ['users.lookupByEmail', { kind: 'rate_limited', retryAfter: 30 }],
    ['auth.test', { kind: 'error', error: 'invalid_auth' }],
    ['chat.postMessage', { kind: 'error', error: 'token_revoked' }],
  ] as const)('waits and stays theirs while %s fails for now', async (method, fault) => {
    const { id } = await insertAlertMessage(office.db);
    office.slack.fault({ method, count: 3, ...fault });
    await office.deliverAll();
    expect(office.seen(maya)).toEqual([`alert: account-${id} active`]);
    expect(await row(id)).toMatchObject({ detour: null, attempts: 0 });
  });
});

describe('the fallback channel', () => {
  test('that is shared with outsiders gets nothing; once another is set, what waited goes there', async () => {
    const { id } = await insertAlertMessage(office.db, { owner_email: null });
    const done = await office.deliver({ fallbackChannel: acmeShared });
    expect(done).toMatchObject({ posted: 0, blocked: 1, next: new Date(office.now().getTime() + 15 * minute) });
    expect(office.posts()).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'waiting', attempts: 1 });
    expect((await row(id)).last_error).toContain('shared with people outside');
    await office.deliver({ fallbackChannel: csTeam });
    expect(office.posts()).toMatchObject([{ channel: csTeam, text: `alert: account-${id} active` }]);
  });

  test('that the bot is not in, or that is not there, gets it as soon as it can', async () => {
    const { id } = await insertAlertMessage(office.db, { owner_email: null });
    await office.deliver({ fallbackChannel: 'C0NOWHERE00' });
    expect((await row(id)).last_error).toContain('unknown to Slack');
    await office.deliver({ fallbackChannel: random });
    expect((await row(id)).last_error).toContain('not_in_channel');
    expect(office.posts()).toEqual([]);
    office.slack.join('U01BELLBOT0', random);
    office.turnTo(15 * minute);
    await office.deliver({ fallbackChannel: random });
    expect(office.posts()).toMatchObject([{ channel: random }]);
  });

  test('that is not set keeps alerts without a CSM, and those of people who are gone, until it is', async () => {
    const none = await insertAlertMessage(office.db, { owner_email: null });
    const nora = await insertAlertMessage(office.db, { owner_email: 'nora@bellwether.example' });
    for (let count = 0; count < 3; count += 1) {
      const done = await office.deliver({ fallbackChannel: undefined });
      expect(done).toMatchObject({ posted: 0, blocked: 2 });
      office.turnTo(15 * minute);
    }
    expect(await row(none.id)).toMatchObject({ status: 'waiting', attempts: 3, recipient: null });
    expect((await row(nora.id)).last_error).toContain('ALERT_FALLBACK_CHANNEL is not set');
    await office.deliverAll();
    expect(office.seen(fallback)).toHaveLength(2);
  });

  test('that became shared is not edited in either, until it is internal again', async () => {
    const { id } = await insertAlertMessage(office.db, { owner_email: null });
    await office.deliverAll();
    office.turnTo(minute);
    const channel = office.slack.workspace.channels.find((each) => each.id === fallback);
    const ours = channel?.team_ids ?? [];
    Object.assign(channel ?? {}, { team_ids: [...ours, 'T02ACMECORP'] });
    await office.db.updateTable('alerts').set({ state: 'acknowledged' }).execute();
    await office.db.updateTable('messages').set({ version: 2 }).execute();
    const until = new Date(office.now().getTime() + 15 * minute);
    expect(await office.deliver()).toMatchObject({ edited: 0, next: until });
    expect(office.seen(fallback)).toEqual([`alert: account-${id} active`]);
    Object.assign(channel ?? {}, { team_ids: ours });
    office.turnTo(15 * minute);
    await office.deliverAll();
    expect(office.seen(fallback)).toEqual([`alert: account-${id} acknowledged`]);
  });

  test('gets notices to nobody in particular, without a reason', async () => {
    const { id } = await insertAlertMessage(office.db, { kind: 'notice', notice: 'much changed', owner_email: null });
    await office.deliverAll();
    expect(office.seen(fallback)).toEqual(['notice: much changed']);
    expect(await row(id)).toMatchObject({ detour: null });
  });

  test('takes over what may have been posted to the one before only once that is known', async () => {
    const { id } = await insertAlertMessage(office.db, { owner_email: null });
    office.slack.fault({ method: 'chat.postMessage', kind: 'lost' });
    await office.deliver({ fallbackChannel: csTeam });
    await office.deliverAll();
    expect(office.posts()).toMatchObject([{ channel: csTeam, text: `alert: account-${id} active` }]);
    expect(await row(id)).toMatchObject({ status: 'sent', channel_id: csTeam });
  });
});

describe("Slack's rates", () => {
  test('hold up only the one who is over them, for as long as Slack says', async () => {
    const limited = await insertAlertMessage(office.db);
    const others = ['tom', 'ana', 'sam'];
    // Maya is served first, and alone; the others after her in the same run.
    office.slack.fault({ method: 'chat.postMessage', kind: 'rate_limited', retryAfter: 40 });
    await office.deliver();
    for (const name of others) await insertAlertMessage(office.db, { owner_email: `${name}@bellwether.example` });
    const done = await office.deliver();
    expect(done).toMatchObject({ posted: 3, next: new Date(office.now().getTime() + 40_000) });
    office.turnTo(39_999);
    expect(await office.deliver()).toMatchObject({ posted: 0 });
    office.turnTo(1);
    expect(await office.deliver()).toMatchObject({ posted: 1 });
    expect(office.seen(maya)).toEqual([`alert: account-${limited.id} active`]);
    const asked = office.slack.journal.filter(
      ({ kind, ...entry }) => kind === 'call' && 'method' in entry && entry.method === 'conversations.history',
    );
    expect(asked).toEqual([]);
  });

  test('are kept: with a workspace that counts, nothing is refused and all arrives', async () => {
    await office.close();
    office = await openOffice({ rateLimits: true });
    for (let count = 0; count < 24; count += 1) {
      const name = ['maya', 'tom', 'ana', 'sam'][count % 4];
      const owner_email = `${name}@bellwether.example`;
      await insertAlertMessage(office.db, { kind: 'notice', notice: String(count), owner_email });
    }
    await office.deliverAll();
    expect(office.posts()).toHaveLength(24);
    const refused = office.slack.journal.filter((entry) => entry.kind === 'answer' && entry.status === 429);
    expect(refused).toEqual([]);
  });
});
