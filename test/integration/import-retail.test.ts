import { existsSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInput } from '../../src/importing/input.ts';
import { readMapping } from '../../src/importing/mapping.ts';
import type { ImportSummary } from '../../src/importing/run.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { countsOf, importText } from '../import-file.ts';

const root = path.resolve(import.meta.dirname, '../..');
const file = path.resolve(root, '../shared/data/online_retail.csv.gz');
/** The file is given beside the repository, not in it; where tests must not be skipped its absence is a failure. */
const isThere = existsSync(file) || process.env.CI !== undefined;

describe.skipIf(!isThere)(
  'the orders of the retail example (skipped without ../shared/data/online_retail.csv.gz)',
  () => {
    let database: TestDatabase;
    let first: ImportSummary;
    let second: ImportSummary;
    const importOrders = async () =>
      importText(database.url, 'events', '', {
        input: openInput(file, process.stdin),
        mapping: await readMapping(path.join(root, 'examples/retail/import.yml')),
      });
    beforeAll(async () => {
      database = await createTestDatabase();
      first = await importOrders();
      second = await importOrders();
    }, 120_000);
    afterAll(() => database.drop());

    it('become an event for each invoice and each returned line, and nothing changes the second time', () => {
      expect(countsOf(first)).toEqual({ rows: 406_829, inserted: 27_441, createdAccounts: 4372, createdUsers: 4372 });
      expect(countsOf(second)).toEqual({ rows: 406_829, unchanged: 27_441 });
    });

    it('add up to the lines they are made of', async () => {
      const { rows } = await sql`
      select name, count(*) as events, round(sum((properties ->> 'amount')::numeric), 2) as amount,
        sum((properties ->> 'lines')::int) as lines
      from events group by name order by name
    `.execute(database.db);
      expect(rows).toEqual([
        { name: 'Items Returned', events: 8905, amount: 611_342.09, lines: null },
        { name: 'Order Placed', events: 18_536, amount: 8_911_407.9, lines: 397_924 },
      ]);
    });

    it('are whole for a customer, for the one invoice that is not in one piece, and for one with two times', async () => {
      const order = async (id: string) => {
        const { rows } = await sql`
        select account_id, user_id, occurred_at, properties from events where id = ${id}
      `.execute(database.db);
        return rows;
      };
      expect(await order('537626')).toEqual([
        {
          account_id: '12347',
          user_id: '12347',
          occurred_at: new Date('2010-12-07T14:57:00Z'),
          properties: { amount: 711.79, lines: 31, country: 'Iceland' },
        },
      ]);
      expect(await order('542806')).toMatchObject([{ properties: { lines: 39, amount: 846.69 } }]);
      expect(await order('536591')).toMatchObject([{ occurred_at: new Date('2010-12-01T16:57:00Z') }]);
    });
  },
);
