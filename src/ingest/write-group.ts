import type { Owners } from '../crm/types.ts';
import { ensureEventMonths } from '../db/event-months.ts';
import { addIngestCounts, addRefusedSamples, type OutcomeCount } from '../db/ingest-counts.ts';
import { lockIngestion } from '../db/ingest-lock.ts';
import { copyToIngestStage, ensureIngestStage, storeStaged } from '../db/ingest-stage.ts';
import { findKeptFrom } from '../db/retention.ts';
import type { Db } from '../db/types.ts';
import { type Appeared, attachWaitingEvents, isStagedAwaited, stageWaiting } from '../db/waiting-events.ts';
import { applyCalls } from './apply-calls.ts';
import { lineColumns, type Prepared } from './prepare.ts';
import { kindOfReason, sampleOf } from './refusals.ts';

const TRIES = 5;
const TOO_OLD = 'the event is older than what is kept';
/** Refused calls of which a transaction keeps samples. */
const MOST_SAMPLES = 100;

/** How requests are written; `now` is when they came, days are of `timeZone`, fields of accounts that `owners` name are theirs. */
export type WriteOptions = { now: Date; timeZone: string; owners: Owners };

/**
 * Writes requests in one transaction, and returns whether anything is stored that was not before. Tried again when another
 * process was in the way.
 */
export async function writeGroup(db: Db, group: readonly Prepared[], options: WriteOptions): Promise<boolean> {
  const { isNew, isAwaited } = await writeOrRetry(db, group, options);
  // Committed already: if this fails the requests are sent again and count as duplicates, or the next counting does it.
  if (isAwaited) await attachWaitingEvents(db);
  return isNew;
}

/** `isAwaited`: something waits for users who appeared. */
type Written = { isNew: boolean; isAwaited: boolean };

async function writeOrRetry(db: Db, group: readonly Prepared[], options: WriteOptions): Promise<Written> {
  for (let tries = 1; ; tries += 1) {
    try {
      const keptFrom = (await findKeptFrom(db))?.getTime() ?? null;
      const months = new Set<number>();
      for (const { events } of group) for (const at of events.times) months.add(startOfMonth(at));
      const wanted = [...months].filter((month) => keptFrom === null || month >= startOfMonth(keptFrom));
      await ensureEventMonths(
        db,
        wanted.map((month) => new Date(month)),
      );
      return await db.transaction().execute((transaction) => write(transaction, group, options));
    } catch (error) {
      if (tries >= TRIES || !wasInTheWay(error)) throw error;
    }
  }
}

async function write(transaction: Db, group: readonly Prepared[], options: WriteOptions): Promise<Written> {
  const { now } = options;
  const calls = group.flatMap((request) => request.calls);
  await lockIngestion(transaction, calls.length > 0 ? 'alone' : 'shared');
  const keptFrom = (await findKeptFrom(transaction))?.getTime() ?? null;
  const appeared: Appeared | null = calls.length > 0 ? await applyCalls(transaction, calls, options) : null;
  const { lines, count, tooOld } = linesOf(group, keptFrom);
  const counts = countsOf(group, tooOld);
  let staged = count;
  if (staged > 0 || appeared) await ensureIngestStage(transaction);
  if (count > 0) await copyToIngestStage(transaction, lineColumns, lines);
  if (appeared) staged += await stageWaiting(transaction, appeared);
  let added = 0;
  const result = staged > 0 ? await storeStaged(transaction) : null;
  for (const { door, stored, waiting } of result?.counts ?? []) {
    added += stored + waiting;
    counts.push({ door, outcome: 'stored', reason: '', count: stored });
    counts.push({ door, outcome: 'waiting', reason: '', count: waiting });
    const duplicates = counts.find((one) => one.door === door && one.outcome === 'duplicate');
    if (duplicates) duplicates.count -= stored + waiting;
  }
  const isAwaited = result?.usersAppeared === true && (await isStagedAwaited(transaction));
  const samples = group.flatMap(({ door, refusals }) => refusals.map((refusal) => ({ door, ...sampleOf(refusal) })));
  await addRefusedSamples(transaction, samples.slice(0, MOST_SAMPLES), now);
  await addIngestCounts(transaction, counts, now);
  return { isNew: added > 0 || appeared !== null, isAwaited };
}

/** The lines of each event once, as several requests may carry the same, and how many these are. `tooOld` by door. */
function linesOf(
  group: readonly Prepared[],
  keptFrom: number | null,
): { lines: Buffer[]; count: number; tooOld: Map<string, number> } {
  const lines: Buffer[] = [];
  const seen = new Set<string>();
  const tooOld = new Map<string, number>();
  for (const { door, events } of group) {
    // Where the lines begin that are taken and not among `lines` yet, and where the event's line begins.
    let [from, start] = [0, 0];
    for (const [index, key] of events.keys.entries()) {
      const isOld = keptFrom !== null && events.times[index]! < keptFrom;
      if (isOld) tooOld.set(door, (tooOld.get(door) ?? 0) + 1);
      if (isOld || seen.has(key)) {
        if (start > from) lines.push(events.lines.subarray(from, start));
        from = events.ends[index]!;
      } else {
        seen.add(key);
      }
      start = events.ends[index]!;
    }
    if (start > from) lines.push(events.lines.subarray(from, start));
  }
  return { lines, count: seen.size, tooOld };
}

/** By door; all events that were not too old count as duplicates, of which those that are stored are taken off. */
function countsOf(group: readonly Prepared[], tooOld: ReadonlyMap<string, number>): OutcomeCount[] {
  const counts: OutcomeCount[] = [];
  for (const [door, requests] of Map.groupBy(group, (request) => request.door)) {
    const total = (size: (request: Prepared) => number) => requests.reduce((sum, request) => sum + size(request), 0);
    const old = tooOld.get(door) ?? 0;
    const reasons = requests.flatMap(({ refusals }) => refusals.map(({ reason }) => kindOfReason(reason)));
    counts.push(
      { door, outcome: 'applied', reason: '', count: total(({ calls }) => calls.length) },
      { door, outcome: 'duplicate', reason: '', count: total(({ events }) => events.keys.length) - old },
      { door, outcome: 'refused', reason: TOO_OLD, count: old },
    );
    for (const [reason, same] of Map.groupBy(reasons, (one) => one)) {
      counts.push({ door, outcome: 'refused', reason, count: same.length });
    }
  }
  return counts;
}

function startOfMonth(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

/** Deadlock, or a serialization failure. */
function wasInTheWay(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '40P01' || error.code === '40001');
}
