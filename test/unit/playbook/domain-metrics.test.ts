import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPlaybook } from '../../../src/playbook/read.ts';

const file = path.resolve(import.meta.dirname, '../../../../shared/domain/health-models.md');
const absent = !existsSync(file) && !process.env.CI;
if (absent) console.warn(`The metrics of the packs are not compared with their source: ${file} is absent.`);

/** The ids in the tables of one part of the source, in the column "metric". */
function metricsIn(part: string): string[] {
  let column = -1;
  return part.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    if (cells.length < 3) column = -1;
    else if (cells.includes('metric')) column = cells.indexOf('metric');
    else if (column !== -1) return /^[a-z]\w+/.exec(cells[column] ?? '') ?? [];
    return [];
  });
}

describe.skipIf(absent)('the metrics that the source of the models names (skipped without ../shared)', () => {
  it.each([
    ['product-usage', 'A', 20],
    ['new-vs-established', 'B', 15],
    ['by-segment', 'C', 8],
  ])('are all defined by an equation in %s, and measured by one of its models', async (pack, letter, count) => {
    const [part = ''] = readFileSync(file, 'utf8').split(`## ${letter}. `).slice(1);
    const named = metricsIn(part.split('\n## ')[0] ?? '');
    expect(named).toHaveLength(count);
    const { metrics, models } = await readPlaybook(pack);
    const equations = metrics.filter(({ equation }) => equation !== null).map(({ id }) => id);
    expect(equations).toEqual(expect.arrayContaining(named));
    const measured = new Set(
      models.flatMap(({ dimensions }) => dimensions.flatMap(({ measures }) => measures.map(({ metric }) => metric))),
    );
    expect([...measured].toSorted()).toEqual(named.toSorted());
  });
});
