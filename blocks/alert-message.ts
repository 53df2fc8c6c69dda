import type { KnownBlock } from '@slack/types';
import type { AlertView } from '../src/db/alert-view.ts';
import type { MessageView } from '../src/db/message-view.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { type AlertContext, alertCard, headline } from './alert-card.ts';
import { alertItems, within } from './alert-list.ts';
import { counted, kindSymbol } from './alert-words.ts';
import { type BlockMessage, context, header, plainText } from './text.ts';

/** A message above 12 kB, its text and blocks together, may be refused. */
const MOST_BYTES = 11_500;
const TEXT_BYTES = 1_500;
/** Slack takes 50 blocks; a few stand around the list. */
const MOST_LISTED = 40;

/** A message of the outbox as it is shown now: an alert, several in one, or a notice. */
export function alertMessage(view: MessageView, given: Omit<AlertContext, 'ownerEmail'>): BlockMessage {
  const card = { ...given, ownerEmail: view.ownerEmail };
  const { text, blocks } = bodyOf(view, card);
  const detour = detourOf(view);
  return { text: cut(text, TEXT_BYTES), blocks: detour === null ? blocks : [context(detour), ...blocks] };
}

function bodyOf(view: MessageView, card: AlertContext): BlockMessage {
  if (view.notice !== null) return noticeMessage(view.notice);
  const [alert] = view.alerts;
  // The first of a group is as good as a message of its own.
  if (view.kind !== 'digest' && alert && view.alerts.length === 1) return alertCard(alert, card);
  return listMessage(view, card);
}

/** Why somebody reads it who is not meant. */
function detourOf({ detour, ownerEmail }: MessageView): string | null {
  if (detour === null) return null;
  const meant = ownerEmail === null ? '' : ` Meant for ${mrkdwn(ownerEmail, 100)}.`;
  return `This is here because ${mrkdwn(detour, 400).replace(/\.$/, '')}.${meant}`;
}

/** What the bot has to say itself, literally, a paragraph a line. */
function noticeMessage(notice: string): BlockMessage {
  const lines = notice.split('\n').filter((line) => line.trim() !== '');
  const blocks = lines.slice(0, MOST_LISTED).map(
    (line): KnownBlock => ({
      type: 'section',
      text: plainText(plain(line, 2000)),
    }),
  );
  return { text: lines.map((line) => mrkdwn(line, 400)).join('\n'), blocks: within(blocks, MOST_BYTES - TEXT_BYTES) };
}

/** What those are told who do not see the blocks. */
function notificationLine(alert: AlertView, card: AlertContext): string {
  const symbol = alert.state === 'resolved' ? '✅ Resolved:' : kindSymbol(alert.kind);
  return `${symbol} ${headline(alert, card)}`;
}

/** Several alerts, a few lines each; as many as fit. */
function listMessage(view: MessageView, card: AlertContext): BlockMessage {
  const { alerts } = view;
  const signals = counted(alerts.length, 'signal');
  const title = view.kind === 'digest' ? `Your digest: ${signals}` : signals;
  const blocks = alertItems(alerts.slice(0, MOST_LISTED), card, { bytes: MOST_BYTES - TEXT_BYTES - 800 });
  const left = alerts.length - blocks.length;
  return {
    text: [title, ...alerts.map((alert) => notificationLine(alert, card))].join('\n'),
    blocks: [
      header(title),
      ...blocks,
      ...(left > 0 ? [context(`… and ${counted(left, 'more signal')}; \`/cs alerts\` lists the open ones.`)] : []),
    ],
  };
}

/** As many lines as fit; the first is cut if even that does not. */
function cut(text: string, bytes: number): string {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (Buffer.byteLength([...lines, line].join('\n')) > bytes - 4) return [...lines, '…'].join('\n');
    lines.push(line);
  }
  return lines.join('\n');
}
