import type { DeliveryKind } from './journal.ts';
import { nextId, pause, type Reply, type State, track } from './state.ts';
import { type Channel, isDirect, isExtShared } from './workspace.ts';

/** What Slack once used to prove itself; still sent, never to be relied upon. */
export const VERIFICATION_TOKEN = 'simulator-verification-token';

/** One attempt to reach the bot, with its journal entries. */
export async function deliver(
  state: State,
  what: DeliveryKind,
  id: string,
  body: Record<string, unknown>,
  attempt = 0,
  retryReason: string | null = null,
): Promise<Reply> {
  const of = state.journal.add({ kind: 'delivery', what, id, attempt, retry_reason: retryReason, body });
  const started = performance.now();
  const reply = await track(state, state.transport({ what, body, attempt, retryReason }));
  const ms = Math.round(performance.now() - started);
  const answer = reply.ok ? reply.body : reply.reason;
  state.journal.add({ kind: 'reply', of, what, id, status: reply.status, body: answer, ms });
  return reply;
}

/** Tells the bot of an event, in the background, again after each of Slack's waits until it answers 200. */
export function sendEvent(state: State, event: Record<string, unknown> & { type: string }, channel?: Channel): void {
  if (!isSubscribed(state, event.type, channel)) return;
  void deliverEvent(state, event, channel);
}

/** As sendEvent, whether subscribed or not; resolves with the reply to the first attempt. */
export async function deliverEvent(
  state: State,
  event: Record<string, unknown> & { type: string },
  channel?: Channel,
): Promise<Reply> {
  const { workspace } = state;
  const id = nextId(state, 'Ev');
  const body = {
    token: VERIFICATION_TOKEN,
    team_id: workspace.team.id,
    context_team_id: workspace.team.id,
    context_enterprise_id: null,
    api_app_id: workspace.app.id,
    event,
    type: 'event_callback',
    event_id: id,
    event_time: Math.floor(state.now().getTime() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: workspace.team.id,
        user_id: workspace.app.bot_user_id,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: channel ? isExtShared(channel) : false,
    event_context: `4-${id}`,
  };
  const first = await deliver(state, 'event', id, body);
  if (!first.ok && !first.noRetry) void retry(state, id, body, first.reason);
  return first;
}

async function retry(state: State, id: string, body: Record<string, unknown>, firstReason: string): Promise<void> {
  let reason = firstReason;
  for (const [index, wait] of state.settings.eventRetryDelaysMs.entries()) {
    // Only an immediate retry is work under way; nobody waits minutes for the world to be idle.
    const waited = pause(state, wait);
    if (!(await (wait === 0 ? track(state, waited) : waited))) return;
    const reply = await deliver(state, 'event', id, body, index + 1, reason);
    if (reply.ok || reply.noRetry) return;
    reason = reply.reason;
  }
}

const MESSAGE_EVENTS = {
  channel: 'message.channels',
  private: 'message.groups',
  im: 'message.im',
  mpim: 'message.mpim',
};

function isSubscribed(state: State, type: string, channel: Channel | undefined): boolean {
  if (channel && !channel.members.includes(state.workspace.app.bot_user_id)) return false;
  const name = type === 'message' && channel ? MESSAGE_EVENTS[channel.kind] : type;
  return state.settings.events.includes(name);
}

/** `channel_type` as events have it. */
export const channelType = (channel: Channel): string =>
  channel.kind === 'private' ? 'group' : isDirect(channel) ? channel.kind : 'channel';
