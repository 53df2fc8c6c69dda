import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ACKNOWLEDGE_ALERT,
  ALERT_NOT_USEFUL,
  ALERT_USEFUL,
  MAKE_ALERT_TASK,
  SNOOZE_ALERT,
} from '../../blocks/alert-card.ts';
import { ALERT_MENU } from '../../blocks/alert-list.ts';
import { alertMessage } from '../../blocks/alert-message.ts';
import { OPEN_ACCOUNT } from '../../blocks/my-accounts.ts';
import { FINISH_TASK } from '../../blocks/task-list.ts';
import type { PageMessage } from '../../simulator/types.ts';
import { findMessageView } from '../../src/db/message-view.ts';
import { postMessage, updateMessage } from '../../src/slack/messages.ts';
import { alertsAt, insertAlert, insertAlertMessage } from '../alert-factories.ts';
import { acmeShared, ana, csTeam, general, guest, maya, startTestBot, type TestBot, tom, wordsOf } from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount, insertEvents } from '../factories.ts';
import { makeIndicator, makeIndicators } from '../indicators.ts';
import { createTestPlaybook } from '../playbook.ts';

const facts = [
  { kind: 'metric' as const, metric: 'logins_7d' },
  { kind: 'top' as const, title: 'Who failed', events: [{ name: 'query failed', where: [] }], by: null, days: 7 },
  {
    kind: 'latest' as const,
    title: 'Last failure',
    events: [{ name: 'query failed', where: [{ key: 'kind', anyOf: ['slow'] }] }],
    properties: ['query', 'absent'],
    days: 30,
  },
];
const playbook = {
  ...createTestPlaybook(),
  indicators: makeIndicators([makeIndicator({ facts, task: 'Ask {them} why' })]),
};
const now = new Date(alertsAt.getTime() + 60 * 60_000);

let database: TestDatabase;
let bot: TestBot;

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTestBot({ db: database.db, playbook, now: () => now });
});
afterAll(async () => {
  await bot.close();
  await database.drop();
});
beforeEach(async () => {
  await database.db.deleteFrom('accounts').execute();
  await database.db.deleteFrom('messages').execute();
  bot.failures.length = 0;
  bot.slack.clearFaults();
});

const drawn = async (id: number) => {
  const context = { now, today: '2026-11-24', timeZone: 'UTC', indicators: playbook.indicators.list };
  const view = await findMessageView(database.db, id, context);
  if (!view) throw new Error('the message is gone');
  return alertMessage(view, { pack: playbook, now, today: '2026-11-24' });
};

/** An alert of Acme in a message that stands in a channel, as it was posted. */
async function posted(given: Parameters<typeof insertAlert>[1] = {}, channel = csTeam) {
  await insertAccount(database.db, { id: 'acme', name: 'Acme', csm_email: 'maya@bellwether.example' });
  const alertId = await insertAlert(database.db, given);
  const { id } = await insertAlertMessage(database.db, { alertIds: [alertId] });
  const ts = await postMessage(bot.deps.slack, channel, await drawn(id));
  await database.db
    .updateTable('messages')
    .set({ status: 'sent', channel_id: channel, ts, posted_at: now, shown_version: 1, recipient: `#${channel}` })
    .where('id', '=', id)
    .execute();
  return { alertId, messageId: id, seen: messageAt(channel, ts) };
}

function messageAt(channel: string, ts: string): PageMessage {
  const found = bot.slack.messages(channel, maya).find((message) => message.ts === ts);
  if (!found) throw new Error('Maya does not see the message');
  return found;
}

/** What stands in the message once what changed is shown. */
async function shown({ messageId, seen }: { messageId: number; seen: PageMessage }): Promise<string[]> {
  const { version } = await database.db
    .selectFrom('messages')
    .select('version')
    .where('id', '=', messageId)
    .executeTakeFirstOrThrow();
  if (version > 1) await updateMessage(bot.deps.slack, seen.channel, seen.ts, await drawn(messageId));
  return wordsOf(messageAt(seen.channel, seen.ts));
}

const alertRow = (id: number) =>
  database.db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const count = async (table: 'alert_transitions' | 'alert_votes' | 'tasks') =>
  (await database.db.selectFrom(table).selectAll().execute()).length;

