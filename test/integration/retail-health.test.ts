import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInput } from '../../src/importing/input.ts';
import { readMapping } from '../../src/importing/mapping.ts';
import { readPlaybook } from '../../src/playbook/read.ts';
import { csTeam, maya, startTestBot, type TestBot, wordsOf } from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { importText } from '../import-file.ts';

const root = path.resolve(import.meta.dirname, '../..');
const file = path.resolve(root, '../shared/data/online_retail.csv.gz');
/** The file is given beside the repository, not in it; where tests must not be skipped its absence is a failure. */
const isThere = existsSync(file) || process.env.CI !== undefined;
/** From the last day of the orders, 2011-12-09, to 2026-11-21. */
const DAYS = 5461;

describe.skipIf(!isThere)(
  'the retail example as its README has it (skipped without ../shared/data/online_retail.csv.gz)',
  () => {
    let database: TestDatabase;
    let bot: TestBot;
    beforeAll(async () => {
      database = await createTestDatabase();
      const playbook = await readPlaybook(path.join(root, 'examples/retail'));
      bot = await startTestBot({ db: database.db, playbook, now: () => new Date('2026-11-21T17:00:00Z') });
      await importText(database.url, 'events', '', {
        input: openInput(file, process.stdin),
        mapping: await readMapping(path.join(root, 'examples/retail/import.yml')),
        addDays: DAYS,
      });
      await bot.deps.queue.enqueue('compute-health', {});
    }, 120_000);
    afterAll(async () => {
      await bot.close();
      await database.drop();
    });

    it('answers /health 12347 with the score of a customer who comes back', async () => {
      const [card] = await bot.ask(maya, csTeam, '/health 12347');
      const lines = wordsOf(card);
      expect(lines[0]).toBe('12347 · 9.3 / 10 🟢 Healthy');
      expect(valuesOf(lines)).toEqual([
        '🟢 2 days, Healthy',
        '🟢 0.03, Healthy',
        '🟢 6, Healthy',
        '🟡 2, Concerning',
        '🟢 3,598.21, Healthy',
        '🟢 −159.7%, Healthy',
        '🟢 0%, Healthy',
      ]);
      expect(lines.join('\n')).toContain('newest data 2 days ago');
      expect(bot.failures).toEqual([]);
    });

    it('answers /health 12346 with the score of one who sent it all back', async () => {
      const [card] = await bot.ask(maya, csTeam, '/health 12346');
      expect(wordsOf(card)[0]).toBe('12346 · 3.5 / 10 🔴 Poor');
      expect(valuesOf(wordsOf(card)).at(-1)).toBe('🔴 100%, Poor');
    });
  },
);

/** Of each measure its symbol, value and band: its name may change. */
function valuesOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const [, symbol, value] = /^(🟢|🟡|🔴|⚪) [^:]+: (.+?) \(/u.exec(line) ?? [];
    return symbol ? [`${symbol} ${value}`] : [];
  });
}
