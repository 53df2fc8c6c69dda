import type { WebClient } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import {
  ARCHIVED,
  BOT,
  BOT_TOKEN,
  CS_TEAM,
  client,
  LEADS,
  MAYA,
  NORA,
  PRIYA,
  RANDOM,
  refusal,
  startSimulator,
} from './simulator-kit.ts';

const NOWHERE = 'C0NOWHERE0';
const TS = '1700000000.000100';
const text = 'a';
const file = { files: [{ id: 'F0NOTHING' }] };
const home = { type: 'home', blocks: [] };

/** What is called, with what, and why Slack refuses it; channels and people are the seeded ones. */
const calls: [method: string, args: Record<string, unknown>, error: string][] = [
  ['chat.postMessage', { channel: NOWHERE, text }, 'channel_not_found'],
  ['chat.postMessage', { channel: LEADS, text }, 'channel_not_found'],
  ['chat.postMessage', { channel: RANDOM, text }, 'not_in_channel'],
  ['chat.postMessage', { channel: ARCHIVED, text }, 'is_archived'],
  ['chat.postMessage', { channel: NORA, text }, 'channel_not_found'],
  ['chat.postMessage', { channel: BOT, text }, 'channel_not_found'],
  ['chat.postMessage', { channel: CS_TEAM }, 'no_text'],
  ['chat.postMessage', { channel: CS_TEAM, text: ' \n' }, 'no_text'],
  ['chat.postMessage', { channel: CS_TEAM, text, thread_ts: TS }, 'thread_not_found'],
  ['chat.postMessage', { channel: CS_TEAM, text, blocks: 'no JSON' }, 'invalid_blocks_format'],
  ['chat.postMessage', { channel: CS_TEAM, text, blocks: [{ type: 'banner' }] }, 'invalid_blocks'],
  ['chat.postMessage', { channel: CS_TEAM, text, attachments: 'no JSON' }, 'invalid_attachments'],
  ['chat.postMessage', { channel: CS_TEAM, text, attachments: ['a'] }, 'invalid_attachments'],
  ['chat.postMessage', { channel: CS_TEAM, attachments: Array(101).fill({ text }) }, 'too_many_attachments'],
  ['chat.postMessage', { channel: CS_TEAM, text: 'x'.repeat(12_001) }, 'msg_too_long'],
  ['chat.postMessage', { channel: CS_TEAM, text, markdown_text: text }, 'markdown_text_conflict'],
  ['chat.postMessage', { channel: CS_TEAM, markdown_text: 'x'.repeat(12_001) }, 'invalid_arguments'],
  ['chat.postMessage', { channel: CS_TEAM, text, metadata: 'no JSON' }, 'invalid_metadata_format'],
  ['chat.postMessage', { channel: CS_TEAM, text, metadata: { event_type: 'a' } }, 'invalid_metadata_format'],
  ['chat.postMessage', { channel: CS_TEAM, text, metadata: { event_payload: {} } }, 'invalid_metadata_format'],
  ['chat.postMessage', { channel: CS_TEAM, text, username: 'Somebody' }, 'missing_scope'],
  ['chat.postMessage', { channel: CS_TEAM, text, parse: 'most' }, 'invalid_arguments'],
  ['chat.postEphemeral', { channel: NOWHERE, user: MAYA, text }, 'channel_not_found'],
  ['chat.postEphemeral', { channel: RANDOM, user: MAYA, text }, 'not_in_channel'],
  ['chat.postEphemeral', { channel: ARCHIVED, user: MAYA, text }, 'is_archived'],
  ['chat.postEphemeral', { channel: CS_TEAM, user: PRIYA, text }, 'user_not_in_channel'],
  ['chat.postEphemeral', { channel: CS_TEAM, user: MAYA }, 'no_text'],
  ['chat.postEphemeral', { channel: CS_TEAM, text }, 'invalid_arguments'],
  ['chat.update', { channel: NOWHERE, ts: TS, text }, 'channel_not_found'],
  ['chat.update', { channel: CS_TEAM, ts: TS, text }, 'message_not_found'],
  ['chat.delete', { channel: CS_TEAM, ts: TS }, 'message_not_found'],
  ['chat.delete', { channel: NOWHERE, ts: TS }, 'channel_not_found'],
  ['chat.getPermalink', { channel: CS_TEAM, message_ts: TS }, 'message_not_found'],
  ['conversations.info', { channel: NOWHERE }, 'channel_not_found'],
  ['conversations.info', { channel: LEADS }, 'channel_not_found'],
  ['conversations.history', { channel: LEADS }, 'missing_scope'],
  ['conversations.list', { types: 'public_channel,secret' }, 'invalid_types'],
  ['conversations.list', { limit: 1000 }, 'invalid_limit'],
  ['conversations.list', { limit: -1 }, 'invalid_limit'],
  ['conversations.list', { limit: 'many' }, 'invalid_arguments'],
  ['conversations.list', { cursor: 'nonsense' }, 'invalid_cursor'],
  ['conversations.list', { cursor: Buffer.from('offset:-1').toString('base64') }, 'invalid_cursor'],
  ['conversations.list', { cursor: `${Buffer.from('offset:1').toString('base64')}!` }, 'invalid_cursor'],
  ['conversations.history', { channel: NOWHERE }, 'channel_not_found'],
  ['conversations.history', { channel: RANDOM }, 'not_in_channel'],
  ['conversations.history', { channel: CS_TEAM, limit: 1000 }, 'invalid_limit'],
  ['conversations.history', { channel: CS_TEAM, cursor: 'a' }, 'invalid_cursor'],
  ['conversations.history', { channel: CS_TEAM, oldest: 'then' }, 'invalid_ts_oldest'],
  ['conversations.history', { channel: CS_TEAM, latest: 'now' }, 'invalid_ts_latest'],
  ['conversations.replies', { channel: CS_TEAM, ts: TS }, 'thread_not_found'],
  ['conversations.replies', { channel: RANDOM, ts: TS }, 'not_in_channel'],
  ['conversations.members', { channel: NOWHERE }, 'channel_not_found'],
  ['conversations.members', { channel: CS_TEAM, limit: 1001 }, 'invalid_limit'],
  ['conversations.open', {}, 'users_list_not_supplied'],
  ['conversations.open', { users: 'U0NOBODY' }, 'user_not_found'],
  ['conversations.open', { users: NORA }, 'user_disabled'],
  ['conversations.open', { users: BOT }, 'cannot_dm_bot'],
  ['conversations.open', { users: Array(9).fill(MAYA).join() }, 'missing_scope'],
  ['conversations.join', { channel: ARCHIVED }, 'is_archived'],
  ['conversations.join', { channel: LEADS }, 'channel_not_found'],
  ['reactions.add', { channel: NOWHERE, timestamp: TS, name: 'eyes' }, 'channel_not_found'],
  ['reactions.add', { channel: RANDOM, timestamp: TS, name: 'eyes' }, 'not_in_channel'],
  ['reactions.add', { channel: ARCHIVED, timestamp: TS, name: 'eyes' }, 'is_archived'],
  ['reactions.add', { channel: CS_TEAM, timestamp: TS, name: 'eyes' }, 'message_not_found'],
  ['reactions.add', { channel: CS_TEAM, timestamp: 'now', name: 'eyes' }, 'bad_timestamp'],
  ['reactions.get', { channel: CS_TEAM, timestamp: TS }, 'message_not_found'],
  ['users.info', { user: 'U0NOBODY' }, 'user_not_found'],
  ['users.list', { cursor: 'nonsense' }, 'invalid_cursor'],
  ['users.list', { limit: 1001 }, 'invalid_limit'],
  ['users.lookupByEmail', { email: 'nobody@bellwether.example' }, 'users_not_found'],
  ['team.info', { team: 'T0NONE' }, 'team_not_found'],
  ['files.getUploadURLExternal', { filename: 'a', length: 0 }, 'invalid_arguments'],
  ['files.getUploadURLExternal', { filename: 'a', length: 1_073_741_825 }, 'invalid_arguments'],
  ['files.getUploadURLExternal', { filename: 'a', length: 1, alt_text: 'x'.repeat(1001) }, 'invalid_arguments'],
  ['files.completeUploadExternal', file, 'file_not_found'],
  ['files.completeUploadExternal', { files: [] }, 'invalid_arguments'],
  ['files.completeUploadExternal', { ...file, channel_id: NOWHERE }, 'channel_not_found'],
  ['files.completeUploadExternal', { ...file, channel_id: RANDOM }, 'not_in_channel'],
  ['files.completeUploadExternal', { ...file, channel_id: ARCHIVED }, 'is_archived'],
  ['files.info', { file: 'F0NOTHING' }, 'file_not_found'],
  ['views.open', { trigger_id: 'made-up', view: { type: 'modal' } }, 'invalid_arguments'],
  ['views.publish', { user_id: 'U0NOBODY', view: home }, 'user_not_found'],
  ['views.publish', { user_id: NORA, view: home }, 'user_not_found'],
  ['views.update', { view_id: 'V0NOWHERE', view: home }, 'not_found'],
  ['views.publish', { user_id: MAYA, view: { ...home, private_metadata: 'x'.repeat(3001) } }, 'invalid_arguments'],
  ['apps.connections.open', {}, 'not_allowed_token_type'],
  ['api.test', { error: 'my_error' }, 'my_error'],
  ['chat.shout', {}, 'unknown_method'],
];