describe('Acknowledge', () => {
  test('is stored, told to nobody apart, and shown to all', async () => {
    const message = await posted();
    expect(await bot.press(maya, message.seen, ACKNOWLEDGE_ALERT)).toEqual([]);
    expect(await alertRow(message.alertId)).toMatchObject({ state: 'acknowledged', changed_by: maya, changed_at: now });
    const words = await shown(message);
    expect(words.join()).toContain(`Acknowledged by <@${maya}>`);
    expect(words).not.toContain('Acknowledge');
    expect(bot.failures).toEqual([]);
  });

  test('of two people at once is one change, and the second is told who was first', async () => {
    const message = await posted();
    const answers = await Promise.all([maya, tom].map((user) => bot.press(user, message.seen, ACKNOWLEDGE_ALERT)));
    const { changed_by: first } = await alertRow(message.alertId);
    expect(answers.flat().map(({ text }) => text)).toEqual([`<@${first}> has acknowledged this already.`]);
    expect(await count('alert_transitions')).toBe(1);
    const other = first === maya ? tom : maya;
    expect(bot.slack.ephemerals(csTeam, other).at(-1)?.text).toContain('has acknowledged this already');
  });

  test('twice by the same person says so', async () => {
    const { seen } = await posted();
    // At once, since the message soon has no such button any more.
    await Promise.all([1, 2].map(() => bot.press(maya, seen, ACKNOWLEDGE_ALERT)));
    expect(bot.slack.ephemerals(csTeam, maya).at(-1)?.text).toBe('You have acknowledged this already.');
    expect(await count('alert_transitions')).toBe(1);
  });

  test('may be pressed by any full member, and works after a restart', async () => {
    const { seen, alertId } = await posted();
    const other = await startTestBot({ db: database.db, playbook, now: () => now });
    try {
      const ts = await postMessage(other.deps.slack, csTeam, { text: seen.text, blocks: seen.blocks as never });
      const again = other.slack.messages(csTeam, ana).find((message) => message.ts === ts);
      expect(await other.press(ana, again!, ACKNOWLEDGE_ALERT)).toEqual([]);
      expect(await alertRow(alertId)).toMatchObject({ changed_by: ana });
    } finally {
      await other.close();
    }
  });

  test('of an alert that has ended or is gone is answered clearly', async () => {
    const message = await posted();
    await database.db
      .updateTable('alerts')
      .set({ state: 'resolved', resolution: 'cleared' })
      .where('id', '=', message.alertId)
      .execute();
    expect((await bot.press(maya, message.seen, ACKNOWLEDGE_ALERT))[0]?.text).toContain('has ended by itself');
    expect((await bot.press(maya, message.seen, MAKE_ALERT_TASK))[0]?.text).toContain('has ended by itself');
    await database.db.deleteFrom('alerts').execute();
    for (const id of [ACKNOWLEDGE_ALERT, MAKE_ALERT_TASK, ALERT_USEFUL])
      expect((await bot.press(maya, message.seen, id)).at(-1)?.text).toBe('This alert is no longer there.');
    expect(bot.failures).toEqual([]);
  });

  test('that cannot be stored is not acknowledged to Slack, and the person is told', async () => {
    const closed = await createTestDatabase();
    await closed.drop();
    const other = await startTestBot({ db: closed.db, playbook, now: () => now });
    try {
      const { seen } = await posted();
      const ts = await postMessage(other.deps.slack, csTeam, { text: seen.text, blocks: seen.blocks as never });
      const outcome = await other.slack.press(maya, { channel: csTeam, ts }, ACKNOWLEDGE_ALERT);
      expect(outcome).toMatchObject({ ok: false });
      expect(other.slack.ephemerals(csTeam, maya).at(-1)?.text).toMatch(/^Sorry, that did not work.*error [0-9a-f]{8}/);
      expect(String(other.failures[0])).toContain('acknowledge_alert failed');
    } finally {
      await other.close();
    }
  });
});

