import { channelType, deliver, sendEvent, VERIFICATION_TOKEN } from './deliver.ts';
import { createHook, readAnswer, respond } from './hooks.ts';
import { envelope, findPlace, outcomeOf } from './interactions.ts';
import { messageJson, viewJson } from './json.ts';
import { findMessage } from './lookup.ts';
import { attach, edit, post, react, remove } from './messages.ts';
import { pageChannel } from './page-json.ts';
import { nextId, nextTs, SlackRefusal, type State } from './state.ts';
import { escapeText, typedText } from './text.ts';
import { createTrigger } from './triggers.ts';
import type { GivenFile, Outcome } from './types.ts';
import { type Channel, canSee, findChannel, findUser, openDirect } from './workspace.ts';

/** Slack's own words to one person, such as that a command failed. */
export function notice(state: State, user: string, channel: string | null, text: string): void {
  state.notices.push({ user, text });
  state.journal.add({ kind: 'notice', user, channel, text });
  state.stream.publish([user], { type: 'notice', channel, text });
}

function enter(state: State, user: string, channelId: string): Channel | string {
  const person = findUser(state.workspace, user);
  if (!person || person.deleted) return 'user_not_found';
  const channel = findChannel(state.workspace, channelId);
  if (!channel || !canSee(state.workspace, channel, user)) return 'channel_not_found';
  if (channel.is_archived) return 'is_archived';
  return channel;
}

type Saying = {
  thread_ts?: string | undefined;
  literal?: boolean;
  broadcast?: boolean;
  isMe?: boolean;
  files?: readonly GivenFile[];
};

/** A person writes a message; it is there at once, the bot hears of it in the background. */
export function say(
  state: State,
  user: string,
  channelId: string,
  text: string,
  { thread_ts, literal, broadcast = false, isMe = false, files = [] }: Saying = {},
): Outcome & { ts?: string } {
  const channel = enter(state, user, channelId);
  if (typeof channel === 'string') return { ok: false, error: channel };
  if (!channel.members.includes(user)) return { ok: false, error: 'not_in_channel' };
  if (text.trim() === '' && files.length === 0) return { ok: false, error: 'no_text' };
  if (thread_ts && !findMessage(state, channel.id, thread_ts)) return { ok: false, error: 'thread_not_found' };
  const message = post(state, {
    channel,
    user,
    text: typedText(text, { workspace: state.workspace, user, ...(literal && { literal }) }),
    thread_ts: thread_ts ?? null,
    broadcast,
    subtype: files.length > 0 ? 'file_share' : broadcast ? 'thread_broadcast' : isMe ? 'me_message' : null,
    files: files.map((file) => addFile(state, file)),
  });
  for (const id of message.files) state.files.get(id)?.shares.push({ channel: channel.id, ts: message.ts });
  return { ok: true, ts: message.ts };
}

/** A file of a person's, which Slack has looked at. */
function addFile(state: State, { name, type, bytes }: GivenFile): string {
  const id = nextId(state, 'F');
  const created = Math.floor(state.now().getTime() / 1000);
  const rest = { title: '', alt_text: '', shares: [], size: bytes.length, bytes: Buffer.from(bytes) };
  state.files.set(id, { ...rest, id, name, mimetype: type, created, state: 'ready' });
  return id;
}

/** A person changes what they wrote. */
export function rewrite(state: State, user: string, channelId: string, ts: string, text: string): Outcome {
  const own = ownMessage(state, user, channelId, ts);
  if (typeof own === 'string') return { ok: false, error: own };
  edit(state, own.channel, own.message, { text: typedText(text, { workspace: state.workspace, user }) }, user);
  return { ok: true };
}

/** A person takes back what they wrote. */
export function takeBack(state: State, user: string, channelId: string, ts: string): Outcome {
  const own = ownMessage(state, user, channelId, ts);
  if (typeof own === 'string') return { ok: false, error: own };
  remove(state, own.channel, own.message);
  return { ok: true };
}

/** Slack shows what a link in a message leads to. */
export function unfurl(state: State, channelId: string, ts: string, attachments: unknown[]): Outcome {
  const channel = findChannel(state.workspace, channelId);
  const message = findMessage(state, channelId, ts);
  if (!channel || !message) return { ok: false, error: 'message_not_found' };
  attach(state, channel, message, attachments);
  return { ok: true };
}

function ownMessage(state: State, user: string, channelId: string, ts: string) {
  const channel = enter(state, user, channelId);
  if (typeof channel === 'string') return channel;
  const message = findMessage(state, channelId, ts);
  if (!message) return 'message_not_found';
  return message.user === user ? { channel, message } : 'cant_update_message';
}

