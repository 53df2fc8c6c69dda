import { createReadStream, statSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UserError } from '../errors.ts';

const CHUNK_BYTES = 32 * 1024;

/** Files that people try and that are not text, by their first bytes. */
const foreign: readonly { magic: readonly number[]; what: string; advice: string }[] = [
  { magic: [0x50, 0x4b, 0x03, 0x04], what: 'a zip or Excel file', advice: 'Save the sheet as CSV, in UTF-8' },
  { magic: [0xd0, 0xcf, 0x11, 0xe0], what: 'an old Excel file', advice: 'Save the sheet as CSV, in UTF-8' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], what: 'compressed with zstd', advice: 'Unpack it, or pack it with gzip' },
  { magic: [0x42, 0x5a, 0x68], what: 'compressed with bzip2', advice: 'Unpack it, or pack it with gzip' },
  { magic: [0xfd, 0x37, 0x7a, 0x58], what: 'compressed with xz', advice: 'Unpack it, or pack it with gzip' },
  { magic: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file', advice: 'Convert it to CSV or JSON lines' },
  { magic: [0xff, 0xfe], what: 'in UTF-16', advice: 'Save it as UTF-8' },
  { magic: [0xfe, 0xff], what: 'in UTF-16', advice: 'Save it as UTF-8' },
];

/** A file or standard input, unpacked when it is gzip. */
export type Input = {
  /** For people: the path as given, or "standard input". */
  name: string;
  /** In bytes as stored; null when it cannot be known. */
  size: number | null;
  /** Bytes taken from it so far, as stored. */
  bytesRead(): number;
  /** The text's bytes. Throws UserError when it is not text or is damaged. To be read once. */
  chunks: AsyncIterable<Buffer>;
};

/** Opens a file, or standard input for `-`. Throws UserError when it is not there or not to be read. */
export function openInput(path: string, stdin: Readable): Input {
  const name = path === '-' ? 'standard input' : path;
  const size = path === '-' ? null : sizeOf(path);
  const stream = path === '-' ? stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const count = { stored: 0, text: 0 };
  return { name, size, bytesRead: () => count.stored, chunks: readText(stream, name, count) };
}

function sizeOf(path: string): number | null {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw new UserError(`${path} is a folder; name a file.`);
    return stats.isFile() ? stats.size : null;
  } catch (error) {
    throw readError(error, path);
  }
}

async function* readText(
  stream: Readable,
  name: string,
  count: { stored: number; text: number },
): AsyncGenerator<Buffer> {
  const stored = readStored(stream, name, count);
  const first = await firstBytes(stored);
  const whole = prepend(first, stored);
  if (first[0] !== 0x1f || first[1] !== 0x8b) {
    refuseForeign(first, name);
    yield* whole;
    return;
  }
  // A failure on either side reaches the loop below as the unpacked stream's error.
  const unpacked = pipeline(Readable.from(whole), createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined);
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      if (count.text === 0) refuseForeign(chunk, name);
      count.text += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof UserError || !isZlibError(error)) throw error;
    const how = error.code === 'Z_BUF_ERROR' ? 'ends in the middle' : `is damaged (${error.message})`;
    throw new UserError(`${name} ${how}: only its first ${count.text} bytes, unpacked, can be read. Fetch it again.`);
  }
}

async function* readStored(stream: Readable, name: string, count: { stored: number }): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      count.stored += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw readError(error, name);
  }
}

/** At least four bytes, when there are as many. */
async function firstBytes(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  let first: Buffer = Buffer.alloc(0);
  while (first.length < 4) {
    const { value, done } = await chunks.next();
    if (done) break;
    first = first.length === 0 ? value : Buffer.concat([first, value]);
  }
  return first;
}

async function* prepend(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* rest;
}

function refuseForeign(first: Buffer, name: string): void {
  const found = foreign.find(({ magic }) => magic.every((byte, index) => first[index] === byte));
  if (found) throw new UserError(`${name} is ${found.what}. ${found.advice}.`);
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function readError(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof UserError) return error;
  if (error.code === 'ENOENT') return new UserError(`There is no file ${name}.`);
  return new UserError(`${name} cannot be read (${error.message}).`);
}
