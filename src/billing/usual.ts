/** What is compared of an invoice. */
type Amount = { total: number };

/** How many invoices before are compared with. */
export const USUAL_OF = 3;

/** The mean of the invoices before, the newest first, of which at most `USUAL_OF` count; `null` where there is none. */
export function usualOf(earlier: readonly Amount[]): number | null {
  const last = earlier.slice(0, USUAL_OF);
  return last.length === 0 ? null : last.reduce((sum, { total }) => sum + total, 0) / last.length;
}
