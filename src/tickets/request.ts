import type { NewTicket, Severity } from '../helpdesk/types.ts';
import { commentBody, nameLine } from './comment-text.ts';

/** What a new ticket is made of. */
export type RequestFacts = {
  externalId: string;
  subject: string;
  /** What was said, and by whom. */
  message: { text: string; files: readonly string[]; authorName: string; link: string | null };
  isPublic: boolean;
  requester: NewTicket['requester'];
  /** Who asked for the ticket. */
  reporterName: string;
  channelName: string | null;
  account: { name: string; csmName: string | null } | null;
  /** What the help desk calls the closed ticket that this one continues. */
  followUpOf: string | null;
  /** What was chosen for that one, and holds for this; null where nobody has chosen yet. */
  groupId: string | null;
  severity: Severity | null;
};

const mostSubject = 100;

/** A subject in one line: the first of a message's, else the name of its file, else who wrote it. */
export function subjectOf(message: { text: string; fileNames: readonly string[]; authorName: string }): string {
  const line = message.text.split('\n').find((each) => each.trim() !== '');
  const [file] = message.fileNames;
  const subject = line ?? (file === undefined ? `A message from ${nameLine(message.authorName)}` : `File: ${file}`);
  const flat = subject.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return flat.length <= mostSubject
    ? flat
    : `${flat
        .slice(0, mostSubject - 1)
        .toWellFormed()
        .trimEnd()}…`;
}

/** What is asked of the help desk: the message, and what support needs to know beside it. */
export function toRequest(facts: RequestFacts): NewTicket {
  const { message, account, followUpOf, groupId, severity } = facts;
  const known: [string, string | null][] = [
    ['Continues', followUpOf === null ? null : `ticket ${followUpOf}, which is closed`],
    ['From', nameLine(message.authorName)],
    ['Asked for by', facts.reporterName === message.authorName ? null : nameLine(facts.reporterName)],
    ['Channel', facts.channelName === null ? null : `#${facts.channelName}`],
    ['In Slack', message.link],
    ['Account', account?.name ?? null],
    ['CSM', account?.csmName ?? null],
  ];
  const lines = known.flatMap(([what, value]) => (value === null ? [] : [`${what}: ${value}`]));
  return {
    externalId: facts.externalId,
    subject: facts.subject,
    body: `${commentBody(message)}\n\n--\n${lines.join('\n')}`,
    isPublic: facts.isPublic,
    requester: facts.requester,
    groupId,
    severity,
    fields: {},
    tags: ['bellwether', 'slack'],
    attachments: [],
    followUpOf,
  };
}
