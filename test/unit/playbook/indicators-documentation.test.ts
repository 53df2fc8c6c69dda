import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { invoiceMetrics } from '../../../src/indicators/invoice-metrics.ts';
import { scoreMetrics } from '../../../src/indicators/score-metrics.ts';
import { indicatorsSchema } from '../../../src/playbook/indicators-schema.ts';
import { lintPlaybook, readPlaybook } from '../../../src/playbook/read.ts';
import { makePack } from '../../pack.ts';

const root = new URL('../../../', import.meta.url);
const nothing = { 'pack.yml': 'name: Ours\nextends: product-usage\n', 'metrics.yml': null, 'models/small.yml': null };

let text: string;
beforeAll(async () => {
  text = await readFile(new URL('docs/indicators.md', root), 'utf8');
});

const section = (heading: string) => text.split(`\n${heading}\n`)[1]?.split(/^##+ /m)[0] ?? '';
const yamlIn = (part: string) =>
  [...part.matchAll(/```yaml\n# indicators\.yml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
const rowsIn = (part: string) =>
  part.split('\n').flatMap((line) => (line.startsWith('| `') ? [line.split('|').map((cell) => cell.trim())] : []));
const shape = indicatorsSchema.shape;
const indicatorKeys = Object.keys(shape.indicators.unwrap().element.shape);

describe('docs/indicators.md', () => {
  it('explains every key of an indicator, and no other', () => {
    const explained = rowsIn(section('## Writing one')).flatMap(([, key = '']) =>
      [...key.matchAll(/`(\w+)`/g)].map((match) => match[1]),
    );
    const known = explained.filter((key) => key?.includes(':') === false && !['metric', 'top', 'latest'].includes(key));
    expect(known.toSorted()).toEqual(indicatorKeys.toSorted());
  });

  it('has an example of every key', () => {
    const written = yamlIn(section('## Writing one')).flatMap((example) => parse(example).indicators);
    const used = new Set(written.flatMap((indicator) => Object.keys(indicator)));
    // These change which accounts are read, and are said in one word.
    const without = ['window_days', 'segments', 'churned_accounts'];
    expect([...used, ...without].sort()).toEqual(indicatorKeys.toSorted());
  });

  it('has only examples that can be used', async () => {
    const examples = yamlIn(text);
    expect(examples.length).toBeGreaterThanOrEqual(4);
    for (const example of examples) {
      const { findings } = await lintPlaybook(makePack({ ...nothing, 'indicators.yml': example }));
      expect(findings).toEqual([]);
    }
  });

  it('says how messages are delivered unless told, as it is', async () => {
    const [example = ''] = yamlIn(section('### How it is delivered'));
    const packs = [makePack({ ...nothing, 'indicators.yml': example }), 'product-usage'].map(readPlaybook);
    const [told, usual] = await Promise.all(packs);
    expect(told?.indicators.delivery).toEqual(usual?.indicators.delivery);
    expect(Object.keys(parse(example).delivery).sort()).toEqual(Object.keys(shape.delivery.unwrap().shape).sort());
  });

  it('names what rules read of the score', () => {
    for (const id of scoreMetrics.keys()) expect(text).toContain(`| \`metric("${id}")\` |`);
  });

  it('names what rules read of an invoice', () => {
    const told = section('### Of each invoice');
    for (const id of invoiceMetrics.keys()) expect(told).toContain(`\`metric("${id}")\``);
  });

  it('has a row for every indicator that ships, with its kind and severity', async () => {
    const { indicators } = await readPlaybook('product-usage');
    const rows = rowsIn(section('## What the shipped packs look for')).map(([, id = '', kind, severity]) => [
      id.replaceAll('`', ''),
      kind,
      severity,
    ]);
    expect(rows.toSorted()).toEqual(indicators.list.map(({ id, kind, severity }) => [id, kind, severity]).toSorted());
  });

  it('says in each row what the rule reads', async () => {
    const { indicators, uses } = await readPlaybook('product-usage');
    const direct = (id: string) =>
      uses.filter((use) => use.metric === id && ['event', 'account_trait'].includes(use.kind));
    const rows = new Map(
      rowsIn(section('## What the shipped packs look for')).map((row) => [row[1]?.replaceAll('`', ''), row[6] ?? '']),
    );
    for (const { id, rules } of indicators.list) {
      if (id === 'new_product_used') continue;
      // Facts are of no account here: what they read is said in metrics.md.
      const read = rules.flatMap(({ when }) => [
        ...when.traits,
        ...when.dependsOn.flatMap((metric) => direct(metric).map(({ name }) => name)),
      ]);
      for (const name of read) expect([id, rows.get(id)]).toEqual([id, expect.stringContaining(name)]);
    }
  });
});

it('docs/billing.md has a metric that can be used', async () => {
  const billing = await readFile(new URL('docs/billing.md', root), 'utf8');
  const [, example = ''] = /```yaml\n# metrics\.yml\n([\s\S]*?large_invoice_amount[\s\S]*?)```/.exec(billing) ?? [];
  const { findings } = await lintPlaybook(makePack({ ...nothing, 'metrics.yml': example }));
  expect(findings).toEqual([]);
});
