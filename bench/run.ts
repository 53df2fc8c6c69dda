import { healthVsSelect1 } from './health-vs-select1.ts';
import { importVsCopy } from './import-vs-copy.ts';
import { round } from './measure.ts';
import { rssMb } from './rss-mb.ts';
import { scoringVsClosures } from './scoring-vs-closures.ts';
import type { Benchmark } from './types.ts';

const benchmarks: readonly Benchmark[] = [healthVsSelect1, scoringVsClosures, importVsCopy, rssMb];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no figure ${unknown.join(', ')}; there are ${benchmarks.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exit(2);
}
for (const { name, goal, run } of benchmarks) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { ratio, detail } = await run();
  const met = 'atMost' in goal ? ratio <= goal.atMost : ratio >= goal.atLeast;
  process.stdout.write(`${JSON.stringify({ name, ratio: round(ratio), goal, met, detail })}\n`);
}
