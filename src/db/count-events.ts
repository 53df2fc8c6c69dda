import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import type { CompiledMetric } from '../metrics/types.ts';
import { seriesOfMetrics } from '../series/of-leaf.ts';
import { findSeries, keepWantedSeries, needsSeries } from './series.ts';
import { countMonths } from './series-days.ts';
import { fillNewSeries } from './series-fill.ts';
import { addToMonths, cutMonths, type MonthCut } from './series-months.ts';
import { type AccountDay, deletePending, findDaysToRecount, findPending, hasPending } from './series-pending.ts';
import { type CountedSource, eventsToCount } from './series-source.ts';
import { noteTouched } from './series-touched.ts';
import type { Database, Db } from './types.ts';
import { attachWaitingEvents } from './waiting-events.ts';

/** What was counted: batches of new events, days that were counted anew, and series that were filled. */
export type Counted = { batches: number; days: number; filled: number };

type CountSettings = {
  /** Whose series are kept from now on. */
  metrics: readonly CompiledMetric[];
  timeZone: string;
  now: Date;
  log?: Pick<Logger, 'info'>;
  /** Events that one transaction counts, unless a batch alone has more; 200,000 unless told. */
  eventsAtOnce?: number;
};

/** A counter that met with another transaction begins again; so often. */
const mostTries = 5;
const conflicts = new Set(['40001', '40P01', '23503']);

/**
 * Brings the series up to date: counts the events stored since, counts days anew whose events changed, and fills series
 * that `metrics` ask for and that are not there yet. Each event is counted once, whatever ends this and however many do
 * it: see docs/decisions/series.md. Costs next to nothing when there is nothing to do.
 */
export async function countEvents(db: Kysely<Database>, settings: CountSettings): Promise<Counted> {
  const { metrics, timeZone, now, log, eventsAtOnce = 200_000 } = settings;
  const wanted = seriesOfMetrics(metrics, timeZone);
  const counted: Counted = { batches: 0, days: 0, filled: 0 };
  await attachWaitingEvents(db);
  while (await hasPending(db)) {
    const { batches, days, complete } = await asOnlyCounter(db, (transaction) =>
      countPending(transaction, timeZone, eventsAtOnce),
    );
    counted.batches += batches;
    counted.days += days;
    if (complete) break;
  }
  if (await needsSeries(db, [...wanted.keys()], now)) {
    counted.filled = await asOnlyCounter(db, async (transaction) => {
      await keepWantedSeries(transaction, [...wanted.keys()], now);
      return await fillNewSeries(transaction, wanted, { timeZone, now, log });
    });
  }
  return counted;
}

/**
 * Runs `work` in a transaction that sees one state of the database, while no other does. What it sees is what there is
 * once it has the lock, so a counter that waited for another does not count the same again. Begins again after a conflict,
 * as with an account that was deleted meanwhile.
 */
async function asOnlyCounter<Result>(
  db: Kysely<Database>,
  work: (transaction: Db) => Promise<Result>,
  tries = 1,
): Promise<Result> {
  try {
    return await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (transaction) => {
        // No advisory lock: the query that asks for one already fixes what the transaction sees, before it waits.
        await sql`lock table series in share update exclusive mode`.execute(transaction);
        // No month of events may be dropped from now on: what is seen of it would be nothing.
        await sql`lock table events in access share mode`.execute(transaction);
        await sql`set local work_mem = '64MB'`.execute(transaction);
        await sql`set local jit = off`.execute(transaction);
        // Cursors are read to their end.
        await sql`set local cursor_tuple_fraction = 1`.execute(transaction);
        return await work(transaction);
      });
  } catch (error) {
    const conflict = error instanceof pg.DatabaseError && conflicts.has(error.code ?? '');
    if (!conflict || tries === mostTries) throw error;
  }
  await sleep(50 * tries);
  return await asOnlyCounter(db, work, tries + 1);
}

/** Counts what waits, or as much of it as one transaction takes. */
async function countPending(
  db: Db,
  timeZone: string,
  eventsAtOnce: number,
): Promise<Omit<Counted, 'filled'> & { complete: boolean }> {
  const pending = await findPending(db, eventsAtOnce);
  const all = await findSeries(db);
  const zones = Map.groupBy(all, (series) => series.timeZone);
  const nearby = [...zones.keys()].some((zone) => zone !== timeZone);
  const days = await findDaysToRecount(db, pending, { series: all, timeZone, nearby });
  const source: CountedSource = { pending, days, timeZone };
  await noteTouched(db, source);
  for (const [zone, series] of zones) {
    const recounted =
      zone === timeZone ? days : await findDaysToRecount(db, pending, { series, timeZone: zone, nearby });
    await cutMonths(db, series, cutsOf(recounted));
    const events = eventsToCount({ pending, days: recounted, timeZone: zone });
    for await (const parts of countMonths(db, series, events)) await addToMonths(db, parts);
  }
  await deletePending(db, pending);
  return { batches: pending.batches.length, days: days.length, complete: pending.complete };
}

/** The days by account and month. */
function cutsOf(days: readonly AccountDay[]): MonthCut[] {
  const cuts = new Map<string, MonthCut>();
  for (const { accountId, day } of days) {
    const month = `${day.slice(0, -2)}01`;
    const cut = cuts.get(`${month} ${accountId}`) ?? { accountId, month, days: 0 };
    cuts.set(`${month} ${accountId}`, cut);
    cut.days |= 1 << (Number(day.slice(-2)) - 1);
  }
  return [...cuts.values()];
}
