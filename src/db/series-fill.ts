import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Series } from '../series/types.ts';
import { findSeries, insertSeries } from './series.ts';
import { countMonths } from './series-days.ts';
import { addToMonths } from './series-months.ts';
import { eventsCounted } from './series-source.ts';
import type { Db } from './types.ts';

/**
 * Makes those of `wanted` (by hash) that are not there yet, of all stored events but those of batches that are yet to be
 * counted: these are counted into the new series with all others. Returns how many were made.
 */
export async function fillNewSeries(
  db: Db,
  wanted: ReadonlyMap<string, Series>,
  { timeZone, now, log }: { timeZone: string; now: Date; log: Pick<Logger, 'info'> | undefined },
): Promise<number> {
  const known = new Set((await findSeries(db)).map(({ hash }) => hash));
  const missing = new Map([...wanted].filter(([hash]) => !known.has(hash)));
  if (missing.size === 0) return 0;
  const begun = performance.now();
  const series = await insertSeries(db, missing, { timeZone, now });
  const uncounted = await sql<{ id: number }>`select id from uncounted_batches`.execute(db);
  const later = uncounted.rows.map(({ id }) => id);
  for (const month of await findEventMonths(db)) {
    for await (const parts of countMonths(db, series, eventsCounted(later, month))) await addToMonths(db, parts);
  }
  const seconds = Number(((performance.now() - begun) / 1000).toFixed(1));
  log?.info({ series: series.length, seconds }, 'new series were filled from the stored events');
  return series.length;
}

/** The months (UTC) that events are stored of, oldest first. */
async function findEventMonths(db: Db): Promise<{ from: Date; until: Date }[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'events'::regclass order by c.relname
  `.execute(db);
  return rows.map(({ name }) => {
    const [, year, month] = name.split('_').map(Number) as [number, number, number];
    return { from: new Date(Date.UTC(year, month - 1, 1)), until: new Date(Date.UTC(year, month, 1)) };
  });
}
