import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seedWorkspace } from '../../../simulator/seed.ts';
import type { Workspace } from '../../../simulator/workspace.ts';
import {
  channelArchived,
  channelIdChanged,
  channelNamed,
  channelShared,
  channelUnarchived,
  channelUnshared,
} from '../../../src/slack/channel-changes.ts';
import { findAccountOfChannel } from '../../../src/slack/find-account-of-channel.ts';
import { acmeShared, csTeam, general, guest, maya, outsider, startTestBot, type TestBot, wordsOf } from '../../bot.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';
import { createTestPlaybook } from '../../playbook.ts';
import { insertTicket, insertTicketMessage, insertTicketPost } from '../../ticket-factories.ts';

const now = new Date('2026-11-24T11:00:00Z');
const globex = 'C01GLOBEXEX';

let database: TestDatabase;
let workspace: Workspace;
let bot: TestBot;

beforeAll(async () => {
  database = await createTestDatabase();
  workspace = seedWorkspace();
  const acme = workspace.channels.find(({ id }) => id === acmeShared)!;
  workspace.channels.push({ ...acme, id: globex, name: 'ext-globex', topic: '' });
  bot = await startTestBot({ db: database.db, playbook: createTestPlaybook(), now: () => now }, { workspace });
});
afterAll(async () => {
  await bot.close();
  await database.drop();
});
beforeEach(async () => {
  for (const table of ['messages', 'tickets', 'accounts', 'unlinked_channels'] as const)
    await database.db.deleteFrom(table).execute();
  bot.failures.length = 0;
});

const ask = async (line: string, user = maya, channel = csTeam) => (await bot.ask(user, channel, line))[0];
const find = (channelId: string) => findAccountOfChannel(bot.deps, channelId);
const questions = () =>
  database.db.selectFrom('messages').select(['key', 'notice', 'recipient']).where('kind', '=', 'notice').execute();
const ticket = (id: number) =>
  database.db.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const channelOf = async (id: string) =>
  (await database.db.selectFrom('accounts').select('slack_channel_id').where('id', '=', id).executeTakeFirst())
    ?.slack_channel_id;
const name = (id: string, called: string) => {
  workspace.channels.find((channel) => channel.id === id)!.name = called;
};

describe('the account of a channel', () => {
  test('is the one that it was linked to, whatever the channel is called', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await insertAccount(database.db, { id: 'other', slack_channel_id: acmeShared });
    expect(await find(acmeShared)).toEqual({ accountId: 'other' });
  });

  test.each<[string, string, Parameters<typeof insertAccount>[1][], string | null]>([
    ['its id', 'acme-shared', [{ id: 'acme', name: 'x' }], 'acme'],
    ['its name of several words', 'ext-acme-corp', [{ id: 'a1', name: 'Acme Corp.' }], 'a1'],
    ['its alias', 'shared-roadrunner', [{ id: 'a1', aliases: ['roadrunner'] }], 'a1'],
    ['what its domain begins with', 'acme', [{ id: 'a1', domain: 'acme.example' }], 'a1'],
    ['the whole name before a part of it', 'acme-shared', [{ id: 'acme' }, { id: 'acme-shared' }], 'acme-shared'],
    ['nothing alike', 'acme-shared', [{ id: 'acmee' }, { id: 'acme-inc' }], null],
    [
      'neither of two',
      'acme-shared',
      [
        { id: 'a1', name: 'Acme' },
        { id: 'a2', domain: 'acme.example' },
      ],
      null,
    ],
    ['no purpose alone', 'shared', [{ id: 'acme' }], null],
  ])('is found by name: %s', async (_what, called, accounts, found) => {
    name(acmeShared, called);
    for (const account of accounts) await insertAccount(database.db, account);
    expect(await find(acmeShared)).toEqual(
      found === null ? { unknown: true, channelName: called } : { accountId: found },
    );
    // A guess is not stored.
    for (const { id } of accounts) expect(await channelOf(id)).toBeNull();
    name(acmeShared, 'acme-shared');
  });

  test('is asked for once where nobody knows it, and never again when it is nobody’s', async () => {
    expect(await find(acmeShared)).toEqual({ unknown: true, channelName: 'acme-shared' });
    await find(acmeShared);
    expect(await questions()).toEqual([
      { key: `link:${acmeShared}`, notice: expect.stringContaining('#acme-shared'), recipient: null },
    ]);
    await ask(`/cs link <#${globex}> none`);
    await insertAccount(database.db, { id: 'globex' });
    expect(await find(globex)).toEqual({ unknown: true, channelName: 'ext-globex' });
    expect(await questions()).toHaveLength(1);
  });

  test('is not asked for in a direct message, nor when Slack does not tell; a channel it does not show is unknown', async () => {
    expect(await find(bot.slack.dm(maya))).toEqual({ unknown: true, channelName: null });
    expect(await questions()).toEqual([]);
    expect(await find('C0NOWHERE00')).toEqual({ unknown: true, channelName: null });
    bot.slack.fault({ method: 'conversations.info', kind: 'rate_limited', retryAfter: 1 });
    await expect(find(acmeShared)).rejects.toThrow();
  });
});