/** A person runs a slash command; resolves once the bot has answered it. */
export async function command(
  state: State,
  user: string,
  channelId: string,
  line: string,
  { literal = false }: { literal?: boolean } = {},
): Promise<Outcome> {
  const channel = enter(state, user, channelId);
  if (typeof channel === 'string') return { ok: false, error: channel };
  const [name = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(line.trim())?.slice(1) ?? [];
  const known = state.settings.commands.find((each) => each.command === name);
  if (!known) {
    notice(
      state,
      user,
      channel.id,
      `${name} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands. If you are trying to send a message and not run a command, try preceding the "/" with an empty space.`,
    );
    return { ok: false, error: 'invalid_command' };
  }
  const { workspace } = state;
  const person = findUser(workspace, user);
  const team = workspace.teams.find(({ id }) => id === person?.team_id) ?? workspace.team;
  const url = createHook(state, { user, channel: channel.id });
  const text = rest.trim();
  const reply = await deliver(state, 'command', nextId(state, 'X'), {
    token: VERIFICATION_TOKEN,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.kind === 'im' ? 'directmessage' : channel.kind === 'private' ? 'privategroup' : channel.name,
    user_id: user,
    user_name: person?.name ?? '',
    command: name,
    text: known.should_escape ? typedText(text, { workspace, user, named: true, literal }) : escapeText(text),
    api_app_id: workspace.app.id,
    is_enterprise_install: 'false',
    response_url: url,
    trigger_id: createTrigger(state, user),
  });
  const outcome = outcomeOf(reply);
  if (!outcome.ok) notice(state, user, channel.id, `${name} failed with the error "${outcome.error}"`);
  const answer = reply.ok ? readAnswer(reply.body) : null;
  const hook = state.hooks.get(url.split('/').at(-1) ?? '');
  if (!answer || !hook) return outcome;
  try {
    respond(state, hook, answer);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    notice(state, user, channel.id, `${name} failed with the error "${error.answer.error}"`);
    return { ok: false, error: error.answer.error };
  }
}

/** A person adds or takes back a reaction. */
export function reactTo(
  state: State,
  user: string,
  channelId: string,
  ts: string,
  { name, remove = false }: { name: string; remove?: boolean },
): Outcome {
  const channel = enter(state, user, channelId);
  if (typeof channel === 'string') return { ok: false, error: channel };
  const message = findMessage(state, channelId, ts);
  if (!message) return { ok: false, error: 'message_not_found' };
  if (!react(state, channel, message, { user, name, removed: remove })) {
    return { ok: false, error: remove ? 'no_reaction' : 'already_reacted' };
  }
  return { ok: true };
}

/** A person runs a global shortcut, or with a place one on a message. */
export async function shortcut(
  state: State,
  user: string,
  callbackId: string,
  place?: { channel: string; ts: string },
): Promise<Outcome> {
  const known = state.settings.shortcuts.find((each) => each.callback_id === callbackId);
  if (known?.type !== (place ? 'message' : 'global')) return { ok: false, error: 'no_such_shortcut' };
  const found = place ? findPlace(state, user, place) : null;
  if (place && found?.kind !== 'message') return { ok: false, error: 'not_found' };
  const reply = await deliver(state, 'interaction', nextId(state, 'X'), {
    type: place ? 'message_action' : 'shortcut',
    ...envelope(state, user),
    callback_id: callbackId,
    trigger_id: createTrigger(state, user),
    action_ts: nextTs(state),
    ...(found?.kind === 'message' && {
      channel: { id: found.channel.id, name: found.channel.name },
      message: messageJson(state, found.message, { metadata: true }),
      message_ts: found.message.ts,
      response_url: createHook(state, { user, channel: found.channel.id, thread_ts: found.message.thread_ts }),
    }),
  });
  return outcomeOf(reply);
}

/** A person opens the app's Home tab. */
export function openHome(state: State, user: string): Outcome {
  const { bot_user_id } = state.workspace.app;
  const view = state.views.get(state.homes.get(user) ?? '');
  sendEvent(state, {
    type: 'app_home_opened',
    user,
    channel: directOf(state, user, bot_user_id).id,
    tab: 'home',
    event_ts: nextTs(state),
    ...(view && { view: viewJson(state, view) }),
  });
  return { ok: true };
}

/** The DM of two people, opened if need be and shown on their pages. */
export function directOf(state: State, user: string, ...others: string[]): Channel {
  const opened = openDirect(state.workspace, [user, ...others], Math.floor(state.now().getTime() / 1000));
  if (opened.isNew) showChannel(state, opened.channel);
  return opened.channel;
}

/** A person or the bot joins or leaves a channel. */
export function move(state: State, user: string, channelId: string, joins: boolean): Outcome {
  const channel = findChannel(state.workspace, channelId);
  if (!channel) return { ok: false, error: 'channel_not_found' };
  if (channel.members.includes(user) === joins)
    return { ok: false, error: joins ? 'already_in_channel' : 'not_in_channel' };
  const event = {
    user,
    channel: channel.id,
    channel_type: channelType(channel) === 'group' ? 'G' : 'C',
    team: findUser(state.workspace, user)?.team_id,
    event_ts: nextTs(state),
  };
  if (joins) channel.members = [...channel.members, user];
  sendEvent(state, { type: joins ? 'member_joined_channel' : 'member_left_channel', ...event }, channel);
  if (!joins) channel.members = channel.members.filter((id) => id !== user);
  showChannel(state, channel);
  return { ok: true };
}

function showChannel(state: State, channel: Channel): void {
  const viewers = channel.kind === 'channel' ? state.workspace.users.map(({ id }) => id) : channel.members;
  for (const viewer of viewers) {
    state.stream.publish([viewer], { type: 'channel', channel: pageChannel(channel, viewer) });
  }
}
