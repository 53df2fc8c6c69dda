import { compileMeasures } from './events/measures.ts';
import { fullSize } from './events/store.ts';
import { median, round } from './measure.ts';
import { measureAll } from './recompute-vs-raw.ts';
import type { Benchmark } from './types.ts';

const REPEATS = 7;

/** The time of computing twelve measures of the same accounts with all events, against that with a tenth of these. */
export const recomputeGrowth: Benchmark = {
  name: 'recompute_growth',
  goal: { atMost: 1.3 },
  async run({ events }) {
    const metrics = compileMeasures();
    const times: number[] = [];
    const sizes = [0.1, 0.3, 1].map((share) => Math.round(fullSize * share));
    let peakMb = 0;
    for (const size of sizes) {
      const { db } = await events.fill(size);
      const repeats: number[] = [];
      for (let repeat = 0; repeat <= REPEATS; repeat += 1) {
        const start = performance.now();
        await measureAll(db, metrics);
        // The first warms up.
        if (repeat > 0) repeats.push(performance.now() - start);
      }
      times.push(median(repeats));
      peakMb = Math.max(peakMb, process.memoryUsage().rss / 1024 ** 2);
    }
    const [least = 0, most = 0] = [times.at(0), times.at(-1)];
    return {
      ratio: most / least,
      detail: {
        ms: Object.fromEntries(sizes.map((size, place) => [size, round(times[place] as number)])),
        rssMb: Math.round(peakMb),
      },
    };
  },
};
