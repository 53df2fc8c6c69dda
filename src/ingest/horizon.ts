import { findEventHorizon } from '../db/retention.ts';
import type { Db } from '../db/types.ts';

/** It changes once a month. */
const KEPT_MS = 60_000;

/** The earliest time that an event may have to be taken, asked of the database at most once a minute. */
export function createHorizon(db: Db, retentionMonths: number): (now: Date) => Promise<Date> {
  let known: { earliest: Date; until: number } | null = null;
  return async (now) => {
    if (known && now.getTime() < known.until) return known.earliest;
    const earliest = await findEventHorizon(db, { now, retentionMonths });
    known = { earliest, until: now.getTime() + KEPT_MS };
    return earliest;
  };
}