describe('every press is authorised again', () => {
  test.each([ACKNOWLEDGE_ALERT, MAKE_ALERT_TASK, ALERT_USEFUL, ALERT_NOT_USEFUL, OPEN_ACCOUNT])(
    '%s does nothing for a guest',
    async (actionId) => {
      const { seen, alertId } = await posted({}, general);
      const [answer] = await bot.press(guest, seen, actionId);
      expect(answer?.text).toMatch(/^Sorry, .*guest/);
      expect(await alertRow(alertId)).toMatchObject({ state: 'active' });
      expect((await count('tasks')) + (await count('alert_votes'))).toBe(0);
    },
  );

  test('nor in a channel that is shared with outsiders', async () => {
    const { seen, alertId } = await posted({}, acmeShared);
    expect((await bot.press(maya, seen, ACKNOWLEDGE_ALERT))[0]?.text).toMatch(/^Sorry, .*shared with people outside/);
    expect((await bot.choose(maya, seen, SNOOZE_ALERT, `${alertId} 1d`))[0]?.text).toMatch(/^Sorry, /);
    expect(await alertRow(alertId)).toMatchObject({ state: 'active' });
  });
});

describe('Snooze', () => {
  test.each([
    ['1d', '2026-11-25T11:00:00.000Z'],
    ['7d', '2026-12-01T11:00:00.000Z'],
    ['change', null],
  ])('for %s', async (key, until) => {
    const message = await posted();
    expect(await bot.choose(maya, message.seen, SNOOZE_ALERT, `${message.alertId} ${key}`)).toEqual([]);
    const row = await alertRow(message.alertId);
    expect([row.state, row.snoozed_until?.toISOString() ?? null]).toEqual(['snoozed', until]);
    const words = (await shown(message)).join();
    expect(words).toContain(`Snoozed by <@${maya}> ${until ? 'until <!date' : 'until it changes'}`);
    const [second] = await bot.choose(tom, message.seen, SNOOZE_ALERT, `${message.alertId} ${key}`);
    expect(second?.text).toContain(`<@${maya}> has snoozed this already, until`);
  });
});

describe('Useful and Not useful', () => {
  test('are counted by person, the last word counts, also when it has ended', async () => {
    const message = await posted({ state: 'resolved' });
    await bot.press(maya, message.seen, ALERT_USEFUL);
    await bot.press(maya, message.seen, ALERT_USEFUL);
    await bot.press(tom, message.seen, ALERT_USEFUL);
    await bot.press(maya, message.seen, ALERT_NOT_USEFUL);
    expect(await shown(message)).toContain('Useful: 1 · Not useful: 1');
  });
});

describe('Make a task', () => {
  test('makes one, for the CSM, due in two working days, and answers with its controls', async () => {
    const message = await posted();
    const answers = await Promise.all([maya, tom].map((user) => bot.press(user, message.seen, MAKE_ALERT_TASK)));
    const made = answers.flat().find((answer) => wordsOf(answer)[0] === 'Task made.');
    expect(wordsOf(made)).toEqual(expect.arrayContaining(['*Acme* · Ask {them} why', 'Done']));
    expect(answers.flat().map((answer) => wordsOf(answer)[0])).toContain('There is a task already.');
    const creator = answers[0]?.[0]?.ts === made?.ts ? maya : tom;
    expect(await database.db.selectFrom('tasks').selectAll().execute()).toMatchObject([
      {
        key: `alert:${message.alertId}`,
        assignee_email: 'maya@bellwether.example',
        due: '2026-11-26',
        created_by: creator,
      },
    ]);
    const words = await shown(message);
    expect(words).toContain('📌 Task for maya@bellwether.example, due 26 Nov 2026 (in 2 days)');
    expect(words).not.toContain('Make a task');
    await bot.press(creator, made!, FINISH_TASK);
    expect(await shown(message)).toContain('✅ Task for maya@bellwether.example, done');
    expect(bot.failures).toEqual([]);
  });

  test('makes one for whoever asks where the account has no CSM', async () => {
    const { seen } = await posted();
    await database.db.updateTable('accounts').set({ csm_email: null }).execute();
    await bot.press(tom, seen, MAKE_ALERT_TASK);
    expect(await database.db.selectFrom('tasks').select('assignee_email').execute()).toEqual([
      { assignee_email: 'tom@bellwether.example' },
    ]);
  });
});

describe('Open', () => {
  test('shows the account, which names its open alerts', async () => {
    const { seen } = await posted();
    await insertAlert(database.db, { indicator: 'other', subject: 'Two words', kind: 'opportunity' });
    await insertAlert(database.db, { indicator: 'over', state: 'resolved' });
    const [card] = await bot.press(maya, seen, OPEN_ACCOUNT, 'acme');
    expect(wordsOf(card)).toContain('Open alerts: 🔴 Few logins · 🟢 other: Two words');
  });
});

