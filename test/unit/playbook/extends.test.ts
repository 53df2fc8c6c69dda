import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { lintPlaybook, readPlaybook } from '../../../src/playbook/read.ts';
import { makePack } from '../../pack.ts';

const nothing = { 'pack.yml': 'name: Ours\nextends: product-usage\n', 'metrics.yml': null, 'models/small.yml': null };

/** A pack that extends product-usage, with these files put in. */
const makeOwn = (changes: Parameters<typeof makePack>[0] = {}) => makePack({ ...nothing, ...changes });

async function found(folder: string): Promise<string[]> {
  const { findings } = await lintPlaybook(folder);
  return findings.map(({ file, line, column, severity, code }) => `${file}:${line}:${column} ${severity} ${code}`);
}

const model = (id: string, when: string) => `id: ${id}
name: ${id}
when: ${when}
dimensions:
  - id: use
    name: Use
    weight: 100
    measures:
      - metric: product_count
        bands: { poor: "< 3", healthy: ">= 3" }
`;

test.each(['examples/own-names', 'examples/travel', 'examples/retail'])('%s has nothing odd', async (folder) => {
  expect(await found(folder)).toEqual([]);
});

describe('a pack that extends another', () => {
  test('and adds nothing has its models, hashes and metrics, and a name of its own', async () => {
    const folder = makeOwn();
    const [own, base] = [await readPlaybook(folder), await readPlaybook('product-usage')];
    expect(own).toMatchObject({ id: path.basename(folder), name: 'Ours', folder });
    expect(own.models).toEqual(base.models);
    expect(own.hashes).toEqual(base.hashes);
    const plain = (metrics: typeof own.metrics) =>
      metrics.map(({ id, equation, leaves }) => ({ id, equation, leaves }));
    expect(plain(own.metrics)).toEqual(plain(base.metrics));
  });

  test('replaces metrics of the same id and adds others, which may read those of the other', async () => {
    const folder = makeOwn({
      'metrics.yml': `metrics:
  - { id: product_count, name: Products, unit: number, equation: trait("products") }
  - { id: half, name: Half, unit: number, equation: metric("product_count") / 2 }
`,
    });
    const [own, base] = [await readPlaybook(folder), await readPlaybook('product-usage')];
    expect(own.metrics).toHaveLength(base.metrics.length + 1);
    expect(own.metrics.find(({ id }) => id === 'product_count')).toMatchObject({
      name: 'Products',
      equation: 'trait("products")',
    });
    expect(own.hashes).toEqual(base.hashes);
  });

  test('replaces models of the same id, and tries its new ones first', async () => {
    const own = await readPlaybook(
      makeOwn({
        'models/product-usage.yml': model('product-usage', 'default'),
        'models/startup.yml': model('startup', '{ segment: startup }'),
      }),
    );
    expect(own.models.map(({ id, dimensions }) => [id, dimensions.length])).toEqual([
      ['startup', 1],
      ['product-usage', 1],
    ]);
    expect(own.hashes.get('product-usage')).not.toBe((await readPlaybook('product-usage')).hashes.get('product-usage'));
  });

  test('may list its models, and takes those that it has not from the other', async () => {
    const folder = makeOwn({
      'pack.yml': 'name: Ours\nextends: by-segment\nmodels: [digital, startup, enterprise-default]\n',
      'models/startup.yml': model('startup', '{ segment: startup }').replace('product_count', 'versions_behind'),
    });
    const own = await readPlaybook(folder);
    expect(own.models.map(({ id }) => id)).toEqual(['digital', 'startup', 'enterprise-default']);
    expect(await found(folder)).toEqual([]);
  });

  test('may extend a folder, relative to its own, that extends another; the nearest wins', async () => {
    const folder = makeOwn({
      'pack.yml': 'name: Team\nextends: ./company\n',
      'names.yml': 'events: { docs visited: Help Opened }\n',
    });
    mkdirSync(path.join(folder, 'company'));
    writeFileSync(path.join(folder, 'company/pack.yml'), 'name: Company\nextends: product-usage\n');
    writeFileSync(
      path.join(folder, 'company/names.yml'),
      'events: { docs visited: Docs Read, insight created: Insight Saved }\n',
    );
    const { metrics } = await readPlaybook(folder);
    const names = (id: string) => {
      const leaf = metrics.find((metric) => metric.id === id)?.leaves[0]?.leaf;
      return leaf?.kind === 'event' ? leaf.events.map(({ name }) => name) : [];
    };
    expect(names('docs_visits_7d')).toEqual(['Help Opened']);
    expect(names('users_engaging_features')).toContain('Insight Saved');
  });

  test('is not warned of what is odd in the other', async () => {
    expect(await found(makeOwn({ 'pack.yml': 'name: Ours\nextends: by-segment\n' }))).toEqual([]);
  });

  test('is read without names.yml, metrics.yml and models/, and nothing of this can be left out without "extends"', async () => {
    expect(await found(makeOwn())).toEqual([]);
    const alone = makePack({ 'pack.yml': 'name: Alone\n', 'metrics.yml': null });
    expect(await found(alone)).toEqual(['pack.yml:1:1 error missing-key']);
  });
});

