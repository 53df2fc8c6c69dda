import type { AnyBlock } from '@slack/types';
import { repliesOf } from './lookup.ts';
import type { State, StoredMessage, StoredView } from './state.ts';
import type { PageChannel, PageMessage, PageUser, PageView } from './types.ts';
import { type Channel, isExtShared, type Person } from './workspace.ts';

/** A person as the page shows them. */
export function pageUser(state: State, user: Person): PageUser {
  const { id, team_id, name, real_name, email, title, tz, color, is_bot, is_restricted, deleted } = user;
  const is_stranger = team_id !== state.workspace.team.id;
  return { id, team_id, name, real_name, email, title, tz, color, is_bot, is_restricted, deleted, is_stranger };
}

/** A channel as `viewer` sees it: a DM carries the other's id. */
export function pageChannel(channel: Channel, viewer: string): PageChannel {
  const { id, name, kind, is_archived, members, topic } = channel;
  const user = kind === 'im' ? (members.find((each) => each !== viewer) ?? viewer) : null;
  return { id, name, kind, is_archived, members, topic, user, is_ext_shared: isExtShared(channel) };
}

/** A message as the page shows it, its pictures with addresses a browser can load. */
export function pageMessage(state: State, message: StoredMessage): PageMessage {
  const replies = repliesOf(state, message.channel, message.ts);
  return {
    channel: message.channel,
    ts: message.ts,
    user: message.user,
    username: message.username,
    text: message.text,
    blocks: withPictures(state, message.blocks),
    bot_id: message.is_bot ? state.workspace.app.bot_id : null,
    thread_ts: message.thread_ts,
    broadcast: message.broadcast,
    reply_count: replies.length,
    reply_users: [...new Set(replies.map((reply) => reply.user))],
    latest_reply: replies.at(-1)?.ts ?? null,
    edited: message.edited !== null,
    ephemeral: message.ephemeral_to !== null,
    reactions: message.reactions,
    files: message.files.flatMap((id) => {
      const file = state.files.get(id);
      if (!file) return [];
      const { name, title, mimetype, size } = file;
      return [{ id, name, title: title || name, mimetype, size, url: `/sim/file/${id}` }];
    }),
    subtype: message.subtype,
    metadata: message.metadata,
  };
}

/** A modal or Home as the page shows it. */
export function pageView(state: State, view: StoredView): PageView {
  return {
    id: view.id,
    type: view.type,
    title: view.title?.text ?? '',
    submit: view.submit?.text ?? null,
    close: view.close?.text ?? null,
    blocks: withPictures(state, view.blocks),
    callback_id: view.callback_id,
    hash: view.hash,
    state: view.state,
    root_view_id: view.root_view_id,
    previous_view_id: view.previous_view_id,
  };
}

function withPictures(state: State, blocks: AnyBlock[]): AnyBlock[] {
  const copy = structuredClone(blocks);
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    const node = value as { slack_file?: { id?: string; url?: string }; image_url?: string };
    const file = node.slack_file && findFile(state, node.slack_file);
    if (file) node.image_url = `/sim/file/${file.id}`;
    Object.values(value).forEach(visit);
  };
  visit(copy);
  return copy;
}

/** The file that a slack_file object means, by id, url_private or permalink. */
export function findFile(state: State, reference: { id?: string; url?: string }) {
  if (reference.id) return state.files.get(reference.id);
  const id = /[-/](F[A-Z0-9]+)\//.exec(reference.url ?? '')?.[1];
  return id ? state.files.get(id) : undefined;
}
