import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { insertAlert, insertAlertMessage } from '../../alert-factories.ts';
import { maya, tom } from '../../bot.ts';
import { fallback, type Office, openOffice } from './kit.ts';
import { renderPlainly } from './render.ts';

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

const row = (id: number) => office.db.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

async function change(alertIds: readonly number[], state: 'resolved' | 'acknowledged'): Promise<void> {
  const resolution = state === 'resolved' ? 'cleared' : null;
  await office.db.updateTable('alerts').set({ state, resolution }).where('id', 'in', alertIds).execute();
  await office.db
    .updateTable('messages')
    .set((is) => ({ version: is('version', '+', 1) }))
    .where('id', 'in', (is) => is.selectFrom('alert_messages').select('message_id').where('alert_id', 'in', alertIds))
    .execute();
}

describe('a message', () => {
  test("is posted once into its owner's direct messages, with metadata by which it is found again", async () => {
    const { id } = await insertAlertMessage(office.db);
    expect(await office.deliver()).toMatchObject({ posted: 1, next: null });
    expect(await office.deliver()).toMatchObject({ posted: 0, next: null });
    expect(office.seen(maya)).toEqual([`alert: account-${id} active`]);
    expect(office.messages(maya)[0]?.metadata).toEqual({
      event_type: 'bellwether_message',
      event_payload: { message_id: String(id) },
    });
    const channel = office.slack.dm(maya);
    expect(await row(id)).toMatchObject({
      status: 'sent',
      recipient: 'maya@bellwether.example',
      detour: null,
      channel_id: channel,
      ts: office.posts()[0]?.ts,
      version: 1,
      shown_version: 1,
      posted_at: office.now(),
    });
  });

  test('is edited, not posted, when its alert changes; doing that again changes nothing', async () => {
    const { id, alertIds } = await insertAlertMessage(office.db);
    await office.deliver();
    office.turnTo(1000);
    await change(alertIds, 'resolved');
    expect(await office.deliver()).toMatchObject({ posted: 0, edited: 1 });
    expect(await office.deliver()).toMatchObject({ posted: 0, edited: 0 });
    expect(office.seen(maya)).toEqual([`alert: account-${id} resolved`]);
    expect(office.posts()).toHaveLength(1);
  });

  test('that changes while it is posted is edited afterwards', async () => {
    const { id, alertIds } = await insertAlertMessage(office.db);
    await office.deliver({
      render: async (message) => {
        const content = await renderPlainly(office.db, message);
        if ((await row(id)).version === 1) await change(alertIds, 'acknowledged');
        return content;
      },
    });
    expect(office.posts().map(({ text }) => text)).toEqual([`alert: account-${id} active`]);
    await office.deliverAll();
    expect(office.seen(maya)).toEqual([`alert: account-${id} acknowledged`]);
    expect(await row(id)).toMatchObject({ version: 2, shown_version: 2 });
  });

  test('is cancelled when all of its alerts ended before it was sent, and posted while one goes on', async () => {
    const ended = await insertAlertMessage(office.db);
    const one = await insertAlert(office.db, { account_id: 'one' });
    const two = await insertAlert(office.db, { account_id: 'two' });
    await insertAlertMessage(office.db, { alertIds: [one, two], kind: 'group', owner_email: 'tom@bellwether.example' });
    await change([...ended.alertIds, one], 'resolved');
    expect(await office.deliver()).toMatchObject({ posted: 1, cancelled: 1, next: null });
    expect(await row(ended.id)).toMatchObject({ status: 'cancelled', ts: null });
    expect(office.seen(maya)).toEqual([]);
    expect(office.seen(tom)).toEqual(['group: one resolved, two active']);
  });

  test('is cancelled when its alert stands in another message by now, or is gone with its account', async () => {
    const moved = await insertAlertMessage(office.db);
    const next = await insertAlertMessage(office.db, {
      alertIds: moved.alertIds,
      owner_email: 'tom@bellwether.example',
    });
    const gone = await insertAlertMessage(office.db);
    await office.db.deleteFrom('accounts').where('id', '=', `account-${gone.id}`).execute();
    await office.deliverAll();
    expect(office.seen(maya)).toEqual([]);
    expect(office.seen(tom)).toEqual([`alert: account-${moved.id} active`]);
    expect(await row(moved.id)).toMatchObject({ status: 'cancelled' });
    expect(await row(next.id)).toMatchObject({ status: 'sent' });
    expect(await row(gone.id)).toMatchObject({ status: 'cancelled' });
  });

  test('that moves to somebody else while it is rendered is posted to them alone', async () => {
    const { id } = await insertAlertMessage(office.db);
    await office.deliver({
      render: async (message) => {
        const moved = { owner_email: 'tom@bellwether.example', recipient: null };
        await office.db.updateTable('messages').set(moved).where('id', '=', id).execute();
        return renderPlainly(office.db, message);
      },
    });
    expect(office.posts()).toEqual([]);
    await office.deliverAll();
    expect(office.seen(maya)).toEqual([]);
    expect(office.seen(tom)).toEqual([`alert: account-${id} active`]);
  });

  test('whose account was deleted after it was posted says so once something changes it', async () => {
    const { id } = await insertAlertMessage(office.db);
    await office.deliver();
    await office.db.deleteFrom('accounts').where('id', '=', `account-${id}`).execute();
    await office.db.updateTable('messages').set({ version: 2 }).execute();
    await office.deliverAll();
    expect(office.seen(maya)).toEqual(['What this told of is gone: its account was deleted.']);
    expect(office.messages(maya)[0]?.blocks).toEqual([]);
  });

  test('that is held is not sent before it is released, and never when it is discarded', async () => {
    const hold = await office.db
      .insertInto('alert_holds')
      .values({ at: office.now(), changed: 10, accounts: 20, indicators: '{}', floods: '[]' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const released = await insertAlertMessage(office.db, { hold_id: hold.id });
    const discarded = await insertAlertMessage(office.db, { hold_id: hold.id });
    await office.deliverAll();
    expect(office.posts()).toEqual([]);
    await office.db.updateTable('messages').set({ hold_id: null }).where('id', '=', released.id).execute();
    await office.db.updateTable('messages').set({ status: 'cancelled' }).where('id', '=', discarded.id).execute();
    await office.deliverAll();
    expect(office.seen(maya)).toEqual([`alert: account-${released.id} active`]);
  });

  test('is its text alone where Slack refuses its blocks, at the post and at an edit', async () => {
    const { alertIds } = await insertAlertMessage(office.db);
    const render = async () => ({ text: 'few logins', blocks: [{ type: 'divider', text: 'no' } as never] });
    expect(await office.deliver({ render })).toMatchObject({ posted: 1, failed: 0 });
    office.turnTo(1000);
    await change(alertIds, 'acknowledged');
    expect(await office.deliver({ render })).toMatchObject({ edited: 1, next: null });
    expect(office.seen(maya)).toEqual(['few logins']);
    expect(office.posts()).toHaveLength(1);
  });

  test('that cannot be rendered, or that Slack never takes, does not keep the others, and is tried again', async () => {
    const bad = await insertAlertMessage(office.db);
    const good = await insertAlertMessage(office.db);
    const tooLong = { text: 'x'.repeat(20_000) };
    const failing = { throws: true };
    const render = async (message: Parameters<typeof renderPlainly>[1]) => {
      if (message.id !== bad.id) return renderPlainly(office.db, message);
      if (failing.throws) throw new Error('no words');
      return tooLong;
    };
    await office.deliver({ render });
    expect(office.seen(maya)).toEqual([`alert: account-${good.id} active`]);
    expect(await row(bad.id)).toMatchObject({ status: 'waiting', attempts: 1, last_error: 'not rendered: no words' });
    failing.throws = false;
    office.turnTo(20_000);
    await office.deliver({ render });
    expect(await row(bad.id)).toMatchObject({ status: 'waiting', attempts: 2, posting_at: null });
    office.turnTo(20 * 60_000);
    await office.deliverAll();
    expect(office.seen(maya)).toHaveLength(2);
  });

  test('that Slack does not let be edited any more is left as it is', async () => {
    const { id, alertIds } = await insertAlertMessage(office.db);
    await office.deliver();
    office.turnTo(1000);
    await change(alertIds, 'acknowledged');
    office.slack.fault({ method: 'chat.update', kind: 'error', error: 'message_not_found' });
    expect(await office.deliver()).toMatchObject({ edited: 0, next: null });
    expect(await row(id)).toMatchObject({ version: 2, shown_version: 2 });
    expect((await row(id)).last_error).toContain('message_not_found');
  });
});

describe('several messages', () => {
  test('to one person come in order, one a second, and those to others do not wait for them', async () => {
    const ids: number[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await insertAlertMessage(office.db)).id);
    const other = await insertAlertMessage(office.db, { owner_email: 'tom@bellwether.example' });
    const first = await office.deliver();
    expect(first).toMatchObject({ posted: 2, next: new Date(office.now().getTime() + 1000) });
    expect(office.seen(tom)).toEqual([`alert: account-${other.id} active`]);
    expect(await office.deliver()).toMatchObject({ posted: 0 });
    await office.deliverAll();
    expect(office.seen(maya)).toEqual(ids.map((id) => `alert: account-${id} active`));
  });

  test('are each posted once by two workers, in order for each person', async () => {
    const people = ['maya', 'tom', 'ana', 'sam'];
    const expected: Record<string, string[]> = {};
    for (let count = 0; count < 32; count += 1) {
      const name = people[count % people.length] ?? '';
      // Notices, which are never merged.
      await insertAlertMessage(office.db, {
        kind: 'notice',
        notice: `${name} ${count}`,
        owner_email: `${name}@bellwether.example`,
      });
      expected[name] = [...(expected[name] ?? []), `notice: ${name} ${count}`];
    }
    for (let runs = 0; runs < 12; runs += 1) {
      await Promise.all([office.deliver(), office.deliver()]);
      office.turnTo(1000);
    }
    expect(office.posts()).toHaveLength(32);
    for (const [name, user] of Object.entries({ maya, tom, ana: 'U01ANARUIZ0', sam: 'U01SAMODUYA' }))
      expect(office.seen(user)).toEqual(expected[name]);
  });

  test('many at once to one person by two workers are in one group or the other, each alert once', async () => {
    for (let count = 0; count < 30; count += 1) await insertAlertMessage(office.db);
    for (let runs = 0; runs < 6; runs += 1) {
      await Promise.all([office.deliver(), office.deliver()]);
      await insertAlertMessage(office.db);
      office.turnTo(1000);
    }
    await office.deliverAll();
    const told = office.seen(maya).flatMap((text) => text.match(/account-\d+/g) ?? []);
    expect(told).toHaveLength(36);
    expect(new Set(told).size).toBe(36);
  });
});

describe('a post whose answer is lost', () => {
  test('is found in the history and not made again', async () => {
    const { id } = await insertAlertMessage(office.db);
    office.slack.fault({ method: 'chat.postMessage', kind: 'lost' });
    expect(await office.deliver()).toMatchObject({ posted: 0, failed: 1 });
    expect(await row(id)).toMatchObject({ status: 'waiting', posting_at: office.now(), attempts: 1 });
    await office.deliverAll();
    expect(await row(id)).toMatchObject({ status: 'sent', ts: office.posts()[0]?.ts, last_error: null });
    expect(office.seen(maya)).toEqual([`alert: account-${id} active`]);
  });

  test('is found behind hundreds of other messages, and edited if it changed', async () => {
    const { id, alertIds } = await insertAlertMessage(office.db, { owner_email: null });
    office.slack.fault({ method: 'chat.postMessage', kind: 'lost' });
    await office.deliver();
    for (let count = 0; count < 450; count += 1) office.slack.say(maya, fallback, `message ${count}`);
    await change(alertIds, 'acknowledged');
    await office.deliverAll();
    expect(office.posts().filter(({ text }) => text.startsWith('alert'))).toHaveLength(1);
    expect(office.seen(fallback)).toEqual([`alert: account-${id} acknowledged`]);
  });

  test('is made again if Slack never had it', async () => {
    const { id } = await insertAlertMessage(office.db);
    office.slack.fault({ method: 'chat.postMessage', kind: 'status', status: 503 });
    await office.deliverAll();
    expect(office.posts().map(({ text }) => text)).toEqual([`alert: account-${id} active`]);
  });

  test('waits for as long as the history cannot be read', async () => {
    const { id } = await insertAlertMessage(office.db);
    office.slack.fault({ method: 'chat.postMessage', kind: 'lost' });
    office.slack.fault({ method: 'conversations.history', kind: 'status', status: 500, count: 4 });
    office.slack.fault({ method: 'conversations.history', kind: 'rate_limited', retryAfter: 90, count: 1 });
    await office.deliverAll();
    expect(office.posts()).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'sent', ts: office.posts()[0]?.ts });
  });

  test('is made again only where Slack never lets the history be read: the one case of twice', async () => {
    await insertAlertMessage(office.db);
    office.slack.fault({ method: 'chat.postMessage', kind: 'lost' });
    office.slack.fault({ method: 'conversations.history', kind: 'error', error: 'missing_scope' });
    await office.deliverAll();
    expect(office.posts()).toHaveLength(2);
  });

  test('every third time leaves each message there exactly once', async () => {
    const expected: string[] = [];
    for (let count = 0; count < 30; count += 1) {
      await insertAlertMessage(office.db, { kind: 'notice', notice: `number ${count}` });
      expected.push(`notice: number ${count}`);
    }
    // A fault lets so many pass before it, not counting those that others took.
    for (let count = 1; count <= 30; count += 1)
      office.slack.fault({ method: 'chat.postMessage', kind: 'lost', after: 2 * count });
    await office.deliverAll();
    expect(office.seen(maya)).toEqual(expected);
    expect(office.posts()).toHaveLength(30);
  });

  test('and which a worker that was taken for dead makes after all is taken back', async () => {
    const { id } = await insertAlertMessage(office.db);
    // The first worker stands still between its note and its post, for longer than its lease.
    const slack = office.client(async (method) => {
      if (method !== 'chat.postMessage') return;
      office.turnTo(31_000);
      await office.deliver();
    });
    await office.deliver({ slack });
    await office.deliverAll();
    expect(office.seen(maya)).toEqual([`alert: account-${id} active`]);
    expect(await row(id)).toMatchObject({ status: 'sent', ts: office.messages(maya)[0]?.ts });
    expect(office.slack.journal.filter(({ kind }) => kind === 'post')).toHaveLength(2);
  });

  test('an edit that fails puts off nothing but itself', async () => {
    const { id } = await insertAlertMessage(office.db);
    await office.deliverAll();
    await office.db.updateTable('messages').set({ version: 2, attempts: 5 }).where('id', '=', id).execute();
    office.slack.fault({ method: 'chat.update', kind: 'status', status: 500 });
    await office.deliver();
    await insertAlertMessage(office.db, { severity: 'high', due_at: office.now() });
    office.turnTo(2000);
    await office.deliver();
    expect(office.posts()).toHaveLength(2);
    await office.deliverAll();
    expect(office.slack.journal.filter(({ kind }) => kind === 'edit')).toHaveLength(1);
  });

  test('stays noted although a worker that was taken for dead finds out that an earlier one never came', async () => {
    await insertAlertMessage(office.db);
    office.slack.fault({ method: 'chat.postMessage', kind: 'status', status: 503 });
    await office.deliver();
    office.turnTo(20_000);
    let isFirst = true;
    const slack = office.client(
      async () => undefined,
      async (method) => {
        if (method !== 'conversations.history' || !isFirst) return;
        isFirst = false;
        office.turnTo(31_000);
        office.slack.fault({ method: 'chat.postMessage', kind: 'lost' });
        await office.deliver();
      },
    );
    await office.deliver({ slack });
    await office.deliverAll();
    expect(office.posts()).toHaveLength(1);
  });
});
