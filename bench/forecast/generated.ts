import { randomNumbers } from '../../simulator/demo/random.ts';
import { addDays, addMonths, daysFrom } from '../../src/days.ts';
import type { BilledAccount } from './measure-errors.ts';

const FIRST = '2026-04-01';
const MONTHS = 12;
const RUNNING = addMonths(FIRST, MONTHS);
const UNIT = 0.2;
const BASE = 300;

type Random = () => number;
/** Use on the day so many days after the first, where it waves with a phase of the account; and what a month's use costs. */
type Kind = { use(day: number, weekday: number, random: Random, phase: number): number; bill(use: number): number };

const perUnit = (use: number) => UNIT * use;
const steady = (level: number, noise: number, random: Random) => level * (1 + noise * (2 * random() - 1));
const working = (weekday: number) => (weekday === 0 || weekday === 6 ? 0.2 : 1);
/** Five days into the running month. */
const JUMP = daysFrom(FIRST, RUNNING).length + 4;

/** Accounts whose bill is known for certain, by how they use and pay. */
const kinds: Record<string, Kind> = {
  flat_price: { use: (_, weekday, random) => steady(100, 0.5, random) * working(weekday), bill: () => BASE },
  growth: { use: (day, _, random) => steady(100 * 1.06 ** (day / 30), 0.1, random), bill: perUnit },
  weekdays: { use: (_, weekday, random) => steady(100, 0.1, random) * working(weekday), bill: perUnit },
  base_and_rate: {
    use: (day, weekday, random, phase) => steady(100 + 60 * Math.sin(day / 40 + phase), 0.2, random) * working(weekday),
    bill: (use) => BASE + perUnit(use),
  },
  tiers: {
    use: (day, weekday, random) => steady(100 * 1.05 ** (day / 30), 0.2, random) * working(weekday),
    bill: (use) => perUnit(Math.min(use, 2000)) + (UNIT / 2) * Math.max(0, use - 2000),
  },
  jump: {
    use: (day, weekday, random) => steady(day >= JUMP ? 250 : 100, 0.3, random) * working(weekday),
    bill: perUnit,
  },
  going: { use: (day, _, random) => steady(100 * 0.8 ** (day / 30), 0.2, random), bill: perUnit },
  noise: {
    use: (_day, _weekday, random) => 100 * Math.exp(2 * random() - 1) * (random() < 0.1 ? 4 : 1),
    bill: perUnit,
  },
};

/** `count` accounts of each kind, twelve months billed and one running; the same from the same seed. */
export function generateAccounts(count: number, seed: number): Map<string, BilledAccount[]> {
  const random = randomNumbers(seed);
  return new Map(
    Object.entries(kinds).map(([kind, { use, bill }]) => [
      kind,
      Array.from({ length: count }, () => {
        const [size, phase] = [0.5 + 4 * random(), 2 * Math.PI * random()];
        const days = daysFrom(FIRST, addDays(addMonths(RUNNING, 1), -1));
        const usage = new Map(
          days.map((day, index) => [day, Math.round(size * use(index, weekdayOf(day), random, phase))]),
        );
        const months = Array.from({ length: MONTHS + 1 }, (_, index) => {
          const [from, before] = [addMonths(FIRST, index), addMonths(FIRST, index + 1)];
          const used = daysFrom(from, addDays(before, -1)).reduce((total, day) => total + usage.get(day)!, 0);
          return { from, before, amount: bill(used) };
        });
        return { usage, months };
      }),
    ]),
  );
}

function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay();
}
