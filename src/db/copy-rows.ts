import { type RawBuilder, sql } from 'kysely';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';

const marker = '-- copy\n';

/** COPY of lines in its text format, in pieces, to be executed like any statement: in the transaction that is open, say. */
export function copyRows(target: string, lines: readonly Buffer[]): RawBuilder<unknown> {
  return sql`-- copy
copy ${sql.raw(target)} from stdin -- ${lines}`;
}

/**
 * Runs `text` when it was made by `copyRows`, else returns undefined: Kysely has no way to say COPY. `submit` gives the
 * stream to the connection.
 */
export function runCopy(
  submit: (stream: CopyStreamQuery) => unknown,
  text: unknown,
  values: unknown,
): Promise<{ command: string; rowCount: number; rows: unknown[] }> | undefined {
  if (typeof text !== 'string' || !text.startsWith(marker) || !Array.isArray(values)) return undefined;
  return new Promise((resolve, reject) => {
    const stream = copyFrom(text);
    stream.on('error', reject);
    stream.on('finish', () => resolve({ command: 'COPY', rowCount: stream.rowCount, rows: [] }));
    submit(stream);
    for (const piece of values[0] as readonly Buffer[]) stream.write(piece);
    stream.end();
  });
}
