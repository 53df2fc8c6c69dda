import { UserError } from '../errors.ts';
import { type Block, type LongLine, MAX_RECORD_BYTES, readBlocks } from './blocks.ts';
import { createCsvReader, tooLong } from './csv.ts';
import { excerpt, RowFault } from './faults.ts';
import { fields, plainName } from './fields.ts';
import type { Input } from './input.ts';
import { createJsonLinesReader } from './json-lines.ts';
import type { ImportKind, SourceRow } from './types.ts';
import { refuseName } from './values.ts';

const DELIMITERS = [',', ';', '\t', '|'];
const MAX_COLUMNS = 2000;

/** An input whose format is known. */
export type Source = {
  format: 'csv' | 'json-lines';
  /** Of JSON lines, those met so far: the list grows. */
  columns: readonly string[];
  /** The data rows, a block of the input at a time. */
  batches: AsyncIterable<SourceRow[]>;
};

/** Reads as far as is needed to tell the format, by content, and the header. Throws UserError. */
export async function openSource(input: Input, kind: ImportKind): Promise<Source> {
  const blocks = readBlocks(input.chunks);
  let first = await nextBlock(blocks);
  while (first && 'text' in first && first.text.trim() === '') first = await nextBlock(blocks);
  if (!first) throw new UserError(`${input.name} is empty.`);
  const start = ('text' in first ? first.text : first.start).trimStart();
  if (start.split('\n', 1)[0]?.includes('\0'))
    throw new UserError(`${input.name} is not text in UTF-8; save it as UTF-8.`);
  if (/^\[\s*([{[\]]|$)/.test(start)) {
    throw new UserError(
      `${input.name} is one JSON list; write one object a line instead, for example with: jq -c '.[]' ${input.name}`,
    );
  }
  if (!start.startsWith('{')) return openCsv(first, blocks, input.name, kind);
  if (/^\{\s*\n/.test(start)) {
    throw new UserError(`${input.name} is JSON over several lines; write one object a line, for example with: jq -c .`);
  }
  const reader = createJsonLinesReader();
  return { format: 'json-lines', columns: reader.columns, batches: readJsonLines(first, blocks, reader.read) };
}

type Blocks = AsyncGenerator<Block | LongLine>;

async function nextBlock(blocks: Blocks): Promise<Block | LongLine | null> {
  const { value, done } = await blocks.next();
  return done ? null : value;
}

async function* from(first: Block | LongLine, blocks: Blocks): Blocks {
  yield first;
  yield* blocks;
}

async function* readJsonLines(
  first: Block | LongLine,
  blocks: Blocks,
  read: (block: Block) => SourceRow[],
): AsyncGenerator<SourceRow[]> {
  for await (const block of from(first, blocks)) yield 'text' in block ? read(block) : [longLine(block)];
}

async function openCsv(first: Block | LongLine, blocks: Blocks, name: string, kind: ImportKind): Promise<Source> {
  if (!('text' in first)) {
    throw new UserError(
      `${name} has a first line of more than ${MAX_RECORD_BYTES / 1024 / 1024} MB: it has no header.`,
    );
  }
  const known = fields[kind].flatMap((field) => [field.name, ...field.also].map(plainName));
  const { delimiter, columns } = bestHeader(first, known);
  refuseHeader(columns, name);
  const reader = createCsvReader(delimiter);
  return { format: 'csv', columns, batches: readCsv(first, blocks, reader, columns.length) };
}

/** The header as read with each delimiter: most known names win, then most columns, then the commoner delimiter. */
function bestHeader(block: Block, known: readonly string[]): { delimiter: string; columns: string[] } {
  let best = { delimiter: ',', columns: [] as string[], score: -1 };
  const headers = DELIMITERS.map((delimiter) => readHeader(block, delimiter));
  for (const [index, delimiter] of DELIMITERS.entries()) {
    const columns = (headers[index] ?? []).map((column) => column.trim());
    const score = columns.filter((column) => known.includes(plainName(column))).length * MAX_COLUMNS + columns.length;
    if (score > best.score) best = { delimiter, columns, score };
  }
  // With another delimiter, a quote that is not closed looks like a part of the one name.
  return best.columns.length === 1 && headers.includes(null) ? { ...best, columns: [] } : best;
}

/** The first record's cells; null when it is faulty. */
function readHeader(block: Block, delimiter: string): readonly string[] | null {
  const reader = createCsvReader(delimiter);
  for (const text of block.text.split(/(?<=\n)/)) {
    const [row] = reader.read({ ...block, text });
    if (row) return row.cells?.map(String) ?? null;
  }
  const [row] = reader.end();
  return row?.cells?.map(String) ?? null;
}

function refuseHeader(columns: readonly string[], name: string): void {
  if (columns.length === 0) throw new UserError(`The header of ${name} cannot be read; are its quotes closed?`);
  if (columns.length > MAX_COLUMNS) throw new UserError(`${name} has more than ${MAX_COLUMNS} columns.`);
  for (const [index, column] of columns.entries()) {
    if (column === '') continue;
    if (columns.indexOf(column) !== index) {
      throw new UserError(`${name} has two columns called ${excerpt(column)}; rename one.`);
    }
    try {
      refuseName(column);
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      throw new UserError(`Column ${index + 1} of ${name} ${error.message}; rename it.`);
    }
  }
}

async function* readCsv(
  first: Block,
  blocks: Blocks,
  reader: ReturnType<typeof createCsvReader>,
  width: number,
): AsyncGenerator<SourceRow[]> {
  let headerSeen = false;
  const checked = (rows: SourceRow[]): SourceRow[] => {
    const data = headerSeen ? rows : rows.slice(1);
    headerSeen ||= rows.length > 0;
    for (let index = 0; index < data.length; index += 1) {
      const row = data[index];
      if (row?.cells && row.cells.length !== width) data[index] = ragged(row.line, row.cells, width);
    }
    return data;
  };
  for await (const block of from(first, blocks)) {
    if ('text' in block) yield checked(reader.read(block));
    else yield [...checked(reader.end()), longLine(block)];
  }
  yield checked(reader.end());
}

function ragged(line: number, cells: readonly unknown[], width: number): SourceRow {
  const reason = `has ${cells.length} cells where the header has ${width}`;
  return { line, cells: null, fault: { column: null, value: excerpt(cells.join(' | ')), reason } };
}

function longLine({ line, start }: LongLine): SourceRow {
  return { line, cells: null, fault: { column: null, value: excerpt(start), reason: tooLong } };
}
