/** What can be imported. */
export type ImportKind = 'accounts' | 'users' | 'events' | 'metrics';

/** Why a row did not go in. `column` is as the file calls it, null when the row as a whole is at fault. */
export type Fault = { line: number; column: string | null; value: string; reason: string };

/** A data row as read: cells by column number, undefined where the row lacks the column; or why it cannot be read. */
export type SourceRow =
  | { line: number; cells: readonly unknown[]; fault: null }
  | { line: number; cells: null; fault: Omit<Fault, 'line'> };

/** A row that could be read. */
export type ReadableRow = Extract<SourceRow, { fault: null }>;

/** A row by known field, see fields.ts; undefined where the file does not say. `extras` are all other columns. */
export type Row = { line: number; values: readonly unknown[]; extras: readonly (readonly [string, unknown])[] };
