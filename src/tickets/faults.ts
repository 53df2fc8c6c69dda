/** What people on both sides read of a ticket while the help desk cannot be reached. */
export const unreachable = 'The help desk cannot be reached at the moment. What is said here reaches it later.';

/** How what people read begins of a change that the help desk did not take. */
export const notTaken = 'The help desk did not take a change.';

/** What kind of trouble a fault tells of, for those who are not to read its words. */
export type Trouble = 'unreachable' | 'not_taken' | 'other';

/** The kind of a ticket's fault; `null` when nothing is wrong. */
export function troubleOf(fault: string | null): Trouble | null {
  if (fault === null) return null;
  if (fault === unreachable) return 'unreachable';
  return fault.startsWith(notTaken) ? 'not_taken' : 'other';
}

const firstBackoffMs = 2_000;
const longestBackoffMs = 10 * 60_000;

/** How long to wait after so many failures. */
export function backoffMs(failures: number): number {
  return Math.min(firstBackoffMs * 2 ** Math.min(Math.max(failures - 1, 0), 12), longestBackoffMs);
}
