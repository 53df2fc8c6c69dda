import { isUtf8 } from 'node:buffer';

/** The longest record that is taken, in bytes. */
export const MAX_RECORD_BYTES = 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const BOM = Buffer.from('\ufeff');

/** Whole lines, each ended by LF but perhaps the file's last. `line` is the number of the first. */
export type Block = {
  text: string;
  line: number;
  /** The block's bytes were not all UTF-8: U+FFFD stands where they were not. */
  damaged: boolean;
};

/** A line of more than MAX_RECORD_BYTES, left out. */
export type LongLine = { line: number; start: string };

/**
 * Cuts bytes into blocks of whole lines, and holds no more than a chunk and MAX_RECORD_BYTES of them. A BOM is dropped;
 * in a file with CR alone as line end, CR becomes LF.
 */
export async function* readBlocks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Block | LongLine> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let ends: 'unknown' | 'lf' | 'cr' = 'unknown';
  /** The beginning of a line that is too long, while its end is looked for. */
  let tooLong: string | null = null;

  for await (const chunk of withLineEnds()) {
    let start = 0;
    if (tooLong !== null) {
      const end = chunk.indexOf(LF);
      if (end === -1) continue;
      yield { line, start: tooLong };
      tooLong = null;
      line += 1;
      start = end + 1;
    }
    const end = chunk.lastIndexOf(LF) + 1;
    if (end > start) {
      const whole = chunk.subarray(start, end);
      const bytes = rest.length === 0 ? whole : Buffer.concat([rest, whole]);
      yield* blocksOf(bytes);
      rest = chunk.subarray(end);
    } else {
      rest = rest.length === 0 ? chunk.subarray(start) : Buffer.concat([rest, chunk.subarray(start)]);
    }
    if (rest.length > MAX_RECORD_BYTES) {
      tooLong = rest.toString('utf8', 0, 1000);
      rest = Buffer.alloc(0);
    }
  }
  if (tooLong !== null) yield { line, start: tooLong };
  if (rest.length > 0) yield* blocksOf(rest);

  /** A long line can also end within the chunk it began in, or have been completed by one. */
  function* blocksOf(bytes: Buffer): Generator<Block | LongLine> {
    let from = 0;
    for (let at = 0; bytes.length - at > MAX_RECORD_BYTES; ) {
      const end = bytes.indexOf(LF, at);
      const next = end === -1 ? bytes.length : end + 1;
      if (next - at > MAX_RECORD_BYTES) {
        if (at > from) yield block(bytes.subarray(from, at));
        yield { line, start: bytes.toString('utf8', at, at + 1000) };
        line += 1;
        from = next;
      }
      at = next;
    }
    if (from < bytes.length) yield block(bytes.subarray(from));
  }

  function block(bytes: Buffer): Block {
    const made = { text: bytes.toString('utf8'), line, damaged: !isUtf8(bytes) };
    line += countLines(bytes);
    return made;
  }

  /** The chunks, the first long enough to tell the line ends by and without its BOM. */
  async function* withLineEnds(): AsyncGenerator<Buffer> {
    let head: Buffer = Buffer.alloc(0);
    for await (const chunk of chunks) {
      if (ends !== 'unknown') {
        yield ends === 'cr' ? withLf(chunk) : chunk;
        continue;
      }
      head = Buffer.concat([head, chunk]);
      if (head.includes(LF)) ends = 'lf';
      else if (head.includes(CR) && head.length > 64 * 1024) ends = 'cr';
      else if (head.length > MAX_RECORD_BYTES) ends = 'lf';
      else continue;
      yield afterBom(head);
    }
    if (ends !== 'unknown') return;
    ends = head.includes(CR) ? 'cr' : 'lf';
    yield afterBom(head);
  }

  function afterBom(head: Buffer): Buffer {
    const text = head.subarray(0, BOM.length).equals(BOM) ? head.subarray(BOM.length) : head;
    return ends === 'cr' ? withLf(text) : text;
  }
}

function withLf(bytes: Buffer): Buffer {
  return bytes.map((byte) => (byte === CR ? LF : byte)) as Buffer;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}