describe('/cs link', () => {
  test('lists shared channels of which nobody said whose they are', async () => {
    await insertAccount(database.db, { id: 'acme', slack_channel_id: acmeShared });
    const answer = wordsOf(await ask('/cs link'));
    expect(answer[0]).toBe('Channels without an account: 1');
    expect(answer.join()).toContain(`<#${globex}> \`/cs link #ext-globex …\``);
    expect(answer.join()).not.toContain(acmeShared);
    await ask('/cs link #ext-globex none');
    expect(wordsOf(await ask('/cs link')).join()).toContain('I know of each channel');
  });

  test('gives a channel to an account, and its tickets with it', async () => {
    await insertAccount(database.db, { id: 'acme', name: 'Acme <Corp>' });
    const orphan = await insertTicket(database.db, { account_id: null });
    const post = await insertTicketPost(database.db, { kind: 'ticket', ticket_id: orphan });
    const elsewhere = await insertTicket(database.db, { account_id: null, channel_id: globex });
    const answer = wordsOf(await ask('/cs link #acme-shared acme')).join(' ');
    expect(answer).toContain(`<#${acmeShared}> is the channel of *Acme &lt;Corp&gt;* now.`);
    expect(answer).toContain('1 ticket of it counts for them');
    expect(await channelOf('acme')).toBe(acmeShared);
    expect(await ticket(orphan)).toMatchObject({ account_id: 'acme' });
    const { version } = await database.db
      .selectFrom('messages')
      .select('version')
      .where('id', '=', post)
      .executeTakeFirstOrThrow();
    expect(version).toBe(2);
    expect((await ticket(elsewhere)).account_id).toBeNull();
    expect(wordsOf(await ask('/cs link #acme-shared acme')).join()).toContain('already');
    expect(wordsOf(await ask('/cs link #acme-shared')).join()).toContain('is the channel of');
    expect(bot.failures).toEqual([]);
  });

  test('leaves a channel that is another’s, and says what to do; after that its open tickets go along', async () => {
    await insertAccount(database.db, { id: 'acme', slack_channel_id: acmeShared });
    await insertAccount(database.db, { id: 'globex' });
    const open = await insertTicket(database.db, { account_id: 'acme' });
    const solved = await insertTicket(database.db, { account_id: 'acme', status: 'solved' });
    const taken = wordsOf(await ask('/cs link #acme-shared globex')).join(' ');
    expect(taken).toContain('is the channel of *acme*, so I left it');
    expect(taken).toContain('`/cs link #acme-shared none` first');
    expect(await channelOf('acme')).toBe(acmeShared);
    expect(wordsOf(await ask('/cs link #acme-shared none')).join()).toContain('was the channel of *acme*');
    expect(await channelOf('acme')).toBeNull();
    expect((await ticket(open)).account_id).toBe('acme');
    await ask('/cs link #acme-shared globex');
    expect((await ticket(open)).account_id).toBe('globex');
    expect((await ticket(solved)).account_id).toBe('acme');
    expect(await find(acmeShared)).toEqual({ accountId: 'globex' });
  });

  test('tells that an account has one channel', async () => {
    await insertAccount(database.db, { id: 'acme', slack_channel_id: acmeShared });
    expect(wordsOf(await ask('/cs link #ext-globex acme')).join()).toContain(`Before, it was <#${acmeShared}>`);
    expect(await channelOf('acme')).toBe(globex);
  });

  test('ends in one account when two say it at once', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await insertAccount(database.db, { id: 'globex' });
    await Promise.all([ask('/cs link #acme-shared acme'), ask('/cs link #acme-shared globex')]);
    const owners = [await channelOf('acme'), await channelOf('globex')];
    expect(owners.filter((channel) => channel === acmeShared)).toHaveLength(1);
    expect(bot.failures).toEqual([]);
  });

  test.each([
    ['/cs link #nowhere acme', /do not see a channel #nowhere/],
    ['/cs link #random acme', /do not see a channel #random|is the channel of/],
    ['/cs link #acme-shared acmee', /Did you mean acme\?.*say it again/],
    ['/cs link #acme-shared zzzzzz', /no account called/],
    ['/cs link "x" acme', /Name a channel first/],
  ])('answers %s with what to do', async (line, answer) => {
    await insertAccount(database.db, { id: 'acme' });
    expect(wordsOf(await ask(line)).join(' ')).toMatch(answer);
    expect(bot.failures).toEqual([]);
  });

  test.each([
    [guest, general, /guest/],
    [maya, acmeShared, /shared with people outside/],
    [outsider, acmeShared, /own workspace/],
  ])('refuses %s in %s', async (user, channel, reason) => {
    await insertAccount(database.db, { id: 'acme' });
    expect((await ask('/cs link #acme-shared acme', user, channel))?.text).toMatch(reason);
    expect(await channelOf('acme')).toBeNull();
  });
});

describe('a channel that', () => {
  test('is renamed gives its account to tickets without one, and to no others', async () => {
    await insertAccount(database.db, { id: 'initech' });
    const orphan = await insertTicket(database.db, { account_id: null });
    const other = await insertTicket(database.db, { account_id: 'acme' });
    name(acmeShared, 'initech-shared');
    await channelNamed(bot.deps, acmeShared);
    expect((await ticket(orphan)).account_id).toBe('initech');
    expect((await ticket(other)).account_id).toBe('acme');
    name(acmeShared, 'acme-shared');
  });

  test('is archived says so on its open tickets; unarchived, what waited goes on', async () => {
    const id = await insertTicket(database.db, {});
    const done = await insertTicket(database.db, { status: 'solved' });
    const broken = await insertTicket(database.db, { fault: 'Something else' });
    const said = await insertTicketMessage(database.db, { ticket_id: id });
    const later = new Date(now.getTime() + 3_600_000);
    const post = { kind: 'ticket_reply' as const, ticket_id: id, ticket_message_id: said, due_at: later, attempts: 3 };
    await insertTicketPost(database.db, post);
    await channelArchived(bot.deps, acmeShared);
    await channelArchived(bot.deps, acmeShared);
    expect((await ticket(id)).fault).toMatch(/archived/);
    expect((await ticket(done)).fault).toBeNull();
    expect((await ticket(broken)).fault).toBe('Something else');
    await channelUnarchived(bot.deps, acmeShared);
    expect(await ticket(id)).toMatchObject({ fault: null, due_at: now });
    expect((await ticket(broken)).fault).toBe('Something else');
    const { due_at } = await database.db.selectFrom('messages').select('due_at').executeTakeFirstOrThrow();
    expect(due_at).toEqual(now);
  });

  test('is shared is asked about; no longer shared, its tickets say so until it is again', async () => {
    const id = await insertTicket(database.db, { account_id: null });
    await channelUnshared(bot.deps, acmeShared, true);
    expect((await ticket(id)).fault).toBeNull();
    await channelUnshared(bot.deps, acmeShared, false);
    expect((await ticket(id)).fault).toMatch(/no longer shared/);
    await channelShared(bot.deps, acmeShared);
    expect((await ticket(id)).fault).toBeNull();
    expect(await questions()).toHaveLength(1);
  });

  test('gets another id takes all with it, once', async () => {
    const next = 'C01NEWNEW00';
    await insertAccount(database.db, { id: 'acme', slack_channel_id: acmeShared });
    const id = await insertTicket(database.db, { account_id: 'acme' });
    const ts = '1790000099.000100';
    const said = await insertTicketMessage(database.db, {
      ticket_id: id,
      key: `slack:${acmeShared}:${ts}`,
      channel_id: acmeShared,
      ts,
    });
    await insertTicketMessage(database.db, { ticket_id: id, key: 'mirror:1.1', channel_id: 'C01SUPPORT0', ts });
    await insertTicketPost(database.db, { kind: 'ticket_reply', ticket_id: id, ticket_message_id: said });
    const mirror = { kind: 'ticket_mirror' as const, ticket_id: id };
    await insertTicketPost(database.db, mirror);
    for (let times = 0; times < 2; times++) await channelIdChanged(bot.deps, acmeShared, next);
    expect(await channelOf('acme')).toBe(next);
    expect((await ticket(id)).channel_id).toBe(next);
    const rows = (table: 'ticket_messages' | 'messages') => database.db.selectFrom(table).select(['channel_id']);
    expect(await rows('ticket_messages').select('key').orderBy('id').execute()).toEqual([
      { channel_id: next, key: `slack:${next}:${ts}` },
      { channel_id: 'C01SUPPORT0', key: 'mirror:1.1' },
    ]);
    expect(await rows('messages').select('recipient').orderBy('id').execute()).toEqual([
      { channel_id: null, recipient: `#${next}` },
      { channel_id: null, recipient: '#C01SUPPORT0' },
    ]);
  });
});
