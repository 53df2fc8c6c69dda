import { createEventStore } from './events/store.ts';
import { forecastError } from './forecast-error.ts';
import { healthVsSelect1 } from './health-vs-select1.ts';
import { importVsCopy } from './import-vs-copy.ts';
import { ingestVsCopy } from './ingest-vs-copy.ts';
import { round } from './measure.ts';
import { oneAccountVsSelect1 } from './one-account-vs-select1.ts';
import { reactionToTicketMs } from './reaction-to-ticket-ms.ts';
import { recomputeGrowth } from './recompute-growth.ts';
import { recomputeVsRaw } from './recompute-vs-raw.ts';
import { rssMb } from './rss-mb.ts';
import { rulesVsClosures } from './rules-vs-closures.ts';
import { scoringVsClosures } from './scoring-vs-closures.ts';
import { ticketsPerMinute } from './tickets-per-minute.ts';
import { transitionToMessageMs } from './transition-to-message-ms.ts';
import type { Benchmark } from './types.ts';

// Those of generated events together, the one that begins with few first.
const benchmarks: readonly Benchmark[] = [
  healthVsSelect1,
  scoringVsClosures,
  rulesVsClosures,
  forecastError,
  importVsCopy,
  ingestVsCopy,
  recomputeGrowth,
  recomputeVsRaw,
  oneAccountVsSelect1,
  transitionToMessageMs,
  reactionToTicketMs,
  ticketsPerMinute,
  rssMb,
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no figure ${unknown.join(', ')}; there are ${benchmarks.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exit(2);
}
const shared = { events: createEventStore() };
try {
  for (const { name, goal, run } of benchmarks) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const { ratio, detail } = await run(shared);
    const met = 'atMost' in goal ? ratio <= goal.atMost : ratio >= goal.atLeast;
    process.stdout.write(`${JSON.stringify({ name, ratio: round(ratio), goal, met, detail })}\n`);
  }
} finally {
  await shared.events.close();
}
