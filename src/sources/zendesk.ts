import type { Logger } from 'pino';
import type { HelpDesk } from '../helpdesk/types.ts';
import { addComment, listComments } from './zendesk/comments.ts';
import type { Connection } from './zendesk/connection.ts';
import { openFile, uploadFile } from './zendesk/files.ts';
import { listGroups } from './zendesk/groups.ts';
import { createTicket, readTicket, updateTicket } from './zendesk/tickets.ts';

const answerMs = 10_000;
const fileMs = 120_000;

/** `url` is Zendesk's address ("https://acme.zendesk.com"), `email` that of an agent who may see and change all tickets. */
type Options = {
  url: string;
  email: string;
  apiToken: string;
  now: () => Date;
  log: Logger;
  fetch?: typeof fetch;
  /** How long an answer may take. */
  answerMs?: number;
};

/** Zendesk Support as a help desk. */
export function createZendesk(options: Options): HelpDesk {
  const url = options.url.replace(/\/+$/, '');
  const zendesk: Connection = {
    ...options,
    url,
    fetch: options.fetch ?? fetch,
    answerMs: options.answerMs ?? answerMs,
    fileMs,
  };
  return {
    name: 'Zendesk',
    createTicket: (ticket, attempt) => createTicket(zendesk, ticket, attempt),
    readTicket: (ticketId) => readTicket(zendesk, ticketId),
    updateTicket: (ticketId, changes) => updateTicket(zendesk, ticketId, changes),
    addComment: (ticketId, comment, attempt) => addComment(zendesk, ticketId, comment, attempt),
    listComments: (ticketId, afterId) => listComments(zendesk, ticketId, afterId),
    listGroups: () => listGroups(zendesk),
    uploadFile: (file) => uploadFile(zendesk, file),
    openFile: (attachment, largest) => openFile(zendesk, attachment, largest),
    linkTo: (ticketId) => `${url}/agent/tickets/${encodeURIComponent(ticketId)}`,
  };
}
