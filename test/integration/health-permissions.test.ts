import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EXPLAIN_HEALTH, SHARE_HEALTH } from '../../blocks/health-card.ts';
import { NEXT_PAGE, OPEN_ACCOUNT } from '../../blocks/my-accounts.ts';
import { readPlaybook } from '../../src/playbook/read.ts';
import {
  acmeShared,
  ana,
  csTeam,
  general,
  guest,
  maya,
  outsider,
  random,
  startTestBot,
  type TestBot,
  tom,
  wordsOf,
} from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount, insertScore } from '../factories.ts';

const today = '2026-11-21';
const privateChannel = 'C01LEADS000';
const playbook = await readPlaybook('new-vs-established');

let database: TestDatabase;
let bot: TestBot;

beforeAll(async () => {
  database = await createTestDatabase();
  for (let index = 10; index < 30; index++)
    await insertAccount(database.db, { id: `account-${index}`, csm_email: 'maya@bellwether.example' });
  await insertAccount(database.db, {
    id: 'acme',
    name: 'Sekrit Acme',
    csm_email: 'maya@bellwether.example',
    arr: 424_242,
  });
  await insertScore(database.db, playbook, { account: 'acme', day: today, metrics: { nps_score: 9 } });
});
afterAll(() => database.drop());
beforeEach(async () => {
  bot = await startTestBot({ db: database.db, playbook, now: () => new Date(`${today}T14:00:00Z`) });
  return () => bot.close();
});

/** Nothing of the account, its name, worth or score, in what was answered. */
function expectRefusal(answers: { text: string; blocks: unknown[] }[], reason: RegExp): void {
  expect(answers).toHaveLength(1);
  expect(answers[0]?.text).toMatch(/^Sorry, /);
  expect(answers[0]?.text).toMatch(reason);
  const said = JSON.stringify(answers.map(({ text, blocks }) => [text, blocks]));
  expect(said).not.toMatch(/sekrit|acme|424|10\.0|healthy|account-/i);
}

const lines = ['/health acme', '/health acme why', '/health', '/health help', '/health sekrit', '/health nobody'];

describe('/health refuses politely, without data,', () => {
  test.each(lines)('a guest who asks %s', async (line) => {
    expectRefusal(await bot.ask(guest, general, line), /guest/);
  });

  test.each(lines)('somebody in a channel shared with outsiders who asks %s', async (line) => {
    expectRefusal(await bot.ask(maya, acmeShared, line), /shared with people outside/);
  });

  test('somebody of another workspace, whatever their email says', async () => {
    const users = bot.slack.workspace.users;
    const stranger = users.find(({ id }) => id === outsider);
    if (stranger) stranger.email = 'maya@bellwether.example';
    for (const line of ['/health acme', '/health'])
      expectRefusal(await bot.ask(outsider, acmeShared, line), /own workspace/);
  });

  test('somebody in a private channel that the bot cannot see', async () => {
    expectRefusal(await bot.ask(ana, privateChannel, '/health acme'), /invite/);
  });

  test.each([
    ['users.info', 'status', { status: 500 }],
    ['users.info', 'error', { error: 'user_not_found' }],
    ['users.info', 'rate_limited', { retryAfter: 30 }],
    ['users.info', 'lost', {}],
    ['users.info', 'hang', { ms: 4_000 }],
    ['conversations.info', 'status', { status: 500 }],
    ['conversations.info', 'error', { error: 'missing_scope' }],
    ['conversations.info', 'hang', { ms: 4_000 }],
    ['auth.test', 'error', { error: 'fatal_error' }],
  ] as const)('when %s fails: %s', async (method, kind, details) => {
    bot.slack.fault({ method, kind, ...details });
    expectRefusal(await bot.ask(maya, csTeam, '/health acme'), /could not check/);
    // It was not remembered against them.
    expect((await bot.ask(maya, csTeam, '/health acme'))[0]?.text).toContain('Sekrit Acme');
  });
});

describe('/health answers', () => {
  test('in a direct message with the bot', async () => {
    expect((await bot.ask(maya, bot.slack.dm(maya), '/health acme'))[0]?.text).toContain('Sekrit Acme');
  });

  test('in a public channel that the bot is not in', async () => {
    expect((await bot.ask(maya, random, '/health acme'))[0]?.text).toContain('Sekrit Acme');
  });
});

