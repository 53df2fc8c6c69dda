import type { UsersListResponse } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { createSimulator } from '../../simulator/simulator.ts';
import {
  ARCHIVED,
  BOT,
  BOT_TOKEN,
  CS_TEAM,
  client,
  GIL,
  LEADS,
  MAYA,
  NORA,
  PRIYA,
  RANDOM,
  refusal,
  SCOPES,
  SHARED,
  SIGNING_SECRET,
  startSimulator,
  TOM,
} from './simulator-kit.ts';

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } }) as const;

describe('a token', () => {
  test("that is the bot's says who the bot is", async () => {
    const { web } = await startSimulator();
    expect(await web.auth.test()).toMatchObject({
      ok: true,
      team_id: 'T01BELLWTHR',
      user_id: BOT,
      bot_id: 'B01BELLBOT0',
    });
  });

  test('that is missing, unknown or of the wrong kind is refused', async () => {
    const { apiUrl, web } = await startSimulator();
    expect(await refusal(client(apiUrl, '').auth.test())).toBe('not_authed');
    expect(await refusal(client(apiUrl, 'xoxb-stolen').auth.test())).toBe('invalid_auth');
    expect(await refusal(web.apps.connections.open({}))).toBe('not_allowed_token_type');
  });

  test('that lacks a scope is told which one it needs', async () => {
    const { web } = await startSimulator({ scopes: ['channels:read'] });
    await expect(web.chat.postMessage({ channel: CS_TEAM, text: 'Hello' })).rejects.toMatchObject({
      data: { ok: false, error: 'missing_scope', needed: 'chat:write', provided: 'channels:read' },
    });
    expect(await refusal(web.conversations.list({ types: 'public_channel,private_channel' }))).toBe('missing_scope');
    expect(await refusal(web.conversations.info({ channel: CS_TEAM }))).toBe('ok');
  });

  test('without users:read.email sees no addresses', async () => {
    const { web } = await startSimulator({ scopes: ['users:read'] });
    expect((await web.users.info({ user: MAYA })).user?.profile).not.toHaveProperty('email');
    expect(await refusal(web.users.lookupByEmail({ email: 'maya@bellwether.example' }))).toBe('missing_scope');
  });
});

