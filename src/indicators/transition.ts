import type { AlertState, Indicator, Reading } from './types.ts';

/** How an account stands with a rule before it is read again. */
export type Standing = {
  state: AlertState | 'inactive';
  /** When the last alert ended; `null` when there was none. */
  endedAt: Date | null;
  /** Evaluations in a row that found the rule met, an hour counting once, and when the last was. */
  streak: number;
  readAt: Date | null;
};

/** What became of it. */
export type Next = { state: AlertState | 'inactive'; streak: number; change: 'opened' | 'ended' | null };

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

/** What a reading makes of a standing. No data changes nothing; a person's word (acknowledged, snoozed) stands until the end. */
export function nextState(
  { state, endedAt, streak, readAt }: Standing,
  { met, clear }: Reading,
  { evaluationsInARow, coolDownDays }: Pick<Indicator, 'evaluationsInARow' | 'coolDownDays'>,
  now: Date,
): Next {
  if (met === null) return { state, streak, change: null };
  const counted = met ? countOnce(streak, readAt, now) : 0;
  if (state !== 'inactive' && state !== 'resolved') {
    return clear ? { state: 'resolved', streak: counted, change: 'ended' } : { state, streak: counted, change: null };
  }
  const isCool = endedAt === null || now.getTime() >= endedAt.getTime() + coolDownDays * dayMs;
  const opens = met && counted >= evaluationsInARow && isCool;
  return opens ? { state: 'active', streak: counted, change: 'opened' } : { state, streak: counted, change: null };
}

/** Events have an account evaluated many times a minute, which must not pass for lasting. */
function countOnce(streak: number, readAt: Date | null, now: Date): number {
  const isSameHour = readAt !== null && Math.floor(readAt.getTime() / hourMs) === Math.floor(now.getTime() / hourMs);
  return isSameHour && streak > 0 ? streak : streak + 1;
}
