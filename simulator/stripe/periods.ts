type Interval = { interval: 'day' | 'week' | 'month' | 'year'; interval_count: number };

const DAY = 86_400;

/** The `number`-th turn of a cycle after its anchor, in seconds; 31 January is followed by 28 February and 31 March. */
export function turnOf(anchor: number, { interval, interval_count }: Interval, number: number): number {
  const count = interval_count * number;
  if (interval === 'day') return anchor + count * DAY;
  if (interval === 'week') return anchor + count * 7 * DAY;
  const at = new Date(anchor * 1000);
  const day = at.getUTCDate();
  at.setUTCDate(1);
  at.setUTCMonth(at.getUTCMonth() + count * (interval === 'year' ? 12 : 1));
  const lastDay = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
  at.setUTCDate(Math.min(day, lastDay));
  return at.getTime() / 1000;
}

/** The first turn after a time. */
export function turnAfter(anchor: number, every: Interval, time: number): number {
  for (let number = 1; ; number += 1) {
    const turn = turnOf(anchor, every, number);
    if (turn > time) return turn;
  }
}
