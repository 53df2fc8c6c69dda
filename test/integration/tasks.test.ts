import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ASSIGN_TASK, FINISH_TASK, NEXT_TASKS, REOPEN_TASK, SET_TASK_DUE } from '../../blocks/task-list.ts';
import type { PageMessage } from '../../simulator/types.ts';
import { insertTask } from '../../src/db/tasks.ts';
import { insertAlert, insertAlertMessage } from '../alert-factories.ts';
import {
  acmeShared,
  csTeam,
  general,
  guest,
  maya,
  outsider,
  startTestBot,
  type TestBot,
  tom,
  wordsOf,
} from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount } from '../factories.ts';
import { makeIndicator, makeIndicators } from '../indicators.ts';
import { createTestPlaybook } from '../playbook.ts';

/** A Tuesday. */
const now = new Date('2026-11-24T11:00:00Z');
const playbook = { ...createTestPlaybook(), indicators: makeIndicators([makeIndicator()]) };

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
  await insertAccount(database.db, { id: 'acme', name: 'Acme Corp' });
  bot.failures.length = 0;
});

async function task(title: string, given: Partial<Parameters<typeof insertTask>[1]> = {}): Promise<number> {
  const made = await insertTask(database.db, {
    key: null,
    accountId: 'acme',
    alertId: null,
    title,
    assigneeEmail: 'maya@bellwether.example',
    due: null,
    createdBy: maya,
    now,
    ...given,
  });
  if (!made) throw new Error('the account is gone');
  return made.task.id;
}

const ask = async (line: string, user = maya) => (await bot.ask(user, csTeam, line))[0];
const stored = (id: number) =>
  database.db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const titles = (message: PageMessage | undefined) =>
  wordsOf(message).flatMap((line) => /^\*Acme Corp\* · (.+)$/.exec(line)?.[1] ?? []);

/** Uses a calendar or a menu of people beside a task. */
async function use(user: string, seen: PageMessage, id: number, action: object) {
  const before = bot.slack.ephemerals(csTeam, user).map((message) => JSON.stringify(message));
  const block = seen.blocks.find(({ block_id }) => block_id?.startsWith(`task ${id} `))?.block_id ?? '';
  const outcome = await bot.slack.act(user, seen, { block_id: block, ...action } as never);
  expect(outcome).toEqual({ ok: true });
  await bot.slack.waitForIdle();
  return bot.slack.ephemerals(csTeam, user).filter((message) => !before.includes(JSON.stringify(message)));
}

describe('/cs tasks', () => {
  test('lists mine, overdue first, then by date, those without at the end; all shows everybody’s', async () => {
    await task('no date');
    await task('later', { due: '2026-12-01' });
    await task('overdue', { due: '2026-11-20' });
    await task('today', { due: '2026-11-24' });
    await task('not mine', { assigneeEmail: 'tom@bellwether.example', due: '2026-11-19' });
    const mine = await ask('/cs tasks');
    expect(wordsOf(mine)[0]).toBe('Your tasks: 4 open, 1 overdue');
    expect(titles(mine)).toEqual(['overdue', 'today', 'later', 'no date']);
    expect(wordsOf(mine).join()).toContain('⚠️ *overdue*, was due 20 Nov 2026 (4 days ago)');
    const all = await ask('/cs tasks all');
    expect(titles(all)[0]).toBe('not mine');
    expect(wordsOf(all).join()).toContain('for tom@bellwether.example');
    expect(wordsOf(await ask('/cs tasks', tom))[0]).toBe('Your tasks: 1 open, 1 overdue');
  });

  test('turns pages in place, and shows the last where a page is gone', async () => {
    const ids: number[] = [];
    for (let index = 10; index < 27; index++) ids.push(await task(`task ${index}`));
    const first = await ask('/cs tasks');
    const [second] = await bot.press(maya, first!, NEXT_TASKS);
    expect(second?.ts).toBe(first?.ts);
    const [third] = await bot.press(maya, second!, NEXT_TASKS);
    expect(titles(third)).toEqual(['task 26']);
    const [after] = await bot.press(maya, third!, FINISH_TASK, `task ${ids.at(-1)} mine 3`);
    expect(wordsOf(after)).toContain('Page 2 of 2');
  });

  test.each([
    ['/cs tasks', guest, general, /guest/],
    ['/cs tasks all', maya, acmeShared, /shared with people outside/],
    ['/cs tasks add acme x', outsider, acmeShared, /own workspace/],
  ])('refuses %s to %s', async (line, user, channel, reason) => {
    await task('secret');
    const [answer] = await bot.ask(user, channel, line);
    expect(answer?.text).toMatch(reason);
    expect(JSON.stringify(answer)).not.toContain('secret');
  });
});

describe('/cs tasks add', () => {
  test.each([
    ['acme Call them by friday', 'Call them', '2026-11-27'],
    ['acme Call them by tuesday', 'Call them', '2026-12-01'],
    ['acme Call them by tomorrow', 'Call them', '2026-11-25'],
    ['acme Call them by 2026-12-24', 'Call them', '2026-12-24'],
    ['acme Call them by next week', 'Call them', '2026-12-01'],
    ['acme Follow up by email', 'Follow up by email', null],
    ['acme Corp Call them', 'Call them', null],
    ['"Acme Corp" Call &lt;them&gt; &amp; me by in 3 days', 'Call <them> & me', '2026-11-27'],
  ])('%s', async (words, title, due) => {
    const answer = await ask(
      `/cs tasks add ${words.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')}`,
    );
    expect(wordsOf(answer)[0]).toBe('Added.');
    expect(await database.db.selectFrom('tasks').selectAll().execute()).toMatchObject([
      { account_id: 'acme', title, due, assignee_email: 'maya@bellwether.example', created_by: maya, key: null },
    ]);
    expect(bot.failures).toEqual([]);
  });

  test.each([
    ['add', /I understand `\/cs tasks`/],
    ['nonsense', /I understand `\/cs tasks`/],
    ['add acme', /What is to be done\?/],
    ['add "Acme Corp"', /What is to be done\?/],
    ['add acme Call them by 2026-11-23', /is past/],
    ['add acme Call them by 2026-02-30', /There is no day 2026-02-30/],
    ['add nobody Call them', /I found no account called “nobody”/],
  ])('explains what %s should have been', async (words, said) => {
    expect((await ask(`/cs tasks ${words}`))?.text).toMatch(said);
    expect(await database.db.selectFrom('tasks').selectAll().execute()).toEqual([]);
    expect(bot.failures).toEqual([]);
  });
});

