import type { WebClient } from '@slack/web-api';
import type { NewTicketMessage, TicketFile } from '../db/ticket-messages.ts';
import { describeFile } from '../slack/download-file.ts';
import { findKnownPerson, type KnownPerson } from '../slack/people.ts';
import { markupOf, type SlackMessage } from '../slack/slack-message.ts';
import { deleteNote, editNote } from './comment-text.ts';
import { instantOf } from './instant.ts';
import { mentionedPeople, plainText } from './plain-text.ts';

/** What is needed to tell what a message says, and to whom. */
export type Reader = {
  slack: WebClient;
  now: () => Date;
  /** Whether customers may read at the help desk what our own staff write in a thread, as they do in Slack. */
  isStaffPublic: boolean;
};

type Author = Pick<KnownPerson, 'kind' | 'name'> & { slackId: string | null };

/** What a message of a thread is to its ticket. Throws when Slack does not tell for now. */
export async function toThreadMessage(
  reader: Reader,
  channelId: string,
  message: SlackMessage,
): Promise<NewTicketMessage> {
  const [author, text, files] = await readAll(reader, message);
  return {
    ...said(author, channelId, message),
    key: keyOf(channelId, message.ts),
    origin: 'thread',
    isPublic: author.kind === 'customer' || (author.kind === 'staff' && reader.isStaffPublic),
    text,
    files,
    saidAt: instantOf(message.ts),
  };
}

/** What a message in the thread of a ticket's card for colleagues is: a note. Throws when Slack does not tell for now. */
export async function toMirrorMessage(
  reader: Reader,
  channelId: string,
  message: SlackMessage,
): Promise<NewTicketMessage> {
  const [author, text, files] = await readAll(reader, message);
  return {
    ...said(author, channelId, message),
    key: `mirror:${message.ts}`,
    origin: 'mirror',
    isPublic: false,
    text,
    files,
    saidAt: instantOf(message.ts),
    // Who is no colleague tells support nothing here.
    state: author.kind === 'staff' ? 'waiting' : 'skipped',
  };
}

/** What is noted of an edit; `null` where it says what it said before: Slack also edits to show what a link leads to. */
export async function toEditNote(
  reader: Reader,
  channelId: string,
  { before, after }: { before: SlackMessage | null; after: SlackMessage },
): Promise<NewTicketMessage | null> {
  const editedTs = after.edited?.ts;
  if (!editedTs || editedTs === before?.edited?.ts) return null;
  const [author, was, is] = await Promise.all([
    authorOf(reader, after),
    before ? textOf(reader, before) : '(not known)',
    textOf(reader, after),
  ]);
  if (was === is) return null;
  return {
    ...said(author, channelId, after),
    key: `edit:${channelId}:${after.ts}:${editedTs}`,
    origin: 'thread',
    isPublic: false,
    text: editNote(author.name, { before: was, after: is }),
    files: [],
    saidAt: instantOf(/^\d+\.\d+$/.test(editedTs) ? editedTs : after.ts),
  };
}

/** What is noted of a message that was deleted. */
export async function toDeleteNote(
  reader: Reader,
  channelId: string,
  { deletedTs, before, at }: { deletedTs: string; before: SlackMessage; at: string },
): Promise<NewTicketMessage> {
  const [author, was] = await Promise.all([authorOf(reader, before), textOf(reader, before)]);
  return {
    ...said(author, channelId, { ...before, ts: deletedTs }),
    key: `delete:${channelId}:${deletedTs}`,
    origin: 'thread',
    isPublic: false,
    text: deleteNote(author.name, was),
    files: [],
    saidAt: instantOf(at),
  };
}

/** The key of a thread's message. */
export function keyOf(channelId: string, ts: string): string {
  return `slack:${channelId}:${ts}`;
}

/** Who wrote a message. Throws when Slack does not tell for now. */
async function authorOf({ slack, now }: Reader, message: SlackMessage): Promise<Author> {
  const { user, username, bot_id } = message;
  if (!user) return { kind: 'bot', slackId: null, name: username || 'An app' };
  const person = await findKnownPerson(slack, user, now());
  // Apps may write under another name.
  const isBot = person.kind === 'bot' || (bot_id && message.subtype === 'bot_message');
  if (isBot) return { kind: 'bot', slackId: user, name: username || person.name };
  return { kind: person.kind, slackId: user, name: person.name };
}

function readAll(reader: Reader, message: SlackMessage): Promise<[Author, string, TicketFile[]]> {
  return Promise.all([authorOf(reader, message), textOf(reader, message), filesOf(reader, message)]);
}

async function textOf({ slack, now }: Reader, message: SlackMessage): Promise<string> {
  const markup = markupOf(message);
  const people = await Promise.all(mentionedPeople(markup).map((id) => findKnownPerson(slack, id, now())));
  return plainText(markup, new Map(people.map(({ id, name }) => [id, name])));
}

async function filesOf({ slack }: Reader, { files }: SlackMessage): Promise<TicketFile[]> {
  const found = await Promise.all((files ?? []).map((file) => describeFile(slack, file)));
  return found.filter((file) => file !== null);
}

function said(author: Author, channelId: string, { ts, edited }: SlackMessage) {
  return {
    author: { kind: author.kind, slackId: author.slackId, name: author.name },
    place: { channelId, ts, editedTs: edited?.ts ?? null },
    commentId: null,
    commentKey: null,
    state: 'waiting' as const,
  };
}
