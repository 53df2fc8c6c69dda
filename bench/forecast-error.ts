import { generateAccounts } from './forecast/generated.ts';
import { type BilledAccount, measureErrors } from './forecast/measure-errors.ts';
import { readRetail } from './forecast/retail.ts';
import { round } from './measure.ts';
import type { Benchmark } from './types.ts';

const ACCOUNTS_OF_A_KIND = 100;
const SEED = 20261128;
const DAYS = [7, 14, 21];

/** Bills of hardly anything make a mean of shares meaningless: then errors are a share of all that was billed. */
type Measure = 'mean' | 'ofBilled';

/** How wrong forecasts of a month's bill are in its middle, against saying that it will be as the last was: generated accounts. */
export const forecastError: Benchmark = {
  name: 'forecast_error',
  goal: { atMost: 0.6 },
  async run() {
    const generated = generateAccounts(ACCOUNTS_OF_A_KIND, SEED);
    const all = [...generated.values()].flat();
    const { errors: middle } = measureErrors(all, 14);
    const retail = await readRetail();
    return {
      ratio: middle.get('chosen')!.mean / middle.get('level')!.mean,
      detail: {
        all: byDay(all, 'mean'),
        ...Object.fromEntries([...generated].map(([kind, accounts]) => [kind, byDay(accounts, 'mean')])),
        retail:
          retail === null ? 'skipped: ../shared/data/online_retail.csv.gz is not there' : byDay(retail, 'ofBilled'),
      },
    };
  },
};

/** Percent by method and of what is chosen, on each of the days. */
function byDay(accounts: readonly BilledAccount[], measure: Measure): Record<string, unknown> {
  return Object.fromEntries(
    DAYS.map((day) => {
      const { errors, shown } = measureErrors(accounts, day);
      const { count, rightSigns, falseAlarms } = errors.get('chosen')!;
      const percent = [...errors].map(([method, one]) => [method, round(100 * one[measure])]);
      return [
        `day${day}`,
        {
          count,
          ...Object.fromEntries(percent),
          shown: round(100 * shown),
          rightSigns: rightSigns && round(rightSigns),
          falseAlarms: falseAlarms && round(falseAlarms),
        },
      ];
    }),
  );
}
