import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { createEmulator } from 'emulate';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { button, buttons, context, header, section } from '../../blocks/text.ts';
import { createSlackClient } from '../../src/slack/client.ts';
import { findConversation, findHome, findPerson } from '../../src/slack/identity.ts';
import { startThread, untilUsable, uploadPicture } from '../../src/slack/pictures.ts';
import { BOT_TOKEN, CS_TEAM, MAYA, refusal, startSimulator } from './simulator-kit.ts';

// A second opinion on the simulator: another program's Slack, made by other people, is called in the same way. What the
// product relies on must look the same in both.

type Place = { apiUrl: string; web: WebClient; maya: string; channel: string };

const slackAt = (apiUrl: string, token: { token?: string } = { token: BOT_TOKEN }) =>
  createSlackClient({ ...token, apiUrl, log: pino({ level: 'silent' }) });

async function ours(): Promise<Place> {
  const { apiUrl } = await startSimulator({ events: [] });
  return { apiUrl, web: slackAt(apiUrl), maya: MAYA, channel: CS_TEAM };
}

async function theirs(): Promise<Place> {
  const emulator = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        team: { name: 'Northwind CS', domain: 'northwind-cs' },
        users: [{ name: 'maya', real_name: 'Maya Lindqvist', email: 'maya@bellwether.example' }],
        channels: [{ name: 'cs-team' }],
      },
    },
  });
  onTestFinished(() => emulator.close());
  const apiUrl = `${emulator.url}/api/`;
  const web = slackAt(apiUrl);
  const maya = (await web.users.lookupByEmail({ email: 'maya@bellwether.example' })).user?.id ?? '';
  const { channels = [] } = await web.conversations.list({});
  const channel = channels.find(({ name }) => name === 'cs-team')?.id ?? '';
  await web.conversations.join({ channel });
  return { apiUrl, web, maya, channel };
}

/** The same steps on both sides; the answers must be the same. */
async function agree<T>(steps: (place: Place) => Promise<T>): Promise<T> {
  const [mine, other] = [await steps(await ours()), await steps(await theirs())];
  expect(mine).toEqual(other);
  return mine;
}

/** What kind of value lies at each path of an answer. */
function kinds(answer: object, ...paths: string[]): Record<string, string> {
  const at = (path: string) =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], answer);
  return Object.fromEntries(
    paths.map((path) => {
      const value = at(path);
      return [path, Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value];
    }),
  );
}

const card: KnownBlock[] = [
  header('Acme & Söhne 🐑'),
  section('*62* 🟡 concerning, 4 below last week'),
  context('Model: product usage'),
  buttons(button('explain_health', 'Why', 'acme'), button('share_health', 'Share to channel', 'acme')),
];

/** A message's blocks without the ids that Slack adds to those that came without. */
const withoutIds = (blocks: unknown) =>
  JSON.parse(JSON.stringify(blocks), (key, value: unknown) => (key === 'block_id' ? undefined : value));

test('who the bot, a person and a conversation are looks the same', async () => {
  const answers = await agree(async ({ web, maya, channel }) => {
    const home = findHome(web);
    const person = await findPerson(web, maya);
    const conversation = await findConversation(web, channel, home);
    return {
      isOurs: person.teamId === (await home).teamId,
      kind: person.kind,
      email: person.email,
      shared: conversation.shared,
      directWith: conversation.directWith,
      auth: kinds(await web.auth.test(), 'ok', 'team', 'team_id', 'user_id', 'url'),
      list: kinds(await web.users.list({}), 'members.0.id', 'members.0.profile.real_name', 'members.0.is_bot'),
      team: kinds(await web.team.info(), 'team.id', 'team.name', 'team.domain'),
      members: kinds(await web.conversations.members({ channel }), 'members', 'response_metadata.next_cursor'),
    };
  });
  expect(answers).toMatchObject({ isOurs: true, kind: 'member', email: 'maya@bellwether.example', shared: false });
});