test('what cannot be stored is not acknowledged to Slack, and the person is told', async () => {
  const closed = await createTestDatabase();
  await closed.drop();
  const other = await startTestBot({ db: closed.db, playbook, now: () => now });
  try {
    for (const line of ['/cs tasks add acme Call them', '/cs alerts quiet off'])
      expect(await other.slack.command(maya, csTeam, line)).toMatchObject({ ok: false });
    expect(other.slack.ephemerals(csTeam, maya).at(-1)?.text).toMatch(/^Sorry, that did not work/);
    expect(other.failures).toHaveLength(2);
  } finally {
    await other.close();
  }
});

describe('beside a task', () => {
  test('Done is once, the list is replaced, and it can be reopened', async () => {
    const id = await task('Call them');
    const list = await ask('/cs tasks all');
    const others = await ask('/cs tasks all', tom);
    const [done] = await bot.press(maya, list!, FINISH_TASK);
    expect(done?.ts).toBe(list?.ts);
    expect(wordsOf(done)[0]).toBe('✅ Done: *Acme Corp* · Call them');
    expect(titles(done)).toEqual([]);
    const [second] = await bot.press(tom, others!, FINISH_TASK);
    expect(wordsOf(second)[0]).toBe(`✅ Done: *Acme Corp* · Call them. <@${maya}> did it already.`);
    expect(await stored(id)).toMatchObject({ done_by: maya, done_at: now });
    const [back] = await bot.press(maya, done!, REOPEN_TASK);
    expect(titles(back)).toEqual(['Call them']);
    expect(await stored(id)).toMatchObject({ done_by: null, done_at: null });
  });

  test('the calendar sets when it is due', async () => {
    const id = await task('Call them');
    const list = await ask('/cs tasks');
    const [answer] = await use(maya, list!, id, { action_id: SET_TASK_DUE, selected_date: '2026-12-03' });
    expect(answer?.ts).toBe(list?.ts);
    expect(wordsOf(answer).join()).toContain('due 3 Dec 2026 (in 9 days)');
    expect(await stored(id)).toMatchObject({ due: '2026-12-03' });
  });

  test('the menu of people gives it to a full member, and to no guest, outsider or app', async () => {
    const id = await task('Call them');
    const list = await ask('/cs tasks');
    for (const [user, why] of [
      [guest, 'is a guest'],
      [outsider, 'is not of this workspace'],
      ['U01NORAHOLM', 'is deactivated'],
      ['U01BELLBOT0', 'is an app'],
    ])
      expect((await use(maya, list!, id, { action_id: ASSIGN_TASK, selected_user: user }))[0]?.text).toContain(why);
    expect(await stored(id)).toMatchObject({ assignee_email: 'maya@bellwether.example' });
    const [answer] = await use(maya, list!, id, { action_id: ASSIGN_TASK, selected_user: tom });
    expect(wordsOf(answer)[0]).toBe(`Given to <@${tom}>.`);
    expect(titles(answer)).toEqual([]);
    expect(await stored(id)).toMatchObject({ assignee_email: 'tom@bellwether.example' });
    expect(bot.failures).toEqual([]);
  });

  test('a control of a task that is gone says so', async () => {
    await task('Call them');
    const list = await ask('/cs tasks');
    await database.db.deleteFrom('tasks').execute();
    expect((await bot.press(maya, list!, FINISH_TASK))[0]?.text).toBe('This task is no longer there.');
  });

  test('a change has the message of its alert shown anew', async () => {
    const alertId = await insertAlert(database.db, {});
    const message = await insertAlertMessage(database.db, { alertIds: [alertId] });
    const version = async () =>
      (
        await database.db
          .selectFrom('messages')
          .select('version')
          .where('id', '=', message.id)
          .executeTakeFirstOrThrow()
      ).version;
    const id = await task('Call them', { key: `alert:${alertId}`, alertId });
    expect(await version()).toBe(2);
    expect(await task('Call them', { key: `alert:${alertId}`, alertId })).toBe(id);
    expect(await version()).toBe(2);
    const list = await ask('/cs tasks');
    expect(wordsOf(list).join()).toContain('from the alert Few logins');
    await bot.press(maya, list!, FINISH_TASK);
    expect(await version()).toBe(3);
  });
});

describe('insertTask', () => {
  test('cuts a title that is too long, and takes none for what has no account', async () => {
    const id = await task('🍦'.repeat(400));
    expect((await stored(id)).title.length).toBeLessThanOrEqual(500);
    expect(
      await insertTask(database.db, {
        key: null,
        accountId: 'gone',
        alertId: null,
        title: 'x',
        assigneeEmail: null,
        due: null,
        createdBy: null,
        now,
      }),
    ).toBeNull();
  });

  test('of the same key at once is one task', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => task('Renew', { key: 'renewal:acme:2026' })));
    expect(new Set(ids).size).toBe(1);
  });
});
