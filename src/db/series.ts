import { sql } from 'kysely';
import type { Series } from '../series/types.ts';
import type { Db } from './types.ts';

/** A series that is kept. */
export type StoredSeries = { id: number; hash: string; definition: Series; timeZone: string };

/** Series that no playbook has asked for so long are dropped. */
const keptDays = 30;

/** All series that are kept, oldest first. */
export async function findSeries(db: Db): Promise<StoredSeries[]> {
  return await db
    .selectFrom('series')
    .select(['id', 'hash', 'definition', 'time_zone as timeZone'])
    .orderBy('id')
    .execute();
}

/** Whether one of the series `hashes` is missing, or it is time to note again that they are wanted. */
export async function needsSeries(db: Db, hashes: readonly string[], now: Date): Promise<boolean> {
  const { rows } = await sql<{ fresh: number }>`
    select count(*) as fresh from series where hash = any(${hashes}::text[]) and wanted_at > ${now}::timestamptz - interval '1 day'
  `.execute(db);
  return rows[0]!.fresh < hashes.length;
}

/** Notes that the series `hashes` are wanted, at most once a day, and drops those that nobody wants any more. */
export async function keepWantedSeries(db: Db, hashes: readonly string[], now: Date): Promise<void> {
  await sql`
    update series set wanted_at = ${now}
    where hash = any(${hashes}::text[]) and wanted_at <= ${now}::timestamptz - interval '1 day'
  `.execute(db);
  await sql`delete from series where wanted_at < ${now}::timestamptz - make_interval(days => ${keptDays})`.execute(db);
}

/** Adds series that are not there yet, empty. */
export async function insertSeries(
  db: Db,
  series: ReadonlyMap<string, Series>,
  { timeZone, now }: { timeZone: string; now: Date },
): Promise<StoredSeries[]> {
  const added: StoredSeries[] = [];
  for (const [hash, definition] of series) {
    const { id } = await db
      .insertInto('series')
      .values({ hash, definition: JSON.stringify(definition), time_zone: timeZone, created_at: now, wanted_at: now })
      .returning('id')
      .executeTakeFirstOrThrow();
    added.push({ id, hash, definition, timeZone });
  }
  return added;
}
