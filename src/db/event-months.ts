import { sql } from 'kysely';
import type { Db } from './types.ts';

/** The first instant of the month (UTC) that `instant` is in. */
function monthOf(instant: Date): Date {
  return new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth(), 1));
}

/**
 * Makes the partitions of the months (UTC) that `instants` are in, where they are missing. Not to be called in a
 * transaction that has written events: it waits for nobody for long, and others would wait for it.
 */
export async function ensureEventMonths(db: Db, instants: Iterable<Date>): Promise<void> {
  const months = new Map<number, Date>();
  for (const instant of instants) {
    const month = monthOf(instant);
    months.set(month.getTime(), month);
  }
  if (months.size === 0) return;
  const wanted = new Map([...months.values()].map((month) => [partitionName(month), month]));
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relname = any(${[...wanted.keys()]}::text[])
  `.execute(db);
  for (const { name } of rows) wanted.delete(name);
  for (const [name, month] of wanted) await createPartition(db, name, month);
}

/** Attached rather than created in place, so that readers and writers of other months go on. */
async function createPartition(db: Db, name: string, month: Date): Promise<void> {
  const next = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
  const table = sql.table(name);
  await db.transaction().execute(async (transaction) => {
    // Two processes may find the same month missing.
    await sql`select pg_advisory_xact_lock(hashtextextended('bellwether event months', 0))`.execute(transaction);
    const { rows } = await sql`select where to_regclass(${name}) is null`.execute(transaction);
    if (rows.length === 0) return;
    await sql`create table ${table} (like events including all)`.execute(transaction);
    await sql`
      alter table events attach partition ${table}
      for values from (${sql.lit(month.toISOString())}) to (${sql.lit(next.toISOString())})
    `.execute(transaction);
  });
}

function partitionName(month: Date): string {
  return `events_${month.toISOString().slice(0, 7).replace('-', '_')}`;
}
