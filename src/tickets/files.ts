import type { TicketFile } from '../db/ticket-messages.ts';
import type { TicketInWork } from '../db/ticket-work.ts';
import { checkedBytes } from '../helpdesk/checked-bytes.ts';
import { HelpDeskRefused } from '../helpdesk/errors.ts';
import { openSlackFile } from '../slack/download-file.ts';
import { holdTicket, type TicketWork } from './work.ts';

/** Files as a comment has them: those that were copied by their tokens, and a line for each that was not. */
export type CopiedFiles = { tokens: string[]; lines: string[] };

/** A file is read and written at once, for two minutes at most. */
export const fileLeaseMs = 150_000;
const mostNames = 200;

/**
 * Copies files of a message to the help desk, as they come and without keeping them. One that is too large, or that either
 * side does not hand out or take, is linked. Throws when one may be copied later.
 */
export async function copyFiles(
  work: TicketWork,
  ticket: TicketInWork,
  files: readonly TicketFile[],
): Promise<CopiedFiles> {
  const copied: CopiedFiles = { tokens: [], lines: [] };
  for (const file of files) {
    const token = await copyFile(work, ticket, file);
    if (typeof token === 'string') copied.tokens.push(token);
    else copied.lines.push(linkLine(file));
  }
  return copied;
}

/** What is said of a file that is not copied. */
export function linkLine({ name, link }: TicketFile): string {
  return link === null ? `File: ${shortName(name)} (in Slack)` : `File: ${shortName(name)}: ${link}`;
}

async function copyFile(work: TicketWork, ticket: TicketInWork, file: TicketFile): Promise<string | null> {
  const { slack, desk, log, largestFile } = work;
  const { name, type, size, url } = file;
  if (url === null || size === null || size === 0 || size > largestFile) return null;
  await holdTicket(work, ticket, fileLeaseMs);
  try {
    return await desk.uploadFile({
      name: shortName(name),
      type,
      size,
      open: async () => checkedBytes(await openSlackFile(slack, { name, type, url }), { name, size }),
    });
  } catch (error) {
    if (!(error instanceof HelpDeskRefused) || isOfSettings(error)) throw error;
    log.warn({ ticket: ticket.id, file: file.id, reason: error.reason }, 'a file is linked instead of copied');
    return null;
  }
}

/** Whether the help desk refuses everything until somebody changes the settings. */
export function isOfSettings({ reason }: HelpDeskRefused): boolean {
  return reason === 'unauthorized' || reason === 'forbidden' || reason === 'moved';
}

function shortName(name: string): string {
  const flat = name.replace(/[\s\p{Cc}/\\]+/gu, ' ').trim() || 'file';
  return flat.length <= mostNames ? flat : flat.slice(-mostNames).toWellFormed();
}
