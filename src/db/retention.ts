import type { Db } from './types.ts';

/** Before it raw events are gone, and none can be taken any more; null while all are kept. */
export async function findKeptFrom(db: Db): Promise<Date | null> {
  const row = await db.selectFrom('event_retention').select('kept_from').executeTakeFirst();
  return row?.kept_from ?? null;
}

/** The earliest time that an event may have to be taken: of an older one, nobody knows whether it was counted before. */
export async function findEventHorizon(
  db: Db,
  { now, retentionMonths }: { now: Date; retentionMonths: number },
): Promise<Date> {
  const month = firstKeptMonth(now, retentionMonths);
  const keptFrom = await findKeptFrom(db);
  return keptFrom && keptFrom > month ? keptFrom : month;
}

/** The first instant of the month (UTC) that lies so many months before that of `now`. */
export function firstKeptMonth(now: Date, retentionMonths: number): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - retentionMonths, 1));
}
