import type { KnownBlock, RichTextLink, RichTextText } from '@slack/types';
import type { TicketReply, TicketView } from '../src/db/ticket-view.ts';
import { literal, mrkdwn, plain } from '../src/slack/escape.ts';
import { type BlockMessage, context } from './text.ts';

/** A message above 12 kB, its text and blocks together, may be refused. */
const MOST_BYTES = 10_000;
const TEXT_LENGTH = 1_000;
const MOST_FILES = 8;
/** Slack shows no longer names of an app. */
const MOST_NAME = 80;

/** What an agent said in public, literally, under their name; `otherwise` has the name in it. */
export function ticketReply(view: TicketView): BlockMessage & { as: { name: string; otherwise: BlockMessage } } {
  const reply = publicReply(view);
  const name = plain(reply.authorName, MOST_NAME);
  const body = bodyOf(reply);
  const said = reply.text.trim() === '' ? 'sent a file' : mrkdwn(reply.text, TEXT_LENGTH);
  return {
    text: said,
    blocks: body,
    as: {
      name,
      otherwise: {
        text: `*${mrkdwn(name, MOST_NAME * 2)}*: ${said}`,
        blocks: [context(`*${mrkdwn(name, MOST_NAME * 2)}*`), ...body],
      },
    },
  };
}

/** Internal notes, and what customers or we ourselves said, are never shown as a reply, whatever asks for it. */
function publicReply({ message, reply }: TicketView): TicketReply {
  if (message.kind !== 'ticket_reply' || !reply) throw new Error('There is no reply to show');
  if (!reply.isPublic || reply.origin !== 'desk' || reply.authorKind !== 'agent')
    throw new Error('Only what an agent said in public at the help desk may be shown in a thread');
  return reply;
}

function bodyOf({ text, files }: TicketReply): KnownBlock[] {
  const attached = files.flatMap((file) => fileLine(file) ?? []);
  const left = attached.length - MOST_FILES;
  const lines = [
    ...attached.slice(0, MOST_FILES),
    ...(left > 0 ? [`… and ${left} more ${left === 1 ? 'file' : 'files'}`] : []),
  ];
  const small: KnownBlock[] = lines.length > 0 ? [context(...lines)] : [];
  for (const max of [7_500, 3_500, 1_500]) {
    const blocks = [...textBlocks(text, max), ...small];
    if (blocks.length > 0 && Buffer.byteLength(JSON.stringify(blocks)) <= MOST_BYTES - TEXT_LENGTH) return blocks;
  }
  return textBlocks(text, 1_000);
}

function textBlocks(text: string, max: number): KnownBlock[] {
  const shown = literal(text, max);
  if (shown === '') return [];
  const isCut = shown.endsWith('…') && !text.trimEnd().endsWith('…');
  return [
    { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: linked(shown) }] },
    ...(isCut
      ? [context('The reply is longer than fits here. Ask for the rest, and it comes in another.') as KnownBlock]
      : []),
  ];
}

/** Literal text, with the addresses in it as links. */
function linked(text: string): (RichTextText | RichTextLink)[] {
  return text
    .split(/(https?:\/\/[^\s<>"'`{}|\\^]+[^\s<>"'`{}|\\^.,:;!?…)\]])/)
    .filter((part) => part !== '')
    .map((part) =>
      /^https?:\/\//.test(part) && URL.canParse(part) && part.length <= 2_000
        ? { type: 'link' as const, url: part }
        : { type: 'text' as const, text: part },
    );
}

/** `📎 report.pdf`, with a link where it is to be had; `null` for what describes no file. */
function fileLine(file: unknown): string | null {
  if (typeof file !== 'object' || file === null || !('name' in file) || typeof file.name !== 'string') return null;
  const name = mrkdwn(file.name, 100);
  const link = 'link' in file ? file.link : null;
  if (typeof link !== 'string' || !/^https?:\/\/[^\s<>|]+$/.test(link) || link.length > 1_000) return `📎 ${name}`;
  return `📎 <${link}|${name}>`;
}
