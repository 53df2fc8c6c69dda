import { Readable } from 'node:stream';
import { openInput } from '../../../src/importing/input.ts';
import { openSource, type Source } from '../../../src/importing/source.ts';
import type { ImportKind, SourceRow } from '../../../src/importing/types.ts';

/** Opens text or bytes as standard input would be, in chunks of `size` bytes. */
export async function sourceOf(content: string | Buffer, kind: ImportKind = 'accounts', size = 7): Promise<Source> {
  const bytes = Buffer.from(content);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  return openSource(openInput('-', Readable.from(chunks)), kind);
}

/** All data rows of text or bytes. */
export async function rowsOf(content: string | Buffer, kind: ImportKind = 'accounts', size = 7): Promise<SourceRow[]> {
  const source = await sourceOf(content, kind, size);
  const rows: SourceRow[] = [];
  for await (const batch of source.batches) for (const row of batch) rows.push(row);
  return rows;
}

/** The cells of the rows that can be read, and line and reason of those that cannot. */
export async function readAll(content: string | Buffer, kind: ImportKind = 'accounts', size = 7) {
  const rows = await rowsOf(content, kind, size);
  return {
    cells: rows.flatMap((row) => (row.cells ? [row.cells] : [])),
    faults: rows.flatMap((row) => (row.fault ? [`${row.line}: ${row.fault.reason}`] : [])),
  };
}
