import { type Insertable, sql } from 'kysely';
import { storable, storableJson } from './storable.ts';
import type { TicketClaim } from './ticket-work.ts';
import type { Database, Db } from './types.ts';

/** A file as Slack or the help desk describe it; `url` is where its bytes are, `link` where people see it. */
export type TicketFile = {
  id: string;
  name: string;
  type: string;
  size: number | null;
  url: string | null;
  link: string | null;
  /** Of an agent's file: whether the help desk found it harmful, which file of Slack's it becomes, and what became of that. */
  isUnsafe?: boolean;
  copyId?: string;
  copied?: boolean;
};

/** Something that was said about a ticket, as it is to be stored. */
export type NewTicketMessage = {
  key: string;
  origin: Origin;
  isPublic: boolean;
  author: { kind: AuthorKind; slackId: string | null; name: string };
  /** As people read it, without markup. */
  text: string;
  files: readonly TicketFile[];
  place: { channelId: string; ts: string; editedTs: string | null } | null;
  commentId: string | null;
  commentKey: string | null;
  /** To the microsecond, as ISO. */
  saidAt: string;
  state: 'waiting' | 'skipped' | 'failed' | 'done';
};

/** What is to be taken to the help desk. */
export type WaitingMessage = {
  id: number;
  key: string;
  origin: Origin;
  isPublic: boolean;
  authorKind: AuthorKind;
  authorSlackId: string | null;
  authorName: string;
  text: string;
  files: TicketFile[];
  ts: string | null;
  saidAt: Date;
  /** The comment that it is to be in; null until that is decided. */
  commentKey: string | null;
  /** When it was first tried. */
  begunAt: Date | null;
};

type Origin = 'thread' | 'mirror' | 'desk';
type AuthorKind = 'customer' | 'staff' | 'bot' | 'agent' | 'us';

/** Stores what is not there yet, and returns the ids of that. */
export async function insertTicketMessages(
  db: Db,
  ticketId: number,
  messages: readonly NewTicketMessage[],
): Promise<{ id: number; key: string }[]> {
  if (messages.length === 0) return [];
  return db
    .insertInto('ticket_messages')
    .values(messages.map((message) => toRow(ticketId, message)))
    .onConflict((conflict) => conflict.columns(['ticket_id', 'key']).doNothing())
    .returning(['id', 'key'])
    .execute();
}

/** What waits to be taken to the help desk, in the order in which it was said. */
export async function findWaitingMessages(db: Db, ticketId: number, limit: number): Promise<WaitingMessage[]> {
  return db
    .selectFrom('ticket_messages')
    .select([
      'id',
      'key',
      'origin',
      'is_public as isPublic',
      'author_kind as authorKind',
      'author_slack_id as authorSlackId',
      'author_name as authorName',
      'text',
      sql<TicketFile[]>`files`.as('files'),
      'ts',
      'said_at as saidAt',
      'comment_key as commentKey',
      'begun_at as begunAt',
    ])
    .where('ticket_id', '=', ticketId)
    .where('state', '=', 'waiting')
    .orderBy('said_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Notes which comment messages are to be in, before it is added. False: another works on the ticket. */
export async function noteAdding(
  db: Db,
  { id, lease }: TicketClaim,
  messageIds: readonly number[],
  { commentKey, at }: { commentKey: string; at: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update ticket_messages set comment_key = ${commentKey}, begun_at = coalesce(begun_at, ${at}),
      attempts = attempts + 1
    where id = any(${messageIds}) and state = 'waiting'
      and exists (select from tickets where id = ${id} and lease = ${lease})
  `.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Notes that a comment was surely not added. */
export async function forgetAdding(db: Db, messageIds: readonly number[]): Promise<void> {
  await db.updateTable('ticket_messages').set({ begun_at: null }).where('id', 'in', messageIds).execute();
}

/** Notes the comment that messages are in. */
export async function setAdded(db: Db, messageIds: readonly number[], commentId: string): Promise<void> {
  await db
    .updateTable('ticket_messages')
    .set({ state: 'done', comment_id: commentId, error: null })
    .where('id', 'in', messageIds)
    .execute();
}

/** Notes that messages never reach the help desk, because they need not or cannot, and why. */
export async function setNotAdded(
  db: Db,
  messageIds: readonly number[],
  state: 'skipped' | 'failed',
  why: string,
): Promise<void> {
  await db.updateTable('ticket_messages').set({ state, error: why }).where('id', 'in', messageIds).execute();
}

/**
 * Puts agents' public comments, and nothing else, into the outbox for the ticket's thread. This is the only place that does
 * so; the database refuses anything else as well.
 */
export async function insertReplies(
  db: Db,
  ticketId: number,
  messageIds: readonly number[],
  now: Date,
): Promise<number> {
  if (messageIds.length === 0) return 0;
  const { numAffectedRows } = await sql`
    insert into messages (key, kind, ticket_id, ticket_message_id, recipient, thread_ts, severity, due_at, created_at)
    select 'ticket-reply:' || said.id, 'ticket_reply', t.id, said.id, '#' || t.channel_id, t.thread_ts, 'medium',
      ${now}, ${now}
    from ticket_messages said join tickets t on t.id = said.ticket_id
    where said.id = any(${messageIds}) and said.ticket_id = ${ticketId}
      and said.is_public and said.origin = 'desk' and said.author_kind = 'agent' and said.state = 'done'
    order by said.id
    on conflict (key) do nothing
  `.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** An agent's reply with files, and whether it stands in the thread; while it does not, when that is tried. */
export type SharedReply = { id: number; files: TicketFile[]; isPosted: boolean; postDue: Date };

/** The replies of a ticket whose files are not all in the thread yet. Only what is in the outbox for the thread counts. */
export async function findFilesToShare(db: Db, ticketId: number): Promise<SharedReply[]> {
  const { rows } = await sql<SharedReply>`
    select said.id, said.files, m.status = 'sent' as "isPosted", m.due_at as "postDue"
    from ticket_messages said join messages m on m.ticket_message_id = said.id and m.kind = 'ticket_reply'
    where said.ticket_id = ${ticketId} and said.is_public and m.status in ('waiting', 'sent')
      and exists (select from jsonb_array_elements(said.files) as file where not file ? 'copied')
    order by said.id
  `.execute(db);
  return rows;
}

/** Notes what became of a file; where it is linked instead, the reply says so. */
export async function setFile(db: Db, messageId: number, index: number, file: TicketFile): Promise<void> {
  await sql`
    update ticket_messages set files = jsonb_set(files, ${[String(index)]}::text[], ${storableJson(file)}::jsonb)
    where id = ${messageId}
  `.execute(db);
  if (file.copied === false)
    await sql`update messages set version = version + 1 where ticket_message_id = ${messageId}`.execute(db);
}

function toRow(ticketId: number, message: NewTicketMessage): Insertable<Database['ticket_messages']> {
  const { author, place } = message;
  return {
    ticket_id: ticketId,
    key: message.key,
    origin: message.origin,
    is_public: message.isPublic,
    author_kind: author.kind,
    author_slack_id: author.slackId,
    author_name: storable(author.name),
    text: storable(message.text),
    files: storableJson(message.files),
    channel_id: place?.channelId ?? null,
    ts: place?.ts ?? null,
    edited_ts: place?.editedTs ?? null,
    comment_id: message.commentId,
    comment_key: message.commentKey,
    said_at: message.saidAt,
    state: message.state,
  };
}