describe('a call that Slack refuses', () => {
  test.each(calls)('%s with %j is refused with %s', async (method, args, error) => {
    const { web, simulator } = await startSimulator();
    expect(await refusal(web.apiCall(method, args))).toBe(error);
    expect(simulator.journal.map(({ kind }) => kind)).toEqual(['call', 'answer']);
  });

  test('for a missing argument says which', async () => {
    const { web } = await startSimulator();
    await expect(web.apiCall('chat.update', { channel: CS_TEAM })).rejects.toMatchObject({
      data: {
        error: 'invalid_arguments',
        response_metadata: { messages: ['[ERROR] missing required field: ts'] },
      },
    });
  });

  test('because its metadata is too large takes the largest that Slack takes', async () => {
    const { web } = await startSimulator();
    const empty = JSON.stringify({ event_type: 'a', event_payload: { id: '' } }).length;
    const post = (length: number) => {
      const metadata = { event_type: 'a', event_payload: { id: 'x'.repeat(length - empty) } };
      return refusal(web.chat.postMessage({ channel: CS_TEAM, text, metadata }));
    };
    expect(await post(16_000)).toBe('ok');
    expect(await post(16_001)).toBe('metadata_too_large');
  });

  test('because it is above 12 kB is taken when it is just that', async () => {
    const { web } = await startSimulator();
    const section = (length: number) => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(length) } });
    const rest = JSON.stringify([section(3000), section(3000), section(3000), section(1)]).length;
    const post = (length: number) => {
      const blocks = [section(3000), section(3000), section(3000), section(1 + length - rest)];
      return refusal(web.apiCall('chat.postMessage', { channel: CS_TEAM, text: '', blocks }));
    };
    expect(await post(12_000)).toBe('ok');
    expect(await post(12_001)).toBe('msg_blocks_too_long');
    expect(await refusal(web.chat.postMessage({ channel: CS_TEAM, text: 'x'.repeat(12_000) }))).toBe('ok');
  });

  test('because its channel was archived since leaves the message as it was', async () => {
    const { web, simulator } = await startSimulator();
    const { ts = '' } = await web.chat.postMessage({ channel: CS_TEAM, text });
    const channel = simulator.workspace.channels.find(({ id }) => id === CS_TEAM);
    if (channel) channel.is_archived = true;
    expect(await refusal(web.chat.update({ channel: CS_TEAM, ts, text: 'b' }))).toBe('is_inactive');
    expect(simulator.messages(CS_TEAM, MAYA)).toMatchObject([{ text, edited: false }]);
  });
});

