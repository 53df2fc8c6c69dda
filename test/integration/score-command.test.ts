import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changedModel, makePack } from '../pack.ts';
import { runCli } from '../run-cli.ts';

const goldenFile = path.resolve(import.meta.dirname, '../../../shared/golden/health-scores.json');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'bellwether-score-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeFacts(content: unknown): string {
  const file = path.join(folder, 'facts.json');
  const written = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(file, written ? content : JSON.stringify(content));
  return file;
}

function score(content: unknown, playbook = 'by-segment', ...more: string[]) {
  return runCli(['score', '--facts', writeFacts(content), '--playbook', playbook, ...more]);
}

const acme = { id: 'acme', name: 'Acme', segments: ['ela'], created_at: null, metrics: {} };
const now = '2026-11-21T12:00:00Z';

describe.skipIf(!existsSync(goldenFile) && !process.env.CI)(
  'bellwether score on the golden facts (skipped without ../shared)',
  () => {
    type Golden = { playbook: string; facts: unknown; expected: { dimensions: { measures: unknown[] }[] }[] };

    test('gives the expected answer for each pack, with nothing but a reason added', async () => {
      const golden = JSON.parse(readFileSync(goldenFile, 'utf8')) as Golden[];
      expect(golden).toHaveLength(3);
      for (const { playbook, facts, expected } of golden) {
        const { code, stdout, stderr } = await score(facts, playbook, '--json');
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        const answer = JSON.parse(stdout) as Record<string, unknown>[];
        expect(answer.map(({ reason }) => typeof reason)).toEqual(expected.map(() => 'string'));
        expectClose(
          answer.map(({ reason: _, ...rest }) => rest),
          expected,
        );
      }
    });

    /** The same keys and values, numbers to 1e-9. */
    function expectClose(actual: unknown, expected: unknown): void {
      if (typeof expected === 'number') expect(Math.abs((actual as number) - expected)).toBeLessThan(1e-9);
      else if (typeof expected !== 'object' || expected === null) expect(actual).toBe(expected);
      else {
        expect(Object.keys(actual as object).sort()).toEqual(Object.keys(expected).sort());
        for (const [key, value] of Object.entries(expected))
          expectClose((actual as Record<string, unknown>)[key], value);
      }
    }
  },
);

describe('bellwether score', () => {
  test('answers with exactly the keys that are promised', async () => {
    const { stdout } = await score(
      { now, accounts: [{ ...acme, metrics: { account_sentiment: 'healthy' } }] },
      'by-segment',
      '--json',
    );
    const [answer] = JSON.parse(stdout);
    expect(Object.keys(answer)).toEqual(['account', 'model', 'reason', 'score', 'band', 'coverage', 'dimensions']);
    expect(answer).toMatchObject({
      account: 'acme',
      model: 'ela',
      reason: 'in the segment ela',
      score: 10,
      band: 'healthy',
      coverage: 0.3,
    });
    expect(answer.dimensions[0]).toEqual({
      id: 'account_pulse',
      weight: 30,
      score: 10,
      measures: [{ metric: 'account_sentiment', value: 'healthy', band: 'healthy', points: 10 }],
    });
  });

  test('gives no score, not 0, to an account without data', async () => {
    const { stdout } = await score({ now, accounts: [acme] }, 'by-segment', '--json');
    expect(JSON.parse(stdout)).toMatchObject([{ score: null, band: null, coverage: 0 }]);
  });

  test('takes an account without name, segments and creation date', async () => {
    const { name: _, segments: __, created_at: ___, ...bare } = acme;
    const { stdout } = await score({ now: '2026-11-21', accounts: [bare] }, 'new-vs-established', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      { model: 'established-customer', reason: 'its creation date is unknown' },
    ]);
  });

  test('reads the facts from standard input, and passes over a BOM', async () => {
    const args = ['score', '--facts', '-', '--playbook', 'by-segment', '--json'];
    const { code, stdout } = await runCli(args, { input: `\uFEFF${JSON.stringify({ now, accounts: [acme] })}` });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ account: 'acme', model: 'ela' }]);
  });

  test('writes an answer that is far larger than a pipe to its end', async () => {
    const accounts = Array.from({ length: 500 }, (_, place) => ({ ...acme, id: `account-${place}` }));
    const { code, stdout } = await score({ now, accounts }, 'product-usage', '--json');
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(500_000);
    expect(JSON.parse(stdout)).toHaveLength(500);
  });

  test('answers an empty list with an empty list', async () => {
    expect((await score({ now, accounts: [] }, 'by-segment', '--json')).stdout).toBe('[]\n');
  });

  test('without --json writes a table whose numbers never contradict their words', async () => {
    const pack = makePack(
      changedModel(
        ['weight: 100', 'weight: 6.96'],
        [
          /$/,
          '  - { id: rest, name: Rest, weight: 3.04, measures: [{ metric: drop, bands: { poor: "> 5", healthy: "<= 5" } }] }\n',
        ],
      ),
    );
    const accounts = [
      { ...acme, metrics: { logins: 9, drop: 9 } },
      { ...acme, id: 'b', name: 'Bits &\u001b Bytes', metrics: {} },
    ];
    const { code, stdout } = await score({ now, accounts }, pack);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'Account        Score  Band        Data  Model and why',
      'Acme           6.9    Concerning  100%  Small: the only model of this playbook',
      'Bits &  Bytes  -      No score    0%    Small: the only model of this playbook',
      '',
    ]);
  });

  test('says on standard error what it left out: unknown metrics, and values that fit no band', async () => {
    const metrics = { account_sentiment: 'great', versions_behind: '3', versions_behnd: 3 };
    const { code, stdout, stderr } = await score({ now, accounts: [{ ...acme, metrics }] }, 'by-segment', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ score: null }]);
    expect(stderr.split('\n')).toEqual([
      'warning: the playbook by-segment has no metric "versions_behnd"',
      'warning: acme: "great" fits no band of account_sentiment, so it is no data',
      'warning: acme: "3" fits no band of versions_behind, so it is no data',
      '',
    ]);
  });

  test('says of much that it left out how much more there is', async () => {
    const accounts = Array.from({ length: 30 }, (_, place) => ({
      ...acme,
      id: `account-${place}`,
      metrics: { account_sentiment: 'great' },
    }));
    const { stderr } = await score({ now, accounts }, 'by-segment', '--json');
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('warning: and 10 more');
  });
});

