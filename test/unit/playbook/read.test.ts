import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { lintPlaybook, readPlaybook } from '../../../src/playbook/read.ts';
import type { Finding } from '../../../src/playbook/types.ts';
import { changedModel, makePack } from '../../pack.ts';

/** `models/small.yml:9:17 error unknown-metric`. */
async function found(folder: string): Promise<string[]> {
  const { findings } = await lintPlaybook(folder);
  return findings.map(({ file, line, column, severity, code }) => `${file}:${line}:${column} ${severity} ${code}`);
}

async function messageOf(folder: string, code: Finding['code']): Promise<string | undefined> {
  return (await lintPlaybook(folder)).findings.find((finding) => finding.code === code)?.message;
}

const second = `id: second
name: Second
when:
  segment: startup
dimensions:
  - id: use
    name: Use
    weight: 100
    measures:
      - metric: drop
        bands: { poor: "> 20", healthy: "<= 20" }
`;

describe('the packs that ship', () => {
  test.each([
    ['product-usage', ['product-usage'], 20],
    ['new-vs-established', ['new-customer', 'established-customer'], 15],
    ['by-segment', ['airgapped', 'enterprise-onboarding', 'digital', 'ela', 'enterprise-default'], 8],
  ])('%s is read without errors', async (name, models, measures) => {
    const playbook = await readPlaybook(name);
    expect(playbook.id).toBe(name);
    expect(playbook.models.map(({ id }) => id)).toEqual(models);
    expect(playbook.models.at(-1)!.dimensions.flatMap((dimension) => dimension.measures)).toHaveLength(measures);
    expect([...playbook.hashes.keys()]).toEqual(models);
    expect(new Set(playbook.hashes.values()).size).toBe(models.length);
    for (const hash of playbook.hashes.values()) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('product-usage has nothing odd', async () => {
    expect((await lintPlaybook('product-usage')).findings).toEqual([]);
  });

  test('new-vs-established warns of its two sums of weights and its gaps', async () => {
    const { findings } = await lintPlaybook('new-vs-established');
    expect(new Set(findings.map(({ severity }) => severity))).toEqual(new Set(['warning']));
    const sums = findings.filter(({ code }) => code === 'weights-sum').map(({ message }) => message.slice(0, 48));
    expect(sums).toEqual([
      'The weights of the dimensions sum to 60, not 100',
      'The weights of the dimensions sum to 140, not 10',
    ]);
    expect(findings.filter(({ code }) => code === 'gap')).toHaveLength(14);
  });

  test('by-segment warns of the odd rows of its source', async () => {
    const { findings } = await lintPlaybook('by-segment');
    expect(findings.map(({ file, severity, code, message }) => [file, severity, code, message.split(':')[0]])).toEqual([
      ['models/digital.yml', 'warning', 'overlap', 'defect_tickets_90d'],
      ['models/digital.yml', 'warning', 'unreachable-band', 'defect_tickets_90d'],
      ['models/digital.yml', 'warning', 'unreachable-band', 'question_tickets_90d'],
      ['models/enterprise-onboarding.yml', 'warning', 'overlap', 'defect_tickets_90d'],
      ['models/enterprise-onboarding.yml', 'warning', 'unreachable-band', 'defect_tickets_90d'],
      ['models/enterprise-onboarding.yml', 'warning', 'overlap', 'defect_tickets_90d'],
    ]);
  });

  test('by-segment has the ELA model as a copy of the default', async () => {
    const { models } = await readPlaybook('by-segment');
    const [ela, enterprise] = ['ela', 'enterprise-default'].map((id) => models.find((model) => model.id === id));
    expect(ela?.dimensions).toEqual(enterprise?.dimensions);
  });
});

describe('a pack in a folder', () => {
  test('is read with names, hashes, models and metrics', async () => {
    const playbook = await readPlaybook(makePack());
    expect(playbook).toMatchObject({
      name: 'Small',
      description: '',
      models: [{ id: 'small', when: null, limits: { concerning: 4, healthy: 7 } }],
    });
    expect(playbook.metrics.map(({ id, unit }) => [id, unit])).toEqual([
      ['logins', 'number'],
      ['mood', 'text'],
      ['champion', 'boolean'],
      ['drop', 'percent'],
    ]);
  });

  test('may write bands as YAML numbers and booleans', async () => {
    const model = changedModel(['"< 1"', '0'], ['"1 - 4"', '1'], ['"> 4"', '2+']);
    expect((await readPlaybook(makePack(model))).models[0]!.dimensions[0]!.measures[0]!.bands).toMatchObject({
      poor: { kind: 'exactly', value: 0 },
      healthy: { kind: 'above', value: 2, inclusive: true },
    });
  });

  test('that does not exist is refused with the packs that ship', async () => {
    await expect(lintPlaybook('no-such-pack')).rejects.toMatchObject({
      code: 'user_error',
      message: expect.stringContaining('by-segment, new-vs-established, product-usage'),
    });
    await expect(lintPlaybook(path.join(makePack(), 'pack.yml'))).rejects.toMatchObject({ code: 'user_error' });
  });

  test('with errors is refused with each and its place', async () => {
    const folder = makePack(changedModel(['metric: logins', 'metric: login'], ['weight: 100', 'weight: much']));
    await expect(readPlaybook(folder)).rejects.toMatchObject({
      code: 'user_error',
      message: expect.stringContaining(
        'models/small.yml:7:13: error: "weight" must be a number, not "much". [invalid-value]',
      ),
    });
  });

  test('with warnings alone is read', async () => {
    const folder = makePack(changedModel(['weight: 100', 'weight: 90']));
    expect(await found(folder)).toEqual(['models/small.yml:4:1 warning weights-sum']);
    expect((await readPlaybook(folder)).models).toHaveLength(1);
  });
});

describe('the linter finds, with its place,', () => {
  test.each<[string, Record<string, string | Uint8Array | null>, string[]]>([
    ['an overlap', changedModel(['"1 - 4"', '"1 - 9"']), ['models/small.yml:12:23 warning overlap']],
    ['a gap', changedModel(['"1 - 4"', '"1 - 3"']), ['models/small.yml:10:9 warning gap']],
    [
      'a band that can never be reached',
      changedModel(['"> 4"', '">= 1"']),
      ['models/small.yml:12:23 warning overlap', 'models/small.yml:12:23 warning unreachable-band'],
    ],
    [
      'weights that do not sum to 100',
      changedModel(['weight: 100', 'weight: 100.5']),
      ['models/small.yml:4:1 warning weights-sum'],
    ],
    [
      'an unknown metric',
      changedModel(['metric: logins', 'metric: signins']),
      ['models/small.yml:9:17 error unknown-metric'],
    ],
    ['a bound that is none', changedModel(['"> 4"', '"> 4%"']), ['models/small.yml:13:20 error bad-band']],
    ['an upside-down range', changedModel(['"1 - 4"', '"4 - 1"']), ['models/small.yml:12:23 error bad-band']],
    ['a bound without quotes', changedModel(['"> 4"', '> 4']), ['models/small.yml:13:22 error bad-yaml']],
    ['words of a metric of numbers', changedModel(['"< 1"', 'few']), ['models/small.yml:11:17 error wrong-kind']],
    [
      'a metric twice in a dimension',
      changedModel([
        '          healthy: "> 4"',
        '          healthy: "> 4"\n      - { metric: logins, bands: { poor: "< 1", healthy: ">= 1" } }',
      ]),
      ['models/small.yml:14:19 error duplicate-id'],
    ],
    [
      'an unknown key',
      changedModel(['weight: 100', 'wieght: 100']),
      ['models/small.yml:5:5 error missing-key', 'models/small.yml:7:5 error unknown-key'],
    ],
    ['an unknown band', changedModel(['healthy: "> 4"', 'good: "> 4"']), ['models/small.yml:13:11 error unknown-key']],
    [
      '__proto__ as a key',
      changedModel(['weight: 100', '__proto__: { weight: 100 }']),
      ['models/small.yml:5:5 error missing-key', 'models/small.yml:7:5 error unknown-key'],
    ],
    ['a negative weight', changedModel(['weight: 100', 'weight: -1']), ['models/small.yml:7:13 error invalid-value']],
    [
      'a weight that is no number',
      changedModel(['weight: 100', 'weight: .nan']),
      ['models/small.yml:7:13 error invalid-value'],
    ],
    ['no weight at all', changedModel(['weight: 100', 'weight: 0']), ['models/small.yml:4:1 error no-weight']],
    [
      'a weight without measures',
      changedModel([/measures:[\s\S]*/, 'measures: []\n']),
      ['models/small.yml:8:5 error empty-dimension'],
    ],
    [
      'limits in the wrong order',
      changedModel(['when: default', 'when: default\nlimits: { concerning: 7, healthy: 4 }']),
      ['models/small.yml:4:1 error invalid-value'],
    ],
    [
      'a condition it does not know',
      changedModel(['when: default', 'when: always']),
      ['models/small.yml:3:7 error invalid-value'],
    ],
    ['no default', changedModel(['when: default', 'when: { segment: x }']), ['pack.yml:2:1 error no-default']],
    [
      'a name that is a number',
      changedModel(['name: Small', 'name: 2026']),
      ['models/small.yml:2:7 error invalid-value'],
    ],
    [
      'a name of two lines',
      changedModel(['name: Small', 'name: "a\\nb"']),
      ['models/small.yml:2:7 error invalid-value'],
    ],
    [
      'a model called otherwise than its file',
      changedModel(['id: small', 'id: smaller']),
      ['models/small.yml:1:5 error wrong-id'],
    ],
    [
      'a model without a file',
      { 'pack.yml': 'name: Small\nmodels: [small, lost]\n' },
      ['pack.yml:2:17 error missing-file'],
    ],
    [
      'a model listed twice',
      { 'pack.yml': 'name: Small\nmodels: [small, small]\n' },
      ['pack.yml:2:17 error duplicate-id'],
    ],
    [
      'a file that leads out of the pack',
      { 'pack.yml': 'name: Small\nmodels: [../../etc/passwd]\n' },
      ['pack.yml:2:10 error invalid-value'],
    ],
    ['a file that no one lists', { 'models/second.yml': second }, ['pack.yml:2:1 warning unlisted-model']],
    [
      'two defaults',
      {
        'pack.yml': 'name: Small\nmodels: [small, second]\n',
        'models/second.yml': second.replace('\n  segment: startup', ' default'),
      },
      ['models/second.yml:3:7 error two-defaults'],
    ],
    [
      'a model that is never picked',
      {
        'pack.yml': 'name: Small\nmodels: [second, third, small]\n',
        'models/second.yml': second,
        'models/third.yml': second.replace('id: second', 'id: third').replace('startup', 'Startup'),
      },
      ['models/third.yml:3:1 warning unreachable-model'],
    ],
    ['no pack.yml', { 'pack.yml': null }, ['pack.yml:1:1 error missing-file']],
    ['no metrics.yml', { 'metrics.yml': null }, ['metrics.yml:1:1 error missing-file']],
    ['an empty pack.yml', { 'pack.yml': '' }, ['pack.yml:1:1 error invalid-value']],
    ['a list for a pack', { 'pack.yml': '- small\n' }, ['pack.yml:1:1 error invalid-value']],
    [
      'a metric twice',
      {
        'metrics.yml':
          'metrics:\n  - { id: logins, name: A, unit: number }\n  - { id: logins, name: B, unit: number }\n',
      },
      ['metrics.yml:3:11 error duplicate-id'],
    ],
    [
      'a unit it does not know',
      { 'metrics.yml': 'metrics:\n  - { id: logins, name: A, unit: pieces }\n' },
      ['metrics.yml:2:34 error invalid-value'],
    ],
    [
      'a fault in an equation',
      {
        'metrics.yml':
          'metrics:\n  - id: logins\n    name: A\n    unit: number\n    equation: count("login", 7) + nonsense(3)\n',
      },
      ['metrics.yml:5:35 error bad-equation'],
    ],
    [
      'a fault in an equation of several lines',
      {
        'metrics.yml':
          'metrics:\n  - id: logins\n    name: A\n    unit: number\n    equation: |\n      count("login", 7) +\n        nonsense(3)\n',
      },
      ['metrics.yml:7:9 error bad-equation'],
    ],
    [
      'a fault in an equation in double quotes, past its escapes',
      {
        'metrics.yml':
          'metrics:\n  - id: logins\n    name: A\n    unit: number\n    equation: "count(\\"login\\",\\n 7) + nonsense(3)"\n',
      },
      ['metrics.yml:5:40 error bad-equation'],
    ],
    [
      'a fault in an equation in single quotes, past the doubled ones',
      {
        'metrics.yml':
          "metrics:\n  - id: logins\n    name: A\n    unit: number\n    equation: 'count(''login'', 7) + nonsense(3)'\n",
      },
      ['metrics.yml:5:38 error bad-equation'],
    ],
    [
      'a condition without anything',
      changedModel(['when: default', 'when: {}']),
      ['models/small.yml:3:1 error invalid-value'],
    ],
    [
      'a key that no condition has',
      changedModel(['when: default', 'when: { segmnt: a }']),
      ['models/small.yml:3:9 error unknown-key'],
    ],
    [
      'metrics that read each other in a circle',
      {
        'metrics.yml':
          'metrics:\n  - { id: logins, name: A, unit: number, equation: metric("b") }\n  - { id: b, name: B, unit: number, equation: metric("logins") }\n',
      },
      ['metrics.yml:3:47 error bad-equation'],
    ],
  ])('%s', async (_, files, findings) => {
    expect(await found(makePack(files))).toEqual(findings);
  });

  test('a key that is written twice', async () => {
    const folder = makePack(changedModel(['weight: 100', 'weight: 100\n    weight: 50']));
    expect(await found(folder)).toEqual(['models/small.yml:8:5 error duplicate-key']);
  });

  test('the name that was probably meant, in the message', async () => {
    expect(await messageOf(makePack(changedModel(['metric: logins', 'metric: login'])), 'unknown-metric')).toBe(
      '"login" is an unknown metric: did you mean "logins"? If not, define it in metrics.yml.',
    );
    expect(await messageOf(makePack(changedModel(['healthy: "> 4"', 'good: "> 4"'])), 'unknown-key')).toBe(
      '"good" is not a known key: remove it or mend its spelling. The keys here are "poor", "concerning", "healthy".',
    );
  });

  test.each<[string, Record<string, string>, string]>([
    ['an empty condition', changedModel(['default', '{}']), '"when" must have "segment" (text), "created_within_days"'],
    ['no days', changedModel(['default', '{ created_within_days: 0 }']), '"created_within_days" must be at least 1.'],
    ['a bare equation with a colon', { 'metrics.yml': 'metrics:\n  - equation: f({"a": 1})\n' }, 'put it in quotes'],
  ])('what to do about %s, in the message', async (_, files, message) => {
    const { findings } = await lintPlaybook(makePack(files));
    expect(findings[0]?.message).toContain(message);
  });

  test('nothing in models of other segments', async () => {
    const third = second.replace('id: second', 'id: third').replace('startup', 'other');
    const pack = 'name: Small\nmodels: [second, third, small]\n';
    expect(await found(makePack({ 'pack.yml': pack, 'models/second.yml': second, 'models/third.yml': third }))).toEqual(
      [],
    );
  });
});

describe('hostile YAML', () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefgh'].map((name, place) => `${name}: &${name} [${`*${'abcdefgh'[place]},`.repeat(9)}]`).join('\n')}\n`;

  test.each<[string, string | Uint8Array, string]>([
    ['a tab for indentation', 'name: Small\nmodels:\n\t- small\n', 'pack.yml:3:1 error bad-yaml'],
    ['an unclosed quote', 'name: "Small\nmodels: [small]\n', 'pack.yml:3:1 error bad-yaml'],
    ['an unclosed bracket', 'name: Small\nmodels: [small\n', 'pack.yml:3:1 error bad-yaml'],
    ['two documents', 'name: Small\n---\nmodels: [small]\n', 'pack.yml:2:1 error bad-yaml'],
    ['a tag', 'name: !!js/function "x"\nmodels: [small]\n', 'pack.yml:1:7 error bad-yaml'],
    ['a list as a key', '? [name]\n: Small\n', 'pack.yml:1:3 error bad-yaml'],
    ['an alias to nowhere', 'name: *small\nmodels: [small]\n', 'pack.yml:1:7 error alias'],
    [
      'more than 256 kB',
      `name: Small\nmodels: [small]\n#${'x'.repeat(256 * 1024)}`,
      'pack.yml:1:1 error file-too-large',
    ],
    ['bytes that are no UTF-8', Uint8Array.of(0x6e, 0xff, 0xfe), 'pack.yml:1:1 error unreadable-file'],
  ])('is refused with its place: %s', async (_, text, first) => {
    expect((await found(makePack({ 'pack.yml': text })))[0]).toBe(first);
  });

  test('is refused when aliases would make it huge', async () => {
    const findings = await found(makePack({ 'pack.yml': bomb }));
    expect(new Set(findings.map((finding) => finding.split(' ').at(-1)))).toEqual(new Set(['alias']));
  });

  test('is refused when it is nested a hundred thousand deep', async () => {
    for (const text of ['['.repeat(100_000), `${'['.repeat(100_000)}${']'.repeat(100_000)}`, '- '.repeat(100_000)]) {
      expect((await found(makePack({ 'pack.yml': text })))[0]).toMatch(
        /^pack.yml:\d+:\d+ error (bad-yaml|invalid-value)$/,
      );
    }
  });

  test('is refused when a file is a folder', async () => {
    const folder = makePack({ 'pack.yml': null });
    mkdirSync(path.join(folder, 'pack.yml'));
    expect(await found(folder)).toEqual(['pack.yml:1:1 error unreadable-file']);
  });
});

describe('the hash of a model', () => {
  async function hashOf(...replacements: Parameters<typeof changedModel>): Promise<string | undefined> {
    return (await readPlaybook(makePack(changedModel(...replacements)))).hashes.get('small');
  }

  test.each<[string, [string, string]]>([
    ['a comment', ['name: Use', 'name: Use # of the product']],
    ['a name', ['name: Small', 'name: Tiny']],
    ['a category', ['name: Use', 'name: Use\n    category: All']],
    [
      'the order of keys',
      ['          poor: "< 1"\n          concerning: "1 - 4"', '          concerning: "1 - 4"\n          poor: "< 1"'],
    ],
    ['another way to write a bound', ['"1 - 4"', '1-4']],
    ['what is the rule anyway', ['when: default', 'when: default\nlimits: { healthy: 7 }']],
  ])('stays with %s', async (_, replacement) => {
    expect(await hashOf(replacement)).toBe(await hashOf());
  });

  test.each<[string, [string, string]]>([
    ['a bound', ['"1 - 4"', '"1 - 5"']],
    ['an operator', ['"> 4"', '">= 4"']],
    ['a weight', ['weight: 100', 'weight: 50']],
    ['a measure’s weight', ['metric: logins', 'metric: logins\n        weight: 2']],
    ['a metric', ['metric: logins', 'metric: drop']],
    ['a limit', ['when: default', 'when: default\nlimits: { healthy: 8 }']],
  ])('changes with %s', async (_, replacement) => {
    expect(await hashOf(replacement)).not.toBe(await hashOf());
  });
});