describe('the linter finds, with its place,', () => {
  test.each<[string, Parameters<typeof makePack>[0], string[]]>([
    [
      'a pack that is not there',
      { 'pack.yml': 'name: A\nextends: product-use\n' },
      ['pack.yml:2:10 error bad-extends'],
    ],
    ['a pack that extends itself', { 'pack.yml': 'name: A\nextends: .\n' }, ['pack.yml:2:10 error bad-extends']],
    ['a number for a pack', { 'pack.yml': 'name: A\nextends: 3\n' }, ['pack.yml:2:10 error invalid-value']],
    ['nothing for a pack', { 'pack.yml': 'name: A\nextends: ""\n' }, ['pack.yml:2:10 error invalid-value']],
    [
      'a model that neither has',
      { 'pack.yml': 'name: A\nextends: product-usage\nmodels: [digital, product-usage]\n' },
      ['pack.yml:3:10 error missing-file'],
    ],
    [
      'a second default beside the other’s',
      { 'models/own.yml': model('own', 'default') },
      ['../../playbooks/product-usage/models/product-usage.yml error two-defaults'],
    ],
    [
      'a model of its own that it does not list',
      {
        'pack.yml': 'name: A\nextends: product-usage\nmodels: [product-usage]\n',
        'models/own.yml': model('own', '{ segment: x }'),
      },
      ['pack.yml:3:1 warning unlisted-model'],
    ],
    [
      'a fault in its own equation',
      { 'metrics.yml': 'metrics:\n  - { id: own, name: O, unit: number, equation: nonsense(3) }\n' },
      ['metrics.yml:2:49 error bad-equation'],
    ],
    [
      'a metric that no longer goes with the other’s bands',
      { 'metrics.yml': 'metrics:\n  - { id: product_count, name: P, unit: text }\n' },
      ['../../playbooks/product-usage/models/product-usage.yml error wrong-kind'],
    ],
    [
      'metrics that now read each other in a circle',
      {
        'metrics.yml': `metrics:
  - { id: a, name: A, unit: number, equation: metric("b") }
  - { id: b, name: B, unit: number, equation: metric("a") }
`,
      },
      ['metrics.yml:3:47 error bad-equation'],
    ],
    [
      'a model called otherwise than its file',
      { 'models/own.yml': model('other', '{ segment: x }') },
      ['models/own.yml:1:5 error wrong-id'],
    ],
  ])('%s', async (_, changes, findings) => {
    const places = await found(makeOwn(changes));
    // Where the other pack lies depends on the machine.
    const shown = places.map((place) => place.replace(/^(?:\.\.\/)+.*?(playbooks\/\S*?):\d+:\d+/, '../../$1'));
    expect([...new Set(shown)]).toEqual(findings);
  });

  test('packs that extend each other, at the one that closes the circle', async () => {
    const folder = makeOwn({ 'pack.yml': 'name: A\nextends: ./b\n' });
    mkdirSync(path.join(folder, 'b'));
    writeFileSync(path.join(folder, 'b/pack.yml'), 'name: B\nextends: ..\n');
    expect(await found(folder)).toEqual(['b/pack.yml:2:10 error bad-extends']);
    await expect(readPlaybook(folder)).rejects.toThrow('is this pack or extends it');
  });

  test('the packs there are, in the message of one that is not', async () => {
    const { findings } = await lintPlaybook(makeOwn({ 'pack.yml': 'name: A\nextends: nowhere\n' }));
    expect(findings[0]?.message).toBe(
      'There is no pack "nowhere" to extend: name one of by-segment, new-vs-established, product-usage, or a folder relative to this one.',
    );
  });
});
