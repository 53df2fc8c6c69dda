import { type BilledPeriod, type ForecastMethod, forecastPeriod, tryMethods } from '../../src/billing/forecast.ts';
import { addDays } from '../../src/days.ts';

/** What an account used each day, and its months, the oldest first; the last is the one to foretell. */
export type BilledAccount = { usage: ReadonlyMap<string, number>; months: readonly BilledPeriod[] };

type Foretold = { forecast: number; actual: number; last: number };
type Errors = {
  /** How many forecasts. */
  count: number;
  /** The mean of the errors, each as a share of what was billed; bills of nothing left out. */
  mean: number;
  /** All errors as a share of all that was billed. */
  ofBilled: number;
  /** Of changes that an alert would tell of, the share whose direction was foretold; `null`: there was none. */
  rightSigns: number | null;
  /** Of changes that were foretold so large, the share that did not come to as much; `null`: none was. */
  falseAlarms: number | null;
};

/** Changes against the last month that an alert would tell of. */
const CHANGE = 0.1;

/** How wrong each method is on the last month of the accounts, standing on that day of it, and what is chosen of them; and the mean error that is shown with it. */
export function measureErrors(
  accounts: readonly BilledAccount[],
  day: number,
): { errors: Map<ForecastMethod | 'chosen', Errors>; shown: number } {
  const shown: number[] = [];
  const found = new Map<ForecastMethod | 'chosen', Foretold[]>();
  for (const { usage, months } of accounts) {
    const [running, last] = [months.at(-1)!, months.at(-2)!];
    const input = { usage, months: months.slice(-13, -1), current: running, today: addDays(running.from, day) };
    const chosen = forecastPeriod(input);
    if (!chosen) continue;
    shown.push(chosen.error);
    for (const { method, amount } of [...tryMethods(input), { method: 'chosen' as const, amount: chosen.amount }]) {
      const list = found.get(method) ?? [];
      found.set(method, list);
      list.push({ forecast: amount, actual: running.amount, last: last.amount });
    }
  }
  const errors = new Map([...found].map(([method, list]) => [method, errorsOf(list)]));
  return { errors, shown: sum(shown) / shown.length };
}

function errorsOf(list: readonly Foretold[]): Errors {
  const errors = list.map(({ forecast, actual }) => Math.abs(forecast - actual));
  const shares = list.flatMap(({ actual }, index) => (actual > 0 ? [errors[index]! / actual] : []));
  const changed = list.filter(({ actual, last }) => Math.abs(actual - last) > CHANGE * last);
  const right = changed.filter(({ forecast, actual, last }) => (forecast - last) * (actual - last) > 0);
  const told = list.filter(({ forecast, last }) => Math.abs(forecast - last) > CHANGE * last);
  const wrongly = told.filter(
    ({ forecast, actual, last }) => (actual - last) * Math.sign(forecast - last) <= CHANGE * last,
  );
  return {
    count: list.length,
    mean: sum(shares) / shares.length,
    ofBilled: sum(errors) / sum(list.map(({ actual }) => actual)),
    rightSigns: shareOf(right, changed),
    falseAlarms: shareOf(wrongly, told),
  };
}

function shareOf(some: readonly unknown[], all: readonly unknown[]): number | null {
  return all.length === 0 ? null : some.length / all.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
