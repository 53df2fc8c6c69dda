import {
  cancelMessage,
  clearPosting,
  deferMessages,
  notePosting,
  type QueuedMessage,
  setPosted,
  setShown,
} from '../db/messages.ts';
import type { Claim } from '../db/recipients.ts';
import { afterFailure, backoffMs, type Delivery, holdLease, later, whenBlocked } from './delivery.ts';
import { type Failure, failureOf } from './failures.ts';
import { deleteMessage } from './messages.ts';
import type { Message } from './response-url.ts';

/** The type of the metadata by which a post is found again; its payload is the message's id. */
export const messageEvent = 'bellwether_message';

/** Where a message goes, and its reader's time zone. */
export type Target = { channelId: string; timeZone: string | null };

/** What became of a post: another is to be tried only if it was `skipped`. */
export type PostOutcome =
  | { kind: 'posted' }
  | { kind: 'skipped' }
  /** Nothing is to be written to them before. */
  | { kind: 'waits'; until: Date }
  /** Slack lets the bot not write there at all. */
  | { kind: 'refused'; code: string };

const unfitBlocks = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long']);
/** Slack refuses all calls alike until somebody mends the app. */
const unfitApp = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'org_login_required',
  'team_access_not_granted',
  'ekm_access_denied',
  'access_denied',
]);
const unfitPlace = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'restricted_action_non_threadable_channel',
  'cannot_dm_bot',
  'user_not_found',
  'user_disabled',
  'messages_tab_disabled',
]);
const gone = 'What this told of is gone: its account was deleted.';

/** Posts a message that waits, and that is known not to be posted yet. */
export async function postQueued(
  delivery: Delivery,
  claim: Claim,
  message: QueuedMessage,
  target: Target,
): Promise<PostOutcome> {
  const { db, log, done } = delivery;
  const content = await renderOrDefer(delivery, claim, message, target);
  if (content === 'failed') return { kind: 'skipped' };
  if (content === null) {
    await cancelMessage(db, claim, message.id);
    done.cancelled += 1;
    return { kind: 'skipped' };
  }
  let sent = await send(delivery, claim, message, target.channelId, content);
  if (sent.kind === 'error' && content.blocks && unfitBlocks.has(codeOf(sent.failure))) {
    log.error(
      { err: sent.error, message: message.id },
      'Slack refused the blocks of a message; its text is posted alone',
    );
    sent = await send(delivery, claim, message, target.channelId, { text: content.text });
  }
  return sent.kind === 'error' ? afterError(delivery, claim, message, sent) : sent;
}

/** Brings a posted message up to date. Returns before when nothing is to be written to them; `null` is at once. */
export async function editQueued(
  delivery: Delivery,
  claim: Claim,
  message: QueuedMessage,
  target: Target,
): Promise<Date | null> {
  const { db, log, done } = delivery;
  if (message.channelId !== target.channelId || message.ts === null) {
    await setShown(db, message.id, message.version, 'not edited: it stands where its reader is no longer written to');
    return null;
  }
  const content = await renderOrDefer(delivery, claim, message, target);
  if (content === 'failed') return null;
  let error = await update(delivery, claim, message, content ?? { text: gone });
  if (error && content?.blocks && unfitBlocks.has(codeOf(error.failure))) {
    log.error(
      { err: error.error, message: message.id },
      'Slack refused the blocks of an edit; its text is shown alone',
    );
    error = await update(delivery, claim, message, { text: content.text });
  }
  if (!error) {
    await setShown(db, message.id, message.version, null);
    done.edited += 1;
    return null;
  }
  const code = codeOf(error.failure);
  if (code === '' || unfitApp.has(code)) return afterFailure(delivery, claim, message.id, error.error);
  log.warn({ err: error.error, message: message.id }, 'a message cannot be edited');
  await setShown(db, message.id, message.version, error.failure.why);
  return null;
}

type SendError = { kind: 'error'; error: unknown; failure: Failure };

async function send(
  delivery: Delivery,
  claim: Claim,
  { id, version }: QueuedMessage,
  channelId: string,
  content: Message,
): Promise<{ kind: 'posted' } | { kind: 'skipped' } | SendError> {
  const { db, slack, log, now, leaseMs, done } = delivery;
  const at = now();
  const leasedUntil = later(delivery, leaseMs);
  if (!(await notePosting(db, claim, { id, version, channelId, at, leasedUntil }))) {
    await holdLease(delivery, claim);
    return { kind: 'skipped' };
  }
  let ts: string | undefined;
  try {
    ({ ts } = await slack.chat.postMessage({
      channel: channelId,
      ...content,
      unfurl_links: false,
      metadata: { event_type: messageEvent, event_payload: { message_id: String(id) } },
    }));
    if (!ts) throw new Error('chat.postMessage answered without a ts');
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind !== 'failed') await clearPosting(db, id, at);
    return { kind: 'error', error, failure };
  }
  if (await setPosted(db, id, { channelId, ts, at })) {
    done.posted += 1;
    return { kind: 'posted' };
  }
  log.warn({ message: id, channelId, ts }, 'a message was posted by another worker, too; this post is taken back');
  await deleteMessage(slack, channelId, ts).catch((error: unknown) =>
    log.error({ err: error, message: id, channelId, ts }, 'a message stands there twice: one could not be taken back'),
  );
  return { kind: 'skipped' };
}

async function afterError(
  delivery: Delivery,
  claim: Claim,
  { id }: QueuedMessage,
  { error, failure }: SendError,
): Promise<PostOutcome> {
  const code = codeOf(failure);
  if (unfitPlace.has(code)) return { kind: 'refused', code };
  if (code === '' || unfitApp.has(code))
    return { kind: 'waits', until: await afterFailure(delivery, claim, id, error) };
  // Something is wrong with this message alone, so the others need not wait for it.
  delivery.log.error({ err: error, message: id }, 'Slack refused a message; it is tried again');
  delivery.done.failed += 1;
  await deferMessages(delivery.db, claim, [id], { until: whenBlocked(delivery), why: failure.why });
  return { kind: 'skipped' };
}

async function update(delivery: Delivery, claim: Claim, message: QueuedMessage, content: Message) {
  await holdLease(delivery, claim);
  const { channelId, ts } = message;
  try {
    // What is left out would stay.
    await delivery.slack.chat.update({ channel: channelId ?? '', ts: ts ?? '', blocks: [], ...content });
    return null;
  } catch (error) {
    return { error, failure: failureOf(error) };
  }
}

/** A message that cannot be rendered is a fault of ours, and no reason for others to wait: only it is tried again. */
async function renderOrDefer(
  delivery: Delivery,
  claim: Claim,
  { id, kind, notice, ts, version, attempts }: QueuedMessage,
  { timeZone }: Target,
): Promise<Message | null | 'failed'> {
  const { db, log, done } = delivery;
  try {
    return await delivery.render({ id, kind, notice, timeZone });
  } catch (error) {
    log.error({ err: error, message: id }, 'a message could not be rendered');
    done.failed += 1;
    const why = `not rendered: ${error instanceof Error ? error.message : String(error)}`;
    if (ts === null) await deferMessages(db, claim, [id], { until: later(delivery, backoffMs(attempts + 1)), why });
    else await setShown(db, id, version, why);
    return 'failed';
  }
}

function codeOf(failure: Failure): string {
  return failure.kind === 'refused' ? failure.code : '';
}
