import { daysBetween } from './days.ts';

/** Each takes a lock, of which the database has only some thousands for all. */
const mostAccounts = 250;
/** Accounts times days that are computed at once: four such jobs at a time must fit into the memory of a small machine. */
const mostAccountDays = 2500;

/** How many accounts are computed at once for so many days. */
export function accountsAtOnce(days: number): number {
  return Math.max(1, Math.min(mostAccounts, Math.floor(mostAccountDays / days)));
}

/** Parts of `list`, in its order, that are computed at once; each from its earliest `from` to `to`. */
export function groupByDays<Item extends { from: string }>(
  list: readonly Item[],
  to: string,
): { from: string; items: Item[] }[] {
  const groups: { from: string; items: Item[] }[] = [];
  for (const item of list) {
    const last = groups.at(-1);
    const from = last && last.from < item.from ? last.from : item.from;
    if (last && last.items.length < accountsAtOnce(daysBetween(from, to) + 1)) {
      last.items.push(item);
      last.from = from;
    } else groups.push({ from: item.from, items: [item] });
  }
  return groups;
}
