import { type CopyValue, copyLine } from '../db/copy-format.ts';
import type { ImportTarget } from '../db/import-stage.ts';
import { RowFault } from './faults.ts';
import type { Rejects } from './rejects.ts';
import type { Source } from './source.ts';
import type { ReadableRow, SourceRow } from './types.ts';

type Emit<Staged> = (record: Staged, line: number) => void;

/** Makes records of rows. `add` throws RowFault; `end` brings what waited for more rows. */
export type RecordMaker<Staged> = {
  add(row: ReadableRow, emit: Emit<Staged>): void;
  end(emit: Emit<Staged>): void;
};

/** What has been read. `staged` are records, `rows` are the file's. */
export type StageCounts = { rows: number; staged: number };

/**
 * The source's records as lines for COPY, a batch at a time; faulty rows go to `rejects`. Ends early at the first of
 * them when `strict`.
 */
export async function* stageLines<Staged>(options: {
  source: Source;
  maker: RecordMaker<Staged>;
  target: ImportTarget<Staged>;
  rejects: Rejects;
  strict: boolean;
  counts: StageCounts;
  onBatch(): void;
}): AsyncGenerator<string> {
  const { source, maker, target, rejects, strict, counts, onBatch } = options;
  let text = '';
  const emit: Emit<Staged> = (record, line) => {
    counts.staged += 1;
    const head: CopyValue[] = [counts.staged, line];
    text += copyLine(head.concat(target.toCopy(record)));
  };
  const take = () => {
    const taken = text;
    text = '';
    return taken;
  };
  for await (const batch of source.batches) {
    onBatch();
    for (const row of batch) {
      counts.rows += 1;
      addRow(row);
      if (strict && rejects.count() > 0) return;
    }
    if (text !== '') yield take();
  }
  maker.end(emit);
  if (text !== '') yield take();

  function addRow(row: SourceRow): void {
    if (row.fault) {
      rejects.add({ line: row.line, ...row.fault });
      return;
    }
    try {
      maker.add(row, emit);
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      rejects.add({ line: row.line, column: error.column, value: error.value, reason: error.message });
    }
  }
}
