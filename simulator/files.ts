import type { FileReference } from './blocks.ts';
import { findFile } from './page-json.ts';
import type { State } from './state.ts';

const BY_EXTENSION = new Map([
  ['txt', 'text/plain'],
  ['csv', 'text/csv'],
  ['json', 'application/json'],
  ['pdf', 'application/pdf'],
]);

/** Whether an image block may show this file: it must be an image, processed, and posted somewhere. */
export const isUsableFile =
  (state: State) =>
  (reference: FileReference): boolean => {
    const file = findFile(state, reference);
    return file?.state === 'ready' && file.shares.length > 0 && file.mimetype.startsWith('image/');
  };

/** The type Slack finds by looking at the bytes, then at the name. */
export function mimetypeOf(name: string, bytes: Buffer): string {
  if (bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return 'image/png';
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
  if (bytes.subarray(0, 4).toString('latin1') === 'GIF8') return 'image/gif';
  const extension = name.toLowerCase().split('.').pop() ?? '';
  return BY_EXTENSION.get(extension) ?? 'application/octet-stream';
}
