import { type Block, MAX_RECORD_BYTES } from './blocks.ts';
import { excerpt } from './faults.ts';
import type { SourceRow } from './types.ts';

const QUOTE = '"';

/** Reads CSV block by block; a record may go on in the next. */
export type CsvReader = {
  /** The records that are complete with this block; blank lines are left out. */
  read(block: Block): SourceRow[];
  /** What is left at the end of the file. */
  end(): SourceRow[];
};

type Quoted = { kind: 'record'; cells: string[]; next: number } | { kind: 'open' } | { kind: 'fault'; reason: string };

/**
 * A reader of CSV (RFC 4180) that loses one line at a time: where a quote is never closed, or text follows a closing one,
 * the line it began on is a fault and reading goes on with the next. Quotes within an unquoted cell are text.
 */
export function createCsvReader(delimiter: string): CsvReader {
  let rest: Block = { text: '', line: 1, damaged: false };

  const read = (block: Block, atEnd: boolean): SourceRow[] => {
    const joined =
      rest.text === ''
        ? block
        : { text: rest.text + block.text, line: rest.line, damaged: rest.damaged || block.damaged };
    const { rows, used, lines } = readRecords(joined, delimiter, atEnd);
    rest = { text: joined.text.slice(used), line: joined.line + lines, damaged: joined.damaged };
    return rows;
  };
  return {
    read: (block) => read(block, false),
    end: () => (rest.text === '' ? [] : read({ text: '', line: rest.line, damaged: false }, true)),
  };
}

/** `used` characters and `lines` lines of the block were read; the rest waits for more text. */
function readRecords(
  block: Block,
  delimiter: string,
  atEnd: boolean,
): { rows: SourceRow[]; used: number; lines: number } {
  const { text } = block;
  const suspicious = block.damaged || text.includes('\0');
  const rows: SourceRow[] = [];
  let line = block.line;
  let at = 0;
  let quote = text.indexOf(QUOTE);

  const add = (cells: string[], from: number, to: number) => {
    const reason = suspicious ? faultOfText(text.slice(from, to), block.damaged) : null;
    if (reason === null) rows.push({ line, cells, fault: null });
    else rows.push(faulty(line, reason, text.slice(from, to)));
  };

  while (at < text.length) {
    const lineFeed = text.indexOf('\n', at);
    const end = lineFeed === -1 ? text.length : lineFeed;
    const next = lineFeed === -1 ? text.length : lineFeed + 1;
    if (quote !== -1 && quote < at) quote = text.indexOf(QUOTE, at);
    if (quote === -1 || quote > end) {
      const bare = text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end);
      if (bare !== '') add(bare.split(delimiter), at, end);
      at = next;
      line += 1;
      continue;
    }
    const record = readQuoted(text, at, end, delimiter);
    if (record.kind === 'open' && !atEnd && text.length - at <= MAX_RECORD_BYTES) break;
    if (record.kind === 'record' && record.next - at <= MAX_RECORD_BYTES) {
      add(record.cells, at, record.next);
      line += record.next > next ? linesIn(text, at, record.next) : 1;
      at = record.next;
    } else if (record.kind === 'record') {
      rows.push(faulty(line, tooLong, text.slice(at, at + 1000)));
      line += linesIn(text, at, record.next);
      at = record.next;
    } else {
      rows.push(faulty(line, record.kind === 'fault' ? record.reason : notClosed, text.slice(at, end)));
      at = next;
      line += 1;
    }
  }
  return { rows, used: at, lines: line - block.line };
}

/** The fault of a record that is too long. */
export const tooLong = `is longer than ${MAX_RECORD_BYTES / 1024 / 1024} MB`;
const notClosed = 'has a quote that is never closed';

/** Reads the record that begins at `from`, whose first line ends at `lineEnd`. */
function readQuoted(text: string, from: number, lineEnd: number, delimiter: string): Quoted {
  const cells: string[] = [];
  let at = from;
  let end = lineEnd;
  for (;;) {
    if (text[at] !== QUOTE) {
      if (end < at) {
        end = text.indexOf('\n', at);
        if (end === -1) end = text.length;
      }
      const stop = text.indexOf(delimiter, at);
      if (stop !== -1 && stop < end) {
        cells.push(text.slice(at, stop));
        at = stop + 1;
        continue;
      }
      cells.push(text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end));
      return { kind: 'record', cells, next: Math.min(end + 1, text.length) };
    }
    let close = text.indexOf(QUOTE, at + 1);
    let doubled = false;
    while (close !== -1 && text[close + 1] === QUOTE) {
      doubled = true;
      close = text.indexOf(QUOTE, close + 2);
    }
    if (close === -1) return { kind: 'open' };
    const cell = text.slice(at + 1, close);
    cells.push(doubled ? cell.replaceAll('""', QUOTE) : cell);
    const after = text[close + 1];
    if (after === delimiter) {
      at = close + 2;
      continue;
    }
    if (after === undefined || after === '\n') return { kind: 'record', cells, next: Math.min(close + 2, text.length) };
    const afterThat = text[close + 2];
    if (after === '\r' && (afterThat === '\n' || afterThat === undefined)) {
      return { kind: 'record', cells, next: Math.min(close + 3, text.length) };
    }
    const reason = close > lineEnd ? 'has a quote that is not closed on this line' : 'has text after a closing quote';
    return { kind: 'fault', reason };
  }
}

/** Why text that PostgreSQL could not store, or that was not text, is refused; null when it is neither. */
function faultOfText(text: string, damaged: boolean): string | null {
  if (text.includes('\0')) return 'contains a NUL character';
  if (damaged && text.includes('\ufffd')) return 'is not UTF-8; save the file as UTF-8';
  return null;
}

function faulty(line: number, reason: string, text: string): SourceRow {
  return { line, cells: null, fault: { column: null, value: excerpt(text), reason } };
}

function linesIn(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