test('a card that is posted, found by its metadata, changed and deleted looks the same', async () => {
  const answers = await agree(async ({ web, maya, channel }) => {
    const metadata = { event_type: 'outbox', event_payload: { id: '17' } };
    const posted = await web.chat.postMessage({ channel, text: 'Acme: 62', blocks: card, metadata });
    const ts = posted.ts ?? '';
    const found = await web.conversations.history({ channel, include_all_metadata: true });
    const updated = await web.chat.update({ channel, ts, text: 'Acme: 63', blocks: card.slice(0, 2) });
    const whispered = await web.chat.postEphemeral({ channel, user: maya, text: 'Acme: 62', blocks: card });
    await web.reactions.add({ channel, timestamp: ts, name: 'eyes' });
    const reactions = await web.reactions.get({ channel, timestamp: ts });
    const link = await web.chat.getPermalink({ channel, message_ts: ts });
    const deleted = await web.chat.delete({ channel, ts });
    return {
      posted: kinds(posted, 'ok', 'channel', 'ts', 'message.text', 'message.blocks', 'message.ts'),
      blocks: withoutIds(posted.message?.blocks),
      found: found.messages?.map(({ text, metadata: kept, ts: at }) => ({ text, kept, isIt: at === ts })),
      updated: kinds(updated, 'ok', 'channel', 'ts', 'text', 'message.edited.ts'),
      sameTs: updated.ts === ts,
      whispered: kinds(whispered, 'ok', 'message_ts'),
      reactions: reactions.message?.reactions?.map(({ name, count }) => ({ name, count })),
      link: link.permalink?.endsWith(`/archives/${channel}/p${ts.replace('.', '')}`),
      deleted: { ok: deleted.ok, isIt: deleted.ts === ts },
    };
  });
  expect(answers).toMatchObject({ blocks: card, found: [{ text: 'Acme: 62', isIt: true }], sameTs: true, link: true });
});

test('a thread looks the same', async () => {
  await agree(async ({ web, channel }) => {
    const { ts = '' } = await web.chat.postMessage({ channel, text: 'Head' });
    const reply = await web.chat.postMessage({ channel, text: 'Reply', thread_ts: ts });
    const replies = await web.conversations.replies({ channel, ts });
    const history = await web.conversations.history({ channel });
    return {
      isThere: reply.message?.thread_ts === ts,
      replies: replies.messages?.map(({ text }) => text),
      history: history.messages?.map(({ text, reply_count }) => ({ text, reply_count })),
    };
  });
});

test("a picture in a thread of somebody's direct messages looks the same", async () => {
  const answers = await agree(async ({ web, maya }) => {
    const { channelId, threadTs } = await startThread(web, maya, 'Your pictures');
    const png = Buffer.from('89504e470d0a1a0a', 'hex');
    const upload = { png, filename: 'trend.png', title: 'Trend', altText: 'Falling', channelId, threadTs };
    const file = await uploadPicture(web, upload);
    const usable = await untilUsable(web, file);
    const info = await web.files.info({ file });
    const direct = await findConversation(web, channelId, findHome(web));
    return {
      usable,
      info: kinds(info, 'file.id', 'file.name', 'file.mimetype', 'file.ims', 'file.shares.private', 'file.url_private'),
      isDirectWithMaya: direct.directWith === maya,
    };
  });
  expect(answers).toMatchObject({ usable: true, isDirectWithMaya: true });
});

test('a Home that is published looks the same', async () => {
  await agree(async ({ web, maya }) => {
    const answer = await web.views.publish({ user_id: maya, view: { type: 'home', blocks: [section('Hello')] } });
    return kinds(
      answer,
      'ok',
      'view.id',
      'view.type',
      'view.blocks',
      'view.hash',
      'view.state.values',
      'view.root_view_id',
    );
  });
});

test('refusals have the same codes', async () => {
  const answers = await agree(async ({ apiUrl, web, channel }) => {
    const { ts = '' } = await web.chat.postMessage({ channel, text: 'a' });
    await web.reactions.add({ channel, timestamp: ts, name: 'eyes' });
    return {
      noToken: await refusal(slackAt(apiUrl, {}).auth.test()),
      noUser: await refusal(web.users.info({ user: 'U0NOBODY00' })),
      noEmail: await refusal(web.users.lookupByEmail({ email: 'nobody@bellwether.example' })),
      noChannel: await refusal(web.conversations.info({ channel: 'C0NOWHERE0' })),
      postNowhere: await refusal(web.chat.postMessage({ channel: 'C0NOWHERE0', text: 'a' })),
      noText: await refusal(web.chat.postMessage({ channel, text: '' })),
      noMessage: await refusal(web.chat.update({ channel, ts: '1.000000', text: 'a' })),
      twice: await refusal(web.reactions.add({ channel, timestamp: ts, name: 'eyes' })),
      noFile: await refusal(web.files.info({ file: 'F0NOTHING0' })),
    };
  });
  expect(answers).toMatchObject({
    noToken: 'not_authed',
    noUser: 'user_not_found',
    noText: 'no_text',
    noMessage: 'message_not_found',
  });
});