describe('people', () => {
  test('are members, guests, outsiders and deleted ones', async () => {
    const { web } = await startSimulator();
    const user = async (id: string) => (await web.users.info({ user: id })).user;
    expect(await user(MAYA)).toMatchObject({
      is_restricted: false,
      tz: 'Europe/Stockholm',
      profile: { email: 'maya@bellwether.example' },
    });
    expect(await user(GIL)).toMatchObject({ is_restricted: true, team_id: 'T01BELLWTHR' });
    const outsider = await user(PRIYA);
    expect(outsider).toMatchObject({ team_id: 'T02ACMECORP', is_stranger: false });
    expect(outsider?.profile).not.toHaveProperty('email');
    expect(await user(NORA)).toMatchObject({ deleted: true });
    expect(await refusal(web.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
  });

  test('are found by email in the home workspace only', async () => {
    const { web } = await startSimulator();
    expect((await web.users.lookupByEmail({ email: 'TOM@bellwether.example' })).user?.id).toBe(TOM);
    expect(await refusal(web.users.lookupByEmail({ email: 'priya@acme.example' }))).toBe('users_not_found');
    expect(await refusal(web.users.lookupByEmail({ email: 'nora@bellwether.example' }))).toBe('users_not_found');
  });

  test('come in pages that together are all, each once', async () => {
    const { web } = await startSimulator();
    const ids: (string | undefined)[] = [];
    let pages = 0;
    for await (const page of web.paginate('users.list', { limit: 3 })) {
      pages += 1;
      ids.push(...(page as UsersListResponse).members!.map(({ id }) => id));
    }
    const all = (await web.users.list({})).members?.map(({ id }) => id);
    expect(ids).toEqual(all);
    expect(new Set(ids).size).toBe(ids.length);
    expect(pages).toBe(Math.ceil(ids.length / 3));
    expect(await refusal(web.users.list({ cursor: 'nonsense' }))).toBe('invalid_cursor');
    expect(await refusal(web.users.list({ limit: 1001 }))).toBe('invalid_limit');
  });
});

describe('conversations', () => {
  test('say whether outsiders are in them', async () => {
    const { web } = await startSimulator();
    expect((await web.conversations.info({ channel: CS_TEAM })).channel).toMatchObject({
      is_ext_shared: false,
      is_member: true,
    });
    expect((await web.conversations.info({ channel: SHARED })).channel).toMatchObject({
      is_ext_shared: true,
      connected_team_ids: ['T02ACMECORP'],
    });
    expect((await web.conversations.members({ channel: SHARED })).members).toContain(PRIYA);
  });

  test('that the bot may not know of are not found', async () => {
    const { web, simulator } = await startSimulator();
    const theirs = simulator.dm(MAYA, TOM);
    expect(await refusal(web.conversations.info({ channel: LEADS }))).toBe('channel_not_found');
    expect(await refusal(web.conversations.info({ channel: theirs }))).toBe('channel_not_found');
    const listed = await web.conversations.list({ types: 'public_channel,im', exclude_archived: true });
    const ids = listed.channels?.map(({ id }) => id);
    expect(ids).toContain(RANDOM);
    expect(ids).not.toContain(theirs);
    expect(ids).not.toContain(ARCHIVED);
  });

  test('with one person keep their id and refuse people who are gone', async () => {
    const { web, simulator } = await startSimulator();
    const opened = await web.conversations.open({ users: MAYA });
    expect(opened).toMatchObject({ already_open: true, channel: { id: simulator.dm(MAYA) } });
    expect((await web.conversations.open({ users: PRIYA })).channel?.id).toMatch(/^D/);
    expect(await refusal(web.conversations.open({ users: NORA }))).toBe('user_disabled');
    expect(await refusal(web.conversations.open({ users: BOT }))).toBe('cannot_dm_bot');
  });

  test('can be joined when public', async () => {
    const { web } = await startSimulator();
    expect(await refusal(web.chat.postMessage({ channel: RANDOM, text: 'Hi' }))).toBe('not_in_channel');
    expect((await web.conversations.join({ channel: RANDOM })).channel).toMatchObject({ is_member: true });
    expect(await refusal(web.chat.postMessage({ channel: RANDOM, text: 'Hi' }))).toBe('ok');
    expect(await refusal(web.conversations.join({ channel: ARCHIVED }))).toBe('is_archived');
  });
});

describe('a message', () => {
  test('is posted, changed and deleted as the people of its channel see', async () => {
    const { web, simulator } = await startSimulator();
    const { ts = '' } = await web.chat.postMessage({ channel: CS_TEAM, text: 'One', blocks: [section('One')] });
    await web.chat.update({ channel: CS_TEAM, ts, text: 'Two', blocks: [section('Two')] });
    expect(simulator.messages(CS_TEAM, MAYA)).toMatchObject([
      { ts, text: 'Two', edited: true, blocks: [section('Two')] },
    ]);
    expect(simulator.messages(CS_TEAM, GIL), 'a guest who is no member').toEqual([]);
    await web.chat.delete({ channel: CS_TEAM, ts });
    expect(simulator.messages(CS_TEAM, MAYA)).toEqual([]);
    expect(await refusal(web.chat.update({ channel: CS_TEAM, ts, text: 'Three' }))).toBe('message_not_found');
  });

  test('of a person cannot be changed or deleted by the bot', async () => {
    const { web, simulator } = await startSimulator();
    const { ts = '' } = simulator.say(MAYA, CS_TEAM, 'Mine');
    expect(await refusal(web.chat.update({ channel: CS_TEAM, ts, text: 'Yours' }))).toBe('cant_update_message');
    expect(await refusal(web.chat.delete({ channel: CS_TEAM, ts }))).toBe('cant_delete_message');
  });

  test.each([
    ['an unknown channel', { channel: 'C0NOWHERE0', text: 'a' }, 'channel_not_found'],
    ['a private channel of others', { channel: LEADS, text: 'a' }, 'channel_not_found'],
    ['an archived channel', { channel: ARCHIVED, text: 'a' }, 'is_archived'],
    ['nothing to say', { channel: CS_TEAM, text: ' ' }, 'no_text'],
    ['a thread that is not', { channel: CS_TEAM, text: 'a', thread_ts: '1.000000' }, 'thread_not_found'],
    ['blocks that are no list', { channel: CS_TEAM, text: 'a', blocks: '{}' as never }, 'invalid_blocks_format'],
    ['blocks that are no JSON', { channel: CS_TEAM, text: 'a', blocks: '[' as never }, 'invalid_blocks_format'],
    [
      'metadata without a type',
      { channel: CS_TEAM, text: 'a', metadata: { event_payload: {} } as never },
      'invalid_metadata_format',
    ],
    ['12 kB of text', { channel: CS_TEAM, text: 'ü'.repeat(6001) }, 'msg_too_long'],
    [
      '12 kB of blocks',
      { channel: CS_TEAM, text: 'a', blocks: Array(5).fill(section('x'.repeat(2500))) },
      'msg_blocks_too_long',
    ],
    ['no channel', { text: 'a' } as never, 'invalid_arguments'],
  ])('for or with %s is refused', async (_name, args, error) => {
    const { web, simulator } = await startSimulator();
    expect(await refusal(web.chat.postMessage(args))).toBe(error);
    expect(simulator.journal.filter(({ kind }) => kind === 'post')).toEqual([]);
  });

  test('with faulty blocks is refused with the place of each fault', async () => {
    const { web } = await startSimulator();
    const blocks = [section('x'.repeat(3001)), { type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }];
    await expect(web.chat.postMessage({ channel: CS_TEAM, text: 'a', blocks })).rejects.toMatchObject({
      data: {
        error: 'invalid_blocks',
        response_metadata: {
          messages: [
            '[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
            '[ERROR] must be less than 151 characters [json-pointer:/blocks/1/text/text]',
          ],
        },
      },
    });
  });

  test('without text is posted with a warning', async () => {
    const { web } = await startSimulator();
    expect(await web.chat.postMessage({ channel: CS_TEAM, blocks: [section('a')] } as never)).toMatchObject({
      ok: true,
      response_metadata: { warnings: ['missing_text_in_message'] },
    });
  });

  test('sent as JSON is the same as one sent as a form', async () => {
    const { apiUrl, web } = await startSimulator();
    const blocks = [section('Same')];
    const { message } = await web.chat.postMessage({ channel: CS_TEAM, text: 'Same', blocks });
    const response = await fetch(`${apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${BOT_TOKEN}`, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ channel: CS_TEAM, text: 'Same', blocks }),
    });
    const answer = (await response.json()) as { message: typeof message };
    expect(Object.keys(answer.message ?? {})).toEqual(Object.keys(message ?? {}));
    expect(answer.message?.text).toBe('Same');
  });

  test('with a mention records whom it pings', async () => {
    const { web, simulator } = await startSimulator();
    await web.chat.postMessage({ channel: CS_TEAM, text: 'Hi', blocks: [section(`<!channel> <@${MAYA}>`)] });
    await web.chat.postMessage({ channel: CS_TEAM, text: '&lt;!channel&gt;', blocks: [section('&lt;!channel&gt;')] });
    const pings = simulator.journal.flatMap((entry) => (entry.kind === 'post' ? [entry.pings] : []));
    expect(pings).toEqual([['!channel', `@${MAYA}`], []]);
  });

  test('only for one person is seen by nobody else and cannot be found', async () => {
    const { web, simulator } = await startSimulator();
    const { message_ts: ts = '' } = await web.chat.postEphemeral({ channel: CS_TEAM, user: MAYA, text: 'Psst' });
    expect(simulator.ephemerals(CS_TEAM, MAYA)).toMatchObject([{ ts, text: 'Psst', ephemeral: true }]);
    expect(simulator.messages(CS_TEAM, TOM)).toEqual([]);
    expect((await web.conversations.history({ channel: CS_TEAM })).messages).toEqual([]);
    expect(await refusal(web.chat.update({ channel: CS_TEAM, ts, text: 'No' }))).toBe('message_not_found');
    expect(await refusal(web.chat.postEphemeral({ channel: CS_TEAM, user: PRIYA, text: 'a' }))).toBe(
      'user_not_in_channel',
    );
  });

  test('in a thread is left out of the history unless it was sent there too', async () => {
    const { web } = await startSimulator();
    const { ts = '' } = await web.chat.postMessage({ channel: CS_TEAM, text: 'Head' });
    await web.chat.postMessage({ channel: CS_TEAM, text: 'Reply', thread_ts: ts });
    await web.chat.postMessage({ channel: CS_TEAM, text: 'Both', thread_ts: ts, reply_broadcast: true });
    const history = await web.conversations.history({ channel: CS_TEAM });
    expect(history.messages?.map(({ text }) => text)).toEqual(['Both', 'Head']);
    expect(history.messages).toMatchObject([{ subtype: 'thread_broadcast' }, { reply_count: 2, thread_ts: ts }]);
    const replies = await web.conversations.replies({ channel: CS_TEAM, ts });
    expect(replies.messages?.map(({ text }) => text)).toEqual(['Head', 'Reply', 'Both']);
    expect(await refusal(web.conversations.replies({ channel: CS_TEAM, ts: '1.0' }))).toBe('thread_not_found');
  });

  test('keeps its metadata, shown only when asked for', async () => {
    const { web } = await startSimulator();
    const metadata = { event_type: 'outbox', event_payload: { id: '17' } };
    await web.chat.postMessage({ channel: CS_TEAM, text: 'a', metadata });
    const plain = await web.conversations.history({ channel: CS_TEAM });
    expect(plain.messages?.[0]).not.toHaveProperty('metadata');
    const full = await web.conversations.history({ channel: CS_TEAM, include_all_metadata: true });
    expect(full.messages?.[0]?.metadata).toEqual(metadata);
  });

  test('is found by its time', async () => {
    const { web, simulator } = await startSimulator();
    const all = ['a', 'b', 'c'].map((text) => simulator.say(MAYA, CS_TEAM, text).ts ?? '');
    const between = await web.conversations.history({ channel: CS_TEAM, oldest: all[0] ?? '', latest: all[2] ?? '' });
    expect(between.messages?.map(({ text }) => text)).toEqual(['b']);
    const from = await web.conversations.history({ channel: CS_TEAM, oldest: all[1] ?? '', inclusive: true, limit: 1 });
    expect(from).toMatchObject({ has_more: true, messages: [{ text: 'c' }] });
    const { permalink } = await web.chat.getPermalink({ channel: CS_TEAM, message_ts: all[0] ?? '' });
    expect(permalink).toBe(`https://northwind-cs.slack.com/archives/${CS_TEAM}/p${all[0]?.replace('.', '')}`);
  });

  test('takes reactions once each', async () => {
    const { web, simulator } = await startSimulator();
    const { ts = '' } = simulator.say(MAYA, CS_TEAM, 'a');
    await web.reactions.add({ channel: CS_TEAM, timestamp: ts, name: 'eyes' });
    expect(simulator.react(TOM, CS_TEAM, ts, 'eyes')).toEqual({ ok: true });
    expect(await refusal(web.reactions.add({ channel: CS_TEAM, timestamp: ts, name: 'eyes' }))).toBe('already_reacted');
    expect(await refusal(web.reactions.add({ channel: CS_TEAM, timestamp: ts, name: ':eyes:' }))).toBe('invalid_name');
    const got = await web.reactions.get({ channel: CS_TEAM, timestamp: ts });
    expect(got.message?.reactions).toEqual([{ name: 'eyes', users: [BOT, TOM], count: 2 }]);
    await web.reactions.remove({ channel: CS_TEAM, timestamp: ts, name: 'eyes' });
    expect(await refusal(web.reactions.remove({ channel: CS_TEAM, timestamp: ts, name: 'eyes' }))).toBe('no_reaction');
  });
});

