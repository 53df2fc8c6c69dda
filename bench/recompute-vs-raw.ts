import { closeDb, openDb } from '../src/db/client.ts';
import type { Db } from '../src/db/types.ts';
import { computeMetricsForDays } from '../src/metrics/compute.ts';
import type { CompiledMetric } from '../src/metrics/types.ts';
import { accountCount, accountId, days, now, today } from './events/generate.ts';
import { compileMeasures, type Measured, rawMeasures, unbind } from './events/measures.ts';
import { fullSize } from './events/store.ts';
import { compare, round } from './measure.ts';
import type { Benchmark } from './types.ts';

const REPEATS = 3;

/** Twelve measures of all accounts, computed as each refresh does, against grouping the raw events. */
export const recomputeVsRaw: Benchmark = {
  name: 'recompute_vs_raw',
  goal: { atLeast: 20 },
  async run({ events }) {
    const { db, url } = await events.fill(fullSize);
    const metrics = compileMeasures();
    const raw = openDb(url, { max: 1 });
    try {
      await unbind(raw);
      let [ours, expected]: Measured[] = [new Map(), new Map()];
      const times = await compare(
        REPEATS,
        async () => {
          ours = await measureAll(db, metrics);
        },
        async () => {
          expected = await rawMeasures(raw);
        },
      );
      checkEqual(ours as Measured, expected as Measured);
      return {
        ratio: times.reference / times.ours,
        detail: {
          oursMs: round(times.ours),
          rawMs: round(times.reference),
          events: fullSize,
          accounts: accountCount,
          days,
          rssMb: Math.round(process.memoryUsage().rss / 1024 ** 2),
        },
      };
    } finally {
      await closeDb(raw);
    }
  },
};

/** The measures of all accounts on the day that is going on. */
export async function measureAll(db: Db, metrics: readonly CompiledMetric[]): Promise<Measured> {
  const accountIds = Array.from({ length: accountCount }, (_, place) => accountId(place));
  const results = await computeMetricsForDays(db, metrics, { accountIds, days: [today], now, timeZone: 'UTC' });
  return new Map(
    [...(results.get(today) ?? [])].map(([id, { values }]) => [
      id,
      metrics.map((metric) => values[metric.id] as number | null),
    ]),
  );
}

function checkEqual(ours: Measured, expected: Measured): void {
  for (let place = 0; place < accountCount; place += 1) {
    const id = accountId(place);
    const [values, wanted] = [JSON.stringify(ours.get(id)), JSON.stringify(expected.get(id))];
    if (values === undefined || values !== wanted) throw new Error(`${id} has ${values}, and by its events ${wanted}`);
  }
}