describe('every press is authorised again', () => {
  const demote = (user: string) => {
    const found = bot.slack.workspace.users.find(({ id }) => id === user);
    if (found) found.is_restricted = true;
  };

  test.each([EXPLAIN_HEALTH, SHARE_HEALTH])('a guest by now gets nothing from %s', async (actionId) => {
    const [card] = await bot.ask(maya, csTeam, '/health acme');
    const before = bot.slack.messages(csTeam, tom).length;
    demote(maya);
    expectRefusal(await bot.press(maya, card!, actionId), /guest/);
    expect(bot.slack.messages(csTeam, tom)).toHaveLength(before);
  });

  test.each([OPEN_ACCOUNT, NEXT_PAGE])('nor from %s', async (actionId) => {
    const [list] = await bot.ask(maya, csTeam, '/health');
    demote(maya);
    expectRefusal(await bot.press(maya, list!, actionId), /guest/);
  });

  test('nor from a menu', async () => {
    const [question] = await bot.ask(maya, csTeam, '/health account');
    demote(maya);
    expectRefusal(await bot.choose(maya, question!, 'pick_account', 'account-10'), /guest/);
  });

  test('a guest gets nothing from Why on a card that somebody shared', async () => {
    const [card] = await bot.ask(maya, general, '/health acme');
    await bot.press(maya, card!, SHARE_HEALTH);
    const shared = bot.slack.messages(general, guest).findLast(({ ephemeral }) => !ephemeral);
    expectRefusal(await bot.press(guest, shared!, EXPLAIN_HEALTH), /guest/);
  });
});

describe('Share to channel', () => {
  const visible = (channel: string, user = tom) =>
    bot.slack.messages(channel, user).filter(({ ephemeral }) => !ephemeral);

  test('posts the card and its picture for all, says who shared it, and confirms', async () => {
    const [card] = await bot.ask(maya, csTeam, '/health acme');
    const [confirmation] = await bot.press(maya, card!, SHARE_HEALTH);
    expect(confirmation?.text).toContain('Shared');
    const [shared] = visible(csTeam);
    expect(wordsOf(shared).slice(0, 2)).toEqual([`Shared by <@${maya}>`, 'Sekrit Acme · 10.0 / 10 🟢 Healthy']);
    expect(shared?.blocks.some((block) => block.type === 'image')).toBe(true);
    expect(JSON.stringify(shared?.blocks)).not.toContain(SHARE_HEALTH);
    expect(bot.failures).toEqual([]);
  });

  test('is refused once the channel is shared with outsiders', async () => {
    const [card] = await bot.ask(maya, csTeam, '/health acme');
    bot.slack.workspace.channels.find(({ id }) => id === csTeam)?.team_ids.push('T02ACMECORP');
    expectRefusal(await bot.press(maya, card!, SHARE_HEALTH), /shared with people outside/);
    expect(visible(csTeam)).toEqual([]);
  });

  test('is refused when the channel cannot be looked up', async () => {
    const [card] = await bot.ask(maya, csTeam, '/health acme');
    bot.slack.fault({ method: 'conversations.info', kind: 'status', status: 503 });
    expectRefusal(await bot.press(maya, card!, SHARE_HEALTH), /could not check/);
    expect(visible(csTeam)).toEqual([]);
  });

  test('says what to do where the bot is not a member', async () => {
    const [card] = await bot.ask(maya, random, '/health acme');
    const [answer] = await bot.press(maya, card!, SHARE_HEALTH);
    expect(answer?.text).toContain('/invite @Bellwether');
    expect(visible(random)).toEqual([]);
  });
});

describe('a fault of ours', () => {
  test('reaches the asker as a number and the log whole', async () => {
    const closed = await createTestDatabase();
    await closed.drop();
    const other = await startTestBot({ db: closed.db, playbook });
    const [answer] = await other.ask(maya, csTeam, '/health acme');
    expect(answer?.text).toMatch(/^Sorry, that did not work.*error [0-9a-f]{8}\.$/);
    expect(String(other.failures[0])).toMatch(/\/health failed, error [0-9a-f]{8}/);
    await other.close();
  });

  test('an account that is gone since is told as such', async () => {
    await insertAccount(database.db, { id: 'gone' });
    const [card] = await bot.ask(maya, csTeam, '/health gone');
    await database.db.deleteFrom('accounts').where('id', '=', 'gone').execute();
    expect((await bot.press(maya, card!, EXPLAIN_HEALTH))[0]?.text).toBe('This account is no longer there.');
    expect(bot.failures).toEqual([]);
  });
});