test('an unknown method and faulty JSON are refused', async () => {
  const { web, apiUrl } = await startSimulator();
  expect(await refusal(web.apiCall('chat.shout'))).toBe('unknown_method');
  const headers = { authorization: `Bearer ${BOT_TOKEN}`, 'content-type': 'application/json' };
  const response = await fetch(`${apiUrl}auth.test`, { method: 'POST', headers, body: '{' });
  expect(await response.json()).toEqual({ ok: false, error: 'invalid_json' });
});

test('ids are the same in each run', async () => {
  const run = async () => {
    const now = () => new Date('2026-11-02T10:00:00Z');
    const simulator = createSimulator({ signingSecret: SIGNING_SECRET, botToken: BOT_TOKEN, scopes: SCOPES, now });
    const { apiUrl } = await simulator.listen();
    const web = client(apiUrl);
    const dm = (await web.conversations.open({ users: PRIYA })).channel?.id;
    const posted = await web.chat.postMessage({ channel: CS_TEAM, text: 'a', blocks: [section('a')] });
    const file = (await web.files.getUploadURLExternal({ filename: 'a', length: 1 })).file_id;
    await simulator.close();
    return { dm, ts: posted.ts, blocks: posted.message?.blocks, file };
  };
  expect(await run()).toEqual(await run());
});

test('the journal only grows, and never holds the token', async () => {
  const { web, simulator } = await startSimulator({ events: [] });
  await web.auth.test();
  const before = simulator.journal;
  await web.chat.postMessage({ channel: CS_TEAM, text: 'a', token: BOT_TOKEN });
  const after = simulator.journal;
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.map(({ seq }) => seq)).toEqual(after.map((_, index) => index + 1));
  expect(after.map(({ kind }) => kind)).toEqual(['call', 'answer', 'call', 'post', 'answer']);
  expect(JSON.stringify(after)).not.toContain(BOT_TOKEN);
});
