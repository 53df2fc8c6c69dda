import { ping } from '../src/db/ping.ts';
import { computeMetricsForDays } from '../src/metrics/compute.ts';
import { accountCount, accountId, now, today } from './events/generate.ts';
import { compileMeasures } from './events/measures.ts';
import { fullSize } from './events/store.ts';
import { compare, round } from './measure.ts';
import type { Benchmark } from './types.ts';

const CALLS = 400;

/** Twelve measures of one account, another each time, against `select 1`. */
export const oneAccountVsSelect1: Benchmark = {
  name: 'one_account_vs_select1',
  goal: { atMost: 3 },
  async run({ events }) {
    const { db } = await events.fill(fullSize);
    const metrics = compileMeasures();
    let place = 0;
    const times = await compare(
      15,
      async () => {
        for (let call = 0; call < CALLS; call += 1) {
          place = (place + 7) % accountCount;
          const request = { accountIds: [accountId(place)], days: [today], now, timeZone: 'UTC' };
          await computeMetricsForDays(db, metrics, request);
        }
      },
      async () => {
        for (let call = 0; call < CALLS; call += 1) await ping(db);
      },
    );
    return {
      ratio: times.ours / times.reference,
      detail: {
        oursMs: round(times.ours / CALLS),
        select1Ms: round(times.reference / CALLS),
        measures: metrics.length,
        events: fullSize,
      },
    };
  },
};