describe('several alerts in a message', () => {
  test('are each changed by their own menu', async () => {
    await insertAccount(database.db, { id: 'acme', csm_email: 'maya@bellwether.example' });
    const ids = [await insertAlert(database.db, {}), await insertAlert(database.db, { indicator: 'other' })];
    const { id } = await insertAlertMessage(database.db, { alertIds: ids, kind: 'group' });
    const ts = await postMessage(bot.deps.slack, csTeam, await drawn(id));
    const seen = messageAt(csTeam, ts);
    expect(wordsOf(seen)[0]).toBe('2 signals');
    await bot.choose(maya, seen, ALERT_MENU, `acknowledge ${ids[0]}`);
    await bot.choose(maya, seen, ALERT_MENU, `snooze ${ids[1]}`);
    await bot.choose(maya, seen, ALERT_MENU, `not-useful ${ids[1]}`);
    expect(wordsOf((await bot.choose(maya, seen, ALERT_MENU, `open ${ids[1]}`))[0])[0]).toContain('acme');
    expect((await bot.choose(tom, seen, ALERT_MENU, `acknowledge ${ids[0]}`))[0]?.text).toContain('already');
    await updateMessage(bot.deps.slack, csTeam, ts, await drawn(id));
    const [task] = await bot.choose(maya, messageAt(csTeam, ts), ALERT_MENU, `task ${ids[0]}`);
    expect(wordsOf(task).join()).toContain('*acme* · ');
    const states = await database.db.selectFrom('alerts').select('state').orderBy('id').execute();
    expect(states.map(({ state }) => state)).toEqual(['acknowledged', 'snoozed']);
    expect(await count('alert_votes')).toBe(1);
    expect(bot.failures).toEqual([]);
  });
});

describe('a message as it is read', () => {
  test('has facts from the events of now, people by name, email or id', async () => {
    const { messageId } = await posted();
    await database.db
      .insertInto('users')
      .values([
        { account_id: 'acme', id: 'u1', name: 'Grace', email: 'grace@acme.example' },
        { account_id: 'acme', id: 'u2', email: 'alan@acme.example' },
      ])
      .execute();
    await insertAccount(database.db, { id: 'other' });
    const at = (hour: number) => `2026-11-24T0${hour}:00:00Z`;
    const event = (id: string, user: string | null, given = {}) => ({
      account_id: 'acme',
      id,
      name: 'query failed',
      occurred_at: at(5),
      user_id: user,
      ...given,
    });
    await insertEvents(database.db, [
      event('1', 'u1', { occurred_at: at(7), properties: { kind: 'slow', query: 'select 1' } }),
      event('2', 'u1'),
      event('3', 'u2'),
      event('4', 'u3'),
      event('5', null, { occurred_at: at(8) }),
      event('6', 'u2', { name: 'something else' }),
      event('7', 'u2', { occurred_at: '2026-11-10T00:00:00Z' }),
      event('8', 'u2', { account_id: 'other' }),
    ]);
    await database.db
      .insertInto('metric_values')
      .values([
        { account_id: 'acme', metric: 'logins_7d', day: '2026-11-24', value: '3', computed_at: now },
        { account_id: 'acme', metric: 'logins_7d', day: '2026-11-17', value: '6', computed_at: now },
      ])
      .execute();
    const words = wordsOf({ ...(await drawn(messageId)) } as never);
    expect(words).toContain('• Logins: *3*, ▼ 3 (−50%) in 7 days');
    expect(words).toContain('• Who failed: Grace (2×), alan@acme.example (1×), u3 (1×) of 5 in 7 days');
    expect(words).toContain('• Last failure: 24 Nov 2026 (4 hours ago), by Grace, query: select 1');
  });

  test('is nothing once all of its alerts are gone, and says where one went', async () => {
    const { alertId, messageId } = await posted();
    const { id } = await insertAlertMessage(database.db, {
      alertIds: [alertId],
      owner_email: 'tom@bellwether.example',
    });
    expect(wordsOf((await drawn(messageId)) as never)).toContain('Now with tom@bellwether.example.');
    expect(wordsOf((await drawn(id)) as never)).toContain('Acknowledge');
    await database.db.deleteFrom('alerts').execute();
    await expect(drawn(messageId)).rejects.toThrow('the message is gone');
  });
});
