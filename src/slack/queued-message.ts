import type { WebClient } from '@slack/web-api';
import {
  cancelMessage,
  clearPosting,
  deferEdit,
  deferMessages,
  isForThread,
  mayStandThere,
  notePosting,
  type QueuedMessage,
  setPosted,
  setShown,
} from '../db/messages.ts';
import type { Claim } from '../db/recipients.ts';
import { afterFailure, backoffMs, type Delivery, holdLease, later, type Rendered, whenBlocked } from './delivery.ts';
import { type Failure, failureOf } from './failures.ts';
import { deleteMessage, updateMessage } from './messages.ts';
import type { Message } from './response-url.ts';

/** The type of the metadata by which a post is found again; its payload is the message's id. */
export const messageEvent = 'bellwether_message';

/** Where a message goes, whether only colleagues are there, and its reader's time zone. */
export type Target = { channelId: string; isInternal: boolean; timeZone: string | null };

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
/** Slack does not let the bot use another name. */
const unfitName = new Set([
  'missing_scope',
  'not_allowed_token_type',
  'invalid_username',
  'restricted_action_username',
]);
/** Where it was found out that a name is not taken, or not shown, which a message then has in what it says. */
const nameless = new WeakSet<WebClient>();
const gone = 'What this told of is gone: its account was deleted.';

/** Posts a message that waits, and that is known not to be posted yet. */
export async function postQueued(
  delivery: Delivery,
  claim: Claim,
  message: QueuedMessage,
  target: Target,
): Promise<PostOutcome> {
  const { db, slack, log, done } = delivery;
  const rendered = await renderOrDefer(delivery, claim, message, target);
  if (rendered === 'failed') return { kind: 'skipped' };
  if (rendered === null) {
    await cancelMessage(db, claim, message.id);
    done.cancelled += 1;
    return { kind: 'skipped' };
  }
  let content = rendered.as && nameless.has(slack) ? rendered.as.otherwise : rendered;
  let sent = await send(delivery, claim, message, target, content);
  if (sent.kind === 'error' && rendered.as && content === rendered && unfitName.has(codeOf(sent.failure))) {
    namesAreNotTaken(delivery, sent.error);
    content = rendered.as.otherwise;
    sent = await send(delivery, claim, message, target, content);
  }
  if (sent.kind === 'error' && content.blocks && unfitBlocks.has(codeOf(sent.failure))) {
    log.error(
      { err: sent.error, message: message.id },
      'Slack refused the blocks of a message; its text is posted alone',
    );
    const { blocks: _, ...text } = content;
    sent = await send(delivery, claim, message, target, text);
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
  const rendered = await renderOrDefer(delivery, claim, message, target);
  if (rendered === 'failed') return null;
  if (!(await mayStandThere(db, { id: message.id, ...target }))) {
    log.error(
      { message: message.id, channelId: target.channelId },
      'a message is not edited: it does not belong there',
    );
    await setShown(db, message.id, message.version, 'not edited: it does not belong there');
    return null;
  }
  const content = rendered?.as && nameless.has(delivery.slack) ? rendered.as.otherwise : rendered;
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
  if (code === '' || unfitApp.has(code)) {
    const until = await afterFailure(delivery, claim, message.id, error.error);
    if (error.failure.kind === 'limited') return until;
    await deferEdit(db, message.id, until);
    return null;
  }
  log.warn({ err: error.error, message: message.id }, 'a message cannot be edited');
  await setShown(db, message.id, message.version, error.failure.why);
  return null;
}

type SendError = { kind: 'error'; error: unknown; failure: Failure };

async function send(
  delivery: Delivery,
  claim: Claim,
  { id, version, threadTs, kind }: QueuedMessage,
  { channelId, isInternal }: Target,
  { text, blocks, as }: Rendered,
): Promise<{ kind: 'posted' } | { kind: 'skipped' } | SendError> {
  const { db, slack, log, now, leaseMs, done } = delivery;
  const at = now();
  const leasedUntil = later(delivery, leaseMs);
  if (!(await notePosting(db, claim, { id, version, channelId, isInternal, at, leasedUntil }))) {
    await holdLease(delivery, claim);
    // Nothing of this is ever right, but an alert that was cancelled meanwhile is.
    if (isForThread({ kind })) await deferMisplaced(delivery, claim, id);
    return { kind: 'skipped' };
  }
  let ts: string | undefined;
  let shownName: string | undefined;
  try {
    const answer = await slack.chat.postMessage({
      channel: channelId,
      text,
      ...(blocks && { blocks }),
      ...(threadTs !== null && { thread_ts: threadTs }),
      ...(as && { username: as.name }),
      unfurl_links: false,
      metadata: { event_type: messageEvent, event_payload: { message_id: String(id) } },
    });
    ({ ts } = answer);
    if (!ts) throw new Error('chat.postMessage answered without a ts');
    shownName = answer.message?.username;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind !== 'failed') await clearPosting(db, id, at);
    return { kind: 'error', error, failure };
  }
  if (await setPosted(db, id, { channelId, ts, at })) {
    done.posted += 1;
    if (as && shownName === undefined) await nameInText(delivery, { channelId, ts }, as.otherwise);
    return { kind: 'posted' };
  }
  log.warn({ message: id, channelId, ts }, 'a message was posted by another worker, too; this post is taken back');
  await deleteMessage(slack, channelId, ts).catch((error: unknown) =>
    log.error({ err: error, message: id, channelId, ts }, 'a message stands there twice: one could not be taken back'),
  );
  return { kind: 'skipped' };
}

/** Slack took the message and left the name out, as it does without being told: who it is from must be read all the same. */
async function nameInText(
  delivery: Delivery,
  { channelId, ts }: { channelId: string; ts: string },
  otherwise: Message,
): Promise<void> {
  namesAreNotTaken(delivery, 'Slack left the name out');
  await updateMessage(delivery.slack, channelId, ts, otherwise).catch((error: unknown) =>
    delivery.log.error({ err: error, channelId, ts }, "an agent's name could not be written into a reply"),
  );
}

function namesAreNotTaken({ slack, log }: Delivery, why: unknown): void {
  nameless.add(slack);
  log.warn({ why }, "replies stand under the bot's name: give the app the scope chat:write.customize");
}

/** It is not to be posted there: it stays, and whoever looks at the ticket's card sees that it does. */
async function deferMisplaced(delivery: Delivery, claim: Claim, id: number): Promise<void> {
  const why = "it does not belong into the ticket's thread";
  await deferMessages(delivery.db, claim, [id], { until: whenBlocked(delivery), why });
  delivery.done.failed += 1;
  delivery.log.error({ message: id }, `a message of a ticket is not posted: ${why}`);
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
): Promise<Rendered | null | 'failed'> {
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