describe('bellwether score refuses, as wrong use and with the place,', () => {
  test.each<[string, unknown, string[]]>([
    ['what is not JSON', '{"now": "2026-11-21",\n  accounts}', ['facts.json are not JSON', 'line 2']],
    ['an empty file', '', ['are not JSON']],
    ['bytes that are not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), ['are not UTF-8 text']],
    ['a list', [], ['the file: expected {now, accounts}']],
    ['no accounts', { now }, ['accounts: expected a list of accounts']],
    ['two accounts of one id', { now, accounts: [acme, acme] }, ['accounts[1].id: "acme" is the id of accounts[0]']],
    ['an account without metrics', { now, accounts: [{ id: 'a' }] }, ['accounts[0].metrics: expected {"metric"']],
    ['an id that is a number', { now, accounts: [{ ...acme, id: 7 }] }, ['accounts[0].id: expected a text in quotes']],
    ['no now', { accounts: [] }, ['now: expected a date such as']],
    ['a day that does not exist', { now: '2026-02-30', accounts: [] }, ['now: expected a date']],
    ['an account without an id', { now, accounts: [acme, { ...acme, id: '' }] }, ['accounts[1].id: ']],
    [
      'a creation date in words',
      { now, accounts: [{ ...acme, created_at: 'yesterday' }] },
      ['accounts[0].created_at: expected a date'],
    ],
    ['segments that are text', { now, accounts: [{ ...acme, segments: 'ela' }] }, ['accounts[0].segments: ']],
    [
      'a metric that is a list',
      { now, accounts: [{ ...acme, metrics: { nps_score: [9] } }] },
      ['accounts[0].metrics.nps_score: expected a number, text, true, false or null'],
    ],
    [
      'a number that is not finite',
      `{"now":"${now}","accounts":[{"id":"a","name":"A","metrics":{"nps_score":1e999}}]}`,
      ['accounts[0].metrics.nps_score: expected a number'],
    ],
    [
      'more faults than one can read',
      { now, accounts: Array.from({ length: 30 }, () => ({})) },
      ['accounts[0].id', 'more'],
    ],
  ])('%s', async (_, content, parts) => {
    const { code, stdout, stderr } = await score(content);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const part of parts) expect(stderr).toContain(part);
  });

  test('a file that is not there, and a folder', async () => {
    const missing = await runCli(['score', '--facts', path.join(folder, 'none.json'), '--playbook', 'by-segment']);
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no such file') });
    const directory = await runCli(['score', '--facts', folder, '--playbook', 'by-segment']);
    expect(directory).toMatchObject({ code: 2, stderr: expect.stringContaining('it is a folder') });
  });

  test('a playbook with errors, with each of them', async () => {
    const { code, stderr } = await score(
      { now, accounts: [] },
      makePack(changedModel(['metric: logins', 'metric: login'])),
    );
    expect(code).toBe(2);
    expect(stderr).toContain('models/small.yml:9:17: error: "login" is an unknown metric: did you mean "logins"?');
  });

  test('with --json as one JSON object', async () => {
    const { stderr } = await score('nonsense', 'by-segment', '--json');
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'user_error', message: expect.stringContaining('are not JSON') },
    });
  });

  test('to be called without its options', async () => {
    expect(await runCli(['score'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--facts <file>') });
  });
});
