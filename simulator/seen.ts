import { channelMessages } from './lookup.ts';
import { pageChannel, pageMessage, pageUser, pageView } from './page-json.ts';
import type { State, StoredMessage } from './state.ts';
import type { PageMessage, PageState, PageView } from './types.ts';
import { stackOf } from './views.ts';
import { canSee, findChannel } from './workspace.ts';

/** What a person sees of a channel, or of one thread: oldest first, their ephemerals in place. */
export function seenMessages(state: State, channelId: string, user: string, threadTs?: string): PageMessage[] {
  const channel = findChannel(state.workspace, channelId);
  if (!channel || !canSee(state.workspace, channel, user)) return [];
  const isHere = (message: StoredMessage) => {
    if (threadTs !== undefined) return message.ts === threadTs || message.thread_ts === threadTs;
    return message.thread_ts === null || message.thread_ts === message.ts || message.broadcast;
  };
  return channelMessages(state, channelId)
    .filter((message) => (message.ephemeral_to === null || message.ephemeral_to === user) && isHere(message))
    .map((message) => pageMessage(state, message));
}

/** The people one may act as. */
export const actors = (state: State): string[] =>
  state.workspace.users.filter((user) => !user.is_bot && !user.deleted && user.id !== 'USLACKBOT').map(({ id }) => id);

export const seenViews = (state: State, user: string): PageView[] =>
  stackOf(state, user).map((view) => pageView(state, view));

/** What is published on a person's Home. */
export function seenHome(state: State, user: string): PageView | null {
  const view = state.views.get(state.homes.get(user) ?? '');
  return view ? pageView(state, view) : null;
}

/** The whole workspace as a person sees it. */
export function seenState(state: State, user: string): PageState {
  const { workspace, settings } = state;
  const { app } = workspace;
  return {
    team: { id: workspace.team.id, name: workspace.team.name },
    me: user,
    people: actors(state),
    users: workspace.users.map((each) => pageUser(state, each)),
    channels: workspace.channels
      .filter((channel) => canSee(workspace, channel, user))
      .map((channel) => pageChannel(channel, user)),
    bot: { user_id: app.bot_user_id, bot_id: app.bot_id, app_id: app.id, name: app.name },
    commands: settings.commands,
    shortcuts: settings.shortcuts,
    views: seenViews(state, user),
    seq: state.stream.seq(),
  };
}
