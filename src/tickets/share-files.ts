import { findFilesToShare, type SharedReply, setFile, type TicketFile } from '../db/ticket-messages.ts';
import type { TicketInWork } from '../db/ticket-work.ts';
import { HelpDeskRefused } from '../helpdesk/errors.ts';
import { refusalOf } from '../slack/failures.ts';
import { isFileShared, reserveFile, shareFile } from '../slack/upload-file.ts';
import { fileLeaseMs, isOfSettings } from './files.ts';
import { holdTicket, type TicketWork } from './work.ts';

/** The reply goes first, and Slack takes one post a second. */
const lookAgainMs = 1_500;

/**
 * Copies what agents attached to their replies into the thread, each once, after the reply itself; one that is too large, or
 * that either side does not hand out or take, is linked in the reply. Returns when there is more to do; `null`: there is not.
 */
export async function shareFiles(work: TicketWork, ticket: TicketInWork): Promise<Date | null> {
  const { db, now } = work;
  const looks: number[] = [];
  for (const reply of await findFilesToShare(db, ticket.id)) {
    if (!reply.isPosted) {
      // One that Slack does not take is tried after minutes; looked for all the time, it would use up the help desk's rate.
      looks.push(Math.max(reply.postDue.getTime(), now().getTime()) + lookAgainMs);
      continue;
    }
    for (const [index, file] of reply.files.entries()) {
      if (file.copied === undefined) await share(work, ticket, reply, { index, file });
    }
  }
  return looks.length > 0 ? new Date(Math.min(...looks)) : null;
}

async function share(
  work: TicketWork,
  ticket: TicketInWork,
  reply: SharedReply,
  { index, file }: { index: number; file: TicketFile },
): Promise<void> {
  const { db, slack, desk, log, largestFile } = work;
  const { channelId, threadTs } = ticket;
  await holdTicket(work, ticket, fileLeaseMs);
  // An earlier attempt noted the place before it used it.
  if (file.copyId && (await isFileShared(slack, file.copyId, channelId)))
    return setFile(db, reply.id, index, { ...file, copied: true });
  const { name, size, url } = file;
  try {
    if (size === null || url === null || size === 0) throw new HelpDeskRefused('not_found', 'There is no such file.');
    const opened = await desk.openFile({ ...file, size, url, isUnsafe: file.isUnsafe === true }, largestFile);
    const reserved = await reserveFile(slack, { name, size });
    await setFile(db, reply.id, index, { ...file, copyId: reserved.fileId });
    await shareFile(slack, reserved, { name, size, bytes: opened.bytes, channelId, threadTs });
    await setFile(db, reply.id, index, { ...file, copyId: reserved.fileId, copied: true });
  } catch (error) {
    const isForGood = error instanceof HelpDeskRefused ? !isOfSettings(error) : refusalOf(error) !== null;
    if (!isForGood) throw error;
    log.warn({ err: error, ticket: ticket.id, file: file.id }, 'a file of an agent is linked instead of copied');
    await setFile(db, reply.id, index, { ...file, copied: false, link: file.isUnsafe ? null : url });
    await work.onMessages();
  }
}