describe('a token', () => {
  const auth = (web: WebClient) => refusal(web.auth.test());

  test('that was revoked is refused from then on', async () => {
    const { web, simulator } = await startSimulator();
    expect(await auth(web)).toBe('ok');
    simulator.fault({ method: '*', kind: 'error', error: 'token_revoked', count: Number.POSITIVE_INFINITY });
    expect(await auth(web)).toBe('token_revoked');
    expect(await refusal(web.chat.postMessage({ channel: CS_TEAM, text }))).toBe('token_revoked');
    simulator.clearFaults();
    expect(await auth(web)).toBe('ok');
  });

  test('is unknown in whatever way it is sent', async () => {
    const { apiUrl } = await startSimulator();
    expect(await auth(client(apiUrl, `${BOT_TOKEN}x`))).toBe('invalid_auth');
    const ask = async (query: string, init: RequestInit = {}) =>
      ((await (await fetch(`${apiUrl}auth.test${query}`, init)).json()) as { error?: string }).error ?? 'ok';
    expect(await ask('')).toBe('not_authed');
    expect(await ask('?token=xoxb-other')).toBe('invalid_auth');
    expect(await ask('', { headers: { authorization: 'Bearer xoxb-other' } })).toBe('invalid_auth');
    expect(await ask('', { headers: { authorization: `Basic ${BOT_TOKEN}` } })).toBe('not_authed');
    expect(await ask('', { method: 'POST', body: new URLSearchParams({ token: BOT_TOKEN }) })).toBe('ok');
  });
});

