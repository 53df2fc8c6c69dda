import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { signature } from '../../../src/metrics/function-spec.ts';
import { functions, selectors } from '../../../src/metrics/functions.ts';
import type { MetricDefinition, Unit } from '../../../src/metrics/types.ts';
import { lintPlaybook, readPlaybook } from '../../../src/playbook/read.ts';
import { makePack } from '../../pack.ts';
import { definition } from './equations.ts';

const root = new URL('../../../', import.meta.url);
const packs = ['product-usage', 'new-vs-established', 'by-segment'];
const registered = [...selectors, ...functions].map((spec) => ({ name: spec.name, written: signature(spec) }));

let text: string;
beforeAll(async () => {
  text = await readFile(new URL('docs/metrics.md', root), 'utf8');
});

async function definitionsOf(file: string): Promise<MetricDefinition[]> {
  return parse(await readFile(new URL(file, root), 'utf8')).metrics;
}

const examplesIn = (part: string) =>
  [...part.matchAll(/```cel\n([\s\S]*?)```/g)].map((match) => match[1]?.trim() ?? '');

describe('docs/metrics.md', () => {
  it('explains every function, and no other', () => {
    const headings = [...text.matchAll(/^#### `(.*)`$/gm)].map((match) => match[1]);
    expect(headings.toSorted()).toEqual(registered.map(({ written }) => written).toSorted());
  });

  it.each(registered)('$name has an explanation and an example that uses it', ({ name, written }) => {
    const [, after = ''] = text.split(`#### \`${written}\`\n`);
    const section = after.split(/^##/m)[0] ?? '';
    expect(section.split('```')[0]?.trim()).toMatch(/^[A-Z`].*\.$/s);
    expect(examplesIn(section).join('\n')).toContain(`${name}(`);
  });

  it('has only examples that compile', async () => {
    const known = (await definitionsOf('playbooks/product-usage/metrics.yml')).map(({ id, unit }) =>
      definition({ id, unit }),
    );
    const examples = examplesIn(text);
    expect(examples.length).toBeGreaterThanOrEqual(registered.length);
    for (const equation of examples) {
      const unit: Unit = equation.startsWith('trait_text')
        ? 'text'
        : equation.startsWith('trait_flag')
          ? 'boolean'
          : 'number';
      expect(compileMetrics([...known, definition({ id: 'example', unit, equation })]).errors).toEqual([]);
    }
  });

  it('has the eleven examples as the tested pack has them', async () => {
    for (const { equation } of await definitionsOf('examples/travel/metrics.yml')) {
      expect(text).toContain(`| \`${equation}\` |`);
    }
  });

  it('has an example of names.yml that can be used', async () => {
    const names = [...text.matchAll(/```yaml\n(# names\.yml[\s\S]*?)```/g)].map((match) => match[1] ?? '');
    expect(names).toHaveLength(1);
    const pack = 'name: Ours\nextends: product-usage\n';
    const folder = makePack({
      'pack.yml': pack,
      'metrics.yml': null,
      'models/small.yml': null,
      'names.yml': names.join(),
    });
    const { findings } = await lintPlaybook(folder);
    // Some of its names are those of other packs.
    expect(new Set(findings.map(({ severity }) => severity))).toEqual(new Set(['warning']));
  });

  it.each(packs)('names every event, property and trait that %s reads', async (pack) => {
    const { uses } = await readPlaybook(pack);
    const [, list = ''] = text.split('## What the shipped packs read');
    for (const { name } of uses) expect(list).toContain(`\`${name}\``);
  });

  it.each(packs)('names what reads them, where it is no metric of a score in %s', async (pack) => {
    const { uses, indicators } = await readPlaybook(pack);
    const [, list = ''] = text.split('## What the shipped packs read');
    const direct = new Set(uses.map(({ metric }) => metric));
    for (const { id, rules } of indicators.list) {
      // Those that read metrics alone are found by these.
      const readsFacts = rules.some(({ when }) => when.leaves.length + when.traits.length > 0);
      if (direct.has(id) && readsFacts) expect(list).toContain(id);
    }
  });
});
