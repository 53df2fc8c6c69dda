import type { AnyBlock } from '@slack/types';
import { fillIds } from './block-fill.ts';
import { checkBlocks } from './blocks.ts';
import { isUsableFile } from './files.ts';
import { SlackRefusal, type State } from './state.ts';

/** Above this a message may be refused; text and blocks together, in bytes. */
const MOST_BYTES = 12_000;
const MOST_ATTACHMENTS = 100;

/** The blocks an app sent, checked and with ids; refuses with invalid_blocks or invalid_blocks_format. */
export function readBlocks(state: State, blocks: unknown): AnyBlock[] {
  if (blocks === undefined || blocks === null || blocks === '') return [];
  const value = typeof blocks === 'string' ? parseJson(blocks) : blocks;
  if (!Array.isArray(value)) throw new SlackRefusal('invalid_blocks_format');
  const checked = checkBlocks(value, isUsableFile(state));
  if (checked.ok) return fillIds(state, checked.value);
  throw new SlackRefusal('invalid_blocks', {
    errors: checked.problems,
    response_metadata: { messages: checked.problems.map((problem) => `[ERROR] ${problem}`) },
  });
}

/** What a message says: checked blocks, and a size that Slack takes; refuses with no_text, msg_too_long or msg_blocks_too_long. */
export function postedBlocks(
  state: State,
  { text = '', blocks, attachments }: { text?: string | undefined; blocks?: unknown; attachments?: unknown },
): { text: string; blocks: AnyBlock[]; attachments: unknown[] } {
  const checked = readBlocks(state, blocks);
  const extra = typeof attachments === 'string' ? parseJson(attachments) : (attachments ?? []);
  if (!Array.isArray(extra) || extra.some((each) => typeof each !== 'object' || each === null)) {
    throw new SlackRefusal('invalid_attachments');
  }
  if (extra.length > MOST_ATTACHMENTS) throw new SlackRefusal('too_many_attachments');
  if (text.trim() === '' && checked.length === 0 && extra.length === 0) throw new SlackRefusal('no_text');
  if (Buffer.byteLength(text) > MOST_BYTES) throw new SlackRefusal('msg_too_long');
  const size = Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(blocksAsSent(blocks)));
  if (checked.length > 0 && size > MOST_BYTES) throw new SlackRefusal('msg_blocks_too_long');
  return { text, blocks: checked, attachments: extra };
}

const blocksAsSent = (blocks: unknown) => (typeof blocks === 'string' ? parseJson(blocks) : (blocks ?? []));

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