describe('the body of a call', () => {
  const callWith = async (apiUrl: string, init: RequestInit, query = '') => {
    const headers = { authorization: `Bearer ${BOT_TOKEN}`, ...(init.headers as Record<string, string>) };
    const response = await fetch(`${apiUrl}chat.postMessage${query}`, { method: 'POST', ...init, headers });
    return ((await response.json()) as { error?: string }).error ?? 'ok';
  };
  const form = new URLSearchParams({ channel: CS_TEAM, text });
  const json = JSON.stringify({ channel: CS_TEAM, text });
  const multipart = new FormData();
  multipart.set('channel', CS_TEAM);
  multipart.set('text', text);
  const type = (value: string) => ({ headers: { 'content-type': value } });

  test.each<[what: string, init: RequestInit, query: string]>([
    ['a form', { body: form }, ''],
    ['a form with files', { body: multipart }, ''],
    ['JSON', { body: json, ...type('application/json; charset=utf-8') }, ''],
    ['plain text', { body: String(form), ...type('text/plain') }, ''],
    ['nothing, all in the address', {}, `?${form}`],
    ['nothing, as a GET', { method: 'GET' }, `?${form}`],
  ])('may be %s', async (_what, init, query) => {
    const { apiUrl, simulator } = await startSimulator();
    expect(await callWith(apiUrl, init, query)).toBe('ok');
    expect(simulator.messages(CS_TEAM, MAYA)).toMatchObject([{ text }]);
  });

  test.each<[what: string, init: RequestInit, error: string]>([
    ['JSON cut short', { body: '{"channel":', ...type('application/json') }, 'invalid_json'],
    ['a JSON list', { body: '[]', ...type('application/json') }, 'json_not_object'],
    ['a JSON null', { body: 'null', ...type('application/json') }, 'json_not_object'],
    ['a form without its boundary', { body: 'a', ...type('multipart/form-data') }, 'invalid_form_data'],
    ['a picture', { body: 'a', ...type('image/png') }, 'invalid_post_type'],
    ['bytes of no type', { body: Buffer.from('a') }, 'missing_post_type'],
  ])('may not be %s', async (_what, init, error) => {
    const { apiUrl, simulator } = await startSimulator();
    expect(await callWith(apiUrl, init)).toBe(error);
    expect(simulator.messages(CS_TEAM, MAYA)).toEqual([]);
  });
});

test('a trigger opens one view, within three seconds, whatever its view was like', async () => {
  let at = Date.UTC(2026, 10, 2);
  const { web, simulator } = await startSimulator({ now: () => new Date(at) });
  const open = async (view: object) => {
    const delivery = simulator.journal.findLast((entry) => entry.kind === 'delivery');
    const trigger_id = delivery?.kind === 'delivery' ? String(delivery.body.trigger_id) : '';
    return refusal(web.apiCall('views.open', { trigger_id, view }));
  };
  const modal = { type: 'modal', title: { type: 'plain_text', text }, blocks: [] };
  await simulator.shortcut(MAYA, 'new_ticket');
  expect(await open({ ...modal, title: undefined })).toBe('invalid_arguments');
  at += 3000;
  expect(await open(modal)).toBe('ok');
  expect(await open(modal)).toBe('exchanged_trigger_id');
  await simulator.shortcut(MAYA, 'new_ticket');
  at += 3001;
  expect(await open(modal)).toBe('expired_trigger_id');
  await simulator.shortcut(MAYA, 'new_ticket');
  const metadata = (count: number) => ({ ...modal, blocks: Array(count).fill(section(2900)) });
  expect(await open(metadata(90)), 'above 250 kB').toBe('view_too_large');
  expect(simulator.views(MAYA)).toHaveLength(1);
});

const section = (length: number) => ({ type: 'section', text: { type: 'plain_text', text: 'x'.repeat(length) } });
