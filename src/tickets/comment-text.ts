import type { WaitingMessage } from '../db/ticket-messages.ts';

type Said = Pick<WaitingMessage, 'authorName' | 'text' | 'saidAt'>;

/** Characters of one message; help desks take some 65,000 bytes a comment. */
const mostText = 15_000;

/** One line of somebody's name. */
export function nameLine(name: string): string {
  return name.replace(/\s+/g, ' ').trim() || 'Somebody';
}

/** A text that is not too long for a comment; what is cut is said. */
function fitting(text: string, most = mostText): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).toWellFormed()}…\n\n(The rest is in Slack.)`;
}

/** What a comment says of a message, `files` being what is said of its files; never empty. */
export function commentBody({ text, files }: { text: string; files: readonly string[] }): string {
  const parts = [fitting(text).trim(), ...(files.length > 0 ? [files.join('\n')] : [])];
  return parts.filter((part) => part !== '').join('\n\n') || '(a message without text)';
}

/** What a comment says of several messages, each under who said it and when. */
export function transcript(messages: readonly (Said & { files: readonly string[] })[]): string {
  return messages
    .map((message) => `${nameLine(message.authorName)}, ${timeOf(message.saidAt)}:\n${commentBody(message)}`)
    .join('\n\n');
}

/** What is noted of a message that was edited. */
export function editNote(name: string, { before, after }: { before: string; after: string }): string {
  return `${nameLine(name)} edited a message.\n\nBefore:\n${fitting(before, mostText / 2) || '(nothing)'}\n\nAfter:\n${fitting(after, mostText / 2) || '(nothing)'}`;
}

/** What is noted of a message that was deleted. */
export function deleteNote(name: string, before: string): string {
  return `${nameLine(name)} deleted a message.\n\nIt said:\n${fitting(before) || '(nothing)'}`;
}

function timeOf(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
