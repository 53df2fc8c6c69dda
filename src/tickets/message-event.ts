import { z } from 'zod';
import { isSaid, type SlackMessage, slackMessageSchema } from '../slack/slack-message.ts';

/** What an event of a message tells, as far as it may matter to a ticket: always of a thread. */
export type MessageEvent = { channelId: string; threadTs: string } & (
  | { what: 'said'; message: SlackMessage }
  | { what: 'edited'; message: SlackMessage; before: SlackMessage | null }
  | { what: 'deleted'; message: SlackMessage; at: string }
);

const ts = z.string().regex(/^\d+\.\d+$/);
const channel = z.string().regex(/^[CGD][A-Z0-9]{2,}$/);

const changedSchema = z.object({
  subtype: z.literal('message_changed'),
  channel,
  event_ts: ts.nullish(),
  message: slackMessageSchema,
  previous_message: slackMessageSchema.nullish().catch(null),
});
const deletedSchema = z.object({
  subtype: z.literal('message_deleted'),
  channel,
  deleted_ts: ts,
  event_ts: ts.nullish(),
  previous_message: slackMessageSchema,
});
const saidSchema = slackMessageSchema.extend({ channel });

/** Reads an event of a message; `null` for those that tell nothing of what is said in a thread. */
export function readMessageEvent(event: unknown): MessageEvent | null {
  const changed = changedSchema.safeParse(event).data;
  if (changed) return toChange(changed);
  const deleted = deletedSchema.safeParse(event).data;
  if (deleted) {
    const { channel: channelId, deleted_ts, event_ts, previous_message } = deleted;
    const message = { ...previous_message, ts: deleted_ts };
    const threadTs = message.thread_ts || deleted_ts;
    return { what: 'deleted', channelId, threadTs, message, at: event_ts ?? deleted_ts };
  }
  const said = saidSchema.safeParse(event).data;
  // What begins a thread is no reply.
  if (!said || !isSaid(said) || !said.thread_ts || said.thread_ts === said.ts) return null;
  return { what: 'said', channelId: said.channel, threadTs: said.thread_ts, message: said };
}

function toChange(changed: z.output<typeof changedSchema>): MessageEvent | null {
  const { channel: channelId, message, previous_message: before = null, event_ts } = changed;
  const threadTs = message.thread_ts || message.ts;
  // What is deleted and has replies becomes an empty place.
  if (message.subtype === 'tombstone')
    return before && { what: 'deleted', channelId, threadTs, message: before, at: event_ts ?? message.ts };
  if (!isSaid(message) || !message.edited || message.edited.ts === before?.edited?.ts) return null;
  return { what: 'edited', channelId, threadTs, message, before };
}
