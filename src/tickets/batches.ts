import type { WaitingMessage } from '../db/ticket-messages.ts';

/** Messages that are taken to the help desk as one comment. */
export type Batch = { messages: readonly WaitingMessage[]; commentKey: string };

/** So many at once are comments of their own. More, and help desks would not take as many changes as there are messages. */
const mostSingles = 5;
const mostMessages = 100;
const mostBytes = 50_000;
const mostFiles = 10;

/**
 * What the next comment is made of: one message, or of many that wait those that go to the same people, in order. What an
 * earlier attempt began stays together. `messages` are those that wait, in their order, and not empty.
 */
export function nextBatch(messages: readonly WaitingMessage[]): Batch {
  const [first] = messages as [WaitingMessage, ...WaitingMessage[]];
  if (first.commentKey !== null) {
    const { commentKey } = first;
    return { messages: messages.filter((message) => message.commentKey === commentKey), commentKey };
  }
  const batch: WaitingMessage[] = [];
  let bytes = 0;
  let files = 0;
  for (const message of messages) {
    bytes += Buffer.byteLength(message.text);
    files += message.files.length;
    const isFull =
      batch.length >= (messages.length > mostSingles ? mostMessages : 1) || bytes > mostBytes || files > mostFiles;
    const isOther = message.isPublic !== first.isPublic || message.commentKey !== null;
    if (batch.length > 0 && (isFull || isOther)) break;
    batch.push(message);
  }
  return { messages: batch, commentKey: first.key };
}
