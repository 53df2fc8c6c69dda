import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSlackClient } from '../../../src/slack/client.ts';
import { authorize } from '../../../src/slack/permissions.ts';

const home = 'T0HOME';
const other = 'T0OTHER';
const member = { id: 'U1', team_id: home, profile: { email: 'Maya@Example.com' } };
const channel = { id: 'C1', is_channel: true };
const asker = { userId: 'U1', teamId: home, channelId: 'C1' };

/** What Slack answers, by method. */
let answers: Record<string, object>;
const server = createServer((request, response) => {
  const method = request.url?.split('/').at(-1) ?? '';
  const answer = answers[method];
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answer ? { ok: true, ...answer } : { ok: false, error: 'unknown_method' }));
});
const log = pino({ level: 'silent' });

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
beforeEach(() => {
  answers = { 'auth.test': { team_id: home }, 'users.info': { user: member }, 'conversations.info': { channel } };
});

function decide(given: Partial<typeof asker> = {}) {
  const { port } = server.address() as AddressInfo;
  const slack = createSlackClient({ token: 'xoxb-test', apiUrl: `http://127.0.0.1:${port}/api/`, log });
  return authorize({ slack, log }, { ...asker, ...given });
}

describe('authorize', () => {
  it('allows a full member in an internal channel, and knows their address', async () => {
    expect(await decide()).toMatchObject({ allowed: true, person: { id: 'U1', email: 'maya@example.com' } });
  });

  it.each([
    ['a guest', { is_restricted: true }, /guest/],
    ['a guest of one channel', { is_ultra_restricted: true }, /guest/],
    ['somebody who has left', { deleted: true }, /active/],
    ['a stranger', { is_stranger: true }, /own workspace/],
    ['somebody of another workspace', { team_id: other }, /own workspace/],
    ['somebody of another organisation', { team_id: other, enterprise_user: { enterprise_id: 'E9' } }, /own workspace/],
    ['a bot', { is_bot: true }, /own workspace/],
    ['somebody else than was asked for', { id: 'U2' }, /could not check/],
    ['somebody without a workspace', { team_id: undefined }, /could not check/],
  ])('refuses %s', async (_who, change, reason) => {
    answers['users.info'] = { user: { ...member, ...change } };
    expect(await decide()).toEqual({ allowed: false, refusal: expect.stringMatching(reason) });
  });

  it('refuses a member whose request comes from another workspace', async () => {
    expect(await decide({ teamId: other })).toMatchObject({ allowed: false });
  });

  it('allows members of every workspace of our own organisation', async () => {
    answers['auth.test'] = { team_id: home, enterprise_id: 'E1' };
    answers['users.info'] = { user: { ...member, team_id: other, enterprise_user: { enterprise_id: 'E1' } } };
    expect(await decide({ teamId: other })).toMatchObject({ allowed: true });
    answers['auth.test'] = { team_id: home, enterprise_id: null };
    expect(await decide({ teamId: other })).toMatchObject({ allowed: false });
  });

  it.each([
    ['shared', { is_ext_shared: true }],
    ['about to be shared', { is_pending_ext_shared: true }],
    ['to which others are invited', { pending_shared: [other] }],
    ['to which others are about to connect', { pending_connected_team_ids: [other] }],
    ['connected to others', { connected_team_ids: [other] }],
    ['shared with others', { shared_team_ids: [home, other] }],
    ['of another host', { conversation_host_id: other }],
    ['shared, nobody says with whom', { is_shared: true }],
    ['shared within an organisation and beyond', { is_org_shared: true, is_ext_shared: true }],
    ['a group message with outsiders', { is_mpim: true, is_ext_shared: true }],
    ["other people's direct message", { is_im: true, user: 'U2' }],
    ['another than was asked for', { id: 'C2' }],
  ])('refuses in a channel that is %s', async (_how, change) => {
    answers['conversations.info'] = { channel: { ...channel, ...change } };
    expect(await decide()).toMatchObject({ allowed: false });
  });

  it.each([
    ['a direct message with the bot', { is_im: true, user: 'U1' }],
    [
      'a channel across our own organisation',
      { is_shared: true, is_org_shared: true, shared_team_ids: [home, 'T0SISTER'] },
    ],
    [
      'a channel connected to a workspace of ours',
      { connected_team_ids: ['T0SISTER'], internal_team_ids: [home, 'T0SISTER'] },
    ],
  ])('allows in %s', async (_where, change) => {
    answers['conversations.info'] = { channel: { ...channel, ...change } };
    expect(await decide()).toMatchObject({ allowed: true });
  });

  it.each(['auth.test', 'users.info', 'conversations.info'])('refuses when %s fails', async (method) => {
    delete answers[method];
    expect(await decide()).toEqual({ allowed: false, refusal: expect.stringMatching(/could not check/) });
  });
});
