import { Readable } from 'node:stream';
import { openInput } from '../src/importing/input.ts';
import { readAssignments } from '../src/importing/layout.ts';
import { type ImportRequest, type ImportSummary, runImport } from '../src/importing/run.ts';
import type { ImportKind } from '../src/importing/types.ts';

type Overrides = Partial<Omit<ImportRequest, 'assignments'>> & { map?: string[]; set?: string[] };

/** Imports text, as of noon of 2026-11-21 in UTC, without a rejects file unless told. */
export function importText(
  url: string,
  kind: ImportKind,
  content: string | Buffer,
  { map = [], set = [], ...overrides }: Overrides = {},
): Promise<ImportSummary> {
  return runImport({
    kind,
    input: openInput('-', Readable.from([Buffer.from(content)])),
    url,
    now: new Date('2026-11-21T12:00:00Z'),
    timeZone: 'UTC',
    assignments: readAssignments(kind, { map, set }),
    ...overrides,
  });
}

/** The counts of a summary that are not zero. */
export function countsOf(summary: ImportSummary): Record<string, number> {
  const { rows, inserted, updated, unchanged, repeated, skipped, rejected, createdAccounts, createdUsers } = summary;
  const counts = { rows, inserted, updated, unchanged, repeated, skipped, rejected, createdAccounts, createdUsers };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** The faults as `line column: reason`. */
export function faultsOf({ faults }: ImportSummary): string[] {
  return faults.map(({ line, column, reason }) => `${line} ${column}: ${reason}`);
}
