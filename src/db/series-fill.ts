import { sql } from 'kysely';
import type { Logger } from 'pino';
import { localDay } from '../days.ts';
import { hashOfSeries } from '../series/of-leaf.ts';
import type { Series } from '../series/types.ts';
import { findDroppedBefore } from './retention.ts';
import { findSeries, insertSeries } from './series.ts';
import { countMonths } from './series-days.ts';
import { addToMonths, copyDaysBefore } from './series-months.ts';
import { eventsCounted } from './series-source.ts';
import type { Db } from './types.ts';

/**
 * Makes those of `wanted` (by hash) that are not there yet, of all stored events but those of batches that are yet to be
 * counted: these are counted into the new series with all others. Of days whose events were dropped they have what the
 * same series has in another time zone. Returns how many were made.
 */
export async function fillNewSeries(
  db: Db,
  wanted: ReadonlyMap<string, Series>,
  { timeZone, now, log }: { timeZone: string; now: Date; log: Pick<Logger, 'info'> | undefined },
): Promise<number> {
  const stored = await findSeries(db);
  const known = new Map(stored.map((one) => [one.hash, one]));
  const missing = new Map([...wanted].filter(([hash]) => !known.has(hash)));
  if (missing.size === 0) return 0;
  const begun = performance.now();
  const series = await insertSeries(db, missing, { timeZone, now });
  const uncounted = await sql<{ id: number }>`select id from uncounted_batches`.execute(db);
  const later = uncounted.rows.map(({ id }) => id);
  for (const month of await findEventMonths(db)) {
    for await (const parts of countMonths(db, series, eventsCounted(later, month))) await addToMonths(db, parts);
  }
  const dropped = await findDroppedBefore(db);
  const zones = new Set(stored.map((one) => one.timeZone));
  for (const one of dropped ? series : []) {
    const [before] = [...zones].flatMap((zone) => known.get(hashOfSeries(one.definition, zone)) ?? []);
    if (before && dropped) await copyDaysBefore(db, before, one, localDay(dropped, before.timeZone));
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
