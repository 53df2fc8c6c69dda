import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { fields } from '../../src/importing/fields.ts';
import type { ImportKind } from '../../src/importing/types.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { hostileText } from '../hostile.ts';
import { importText } from '../import-file.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const RUNS = Number(process.env.FUZZ ?? 15);
const kinds = Object.keys(fields) as ImportKind[];
const kind = fc.constantFrom(...kinds);
/** What the fields take; names are in all of them. */
const good: Readonly<Record<string, fc.Arbitrary<string>>> = {
  domain: fc.constantFrom('acme.example', 'https://www.B.example/', ''),
  csm_email: fc.constantFrom('Ann@us.example', ''),
  email: fc.constantFrom('Ann@us.example', ''),
  arr: fc.constantFrom('5', '1,200.50', ''),
  mrr: fc.constantFrom('0', '$7', ''),
  currency: fc.constantFrom('USD', 'usd', ''),
  created_at: fc.constantFrom('2026-11-01', '2026-11-01T10:00+02:00', ''),
  renewal_date: fc.constantFrom('2027-11-01', ''),
  timestamp: fc.constantFrom('2026-11-01', '2026-11-01T10:00+02:00'),
  day: fc.constantFrom('2026-11-01', '2026-11-02'),
  stripe_customer_id: fc.constantFrom('cus_1', 'cus_2', '', '', '', '', '', ''),
  slack_channel_id: fc.constantFrom('C012345', 'C999999', '', '', '', '', '', ''),
  metric: fc.constantFrom('nps', 'Active Users'),
};
const hostile = fc.oneof(hostileText(6), fc.string({ unit: 'binary' }));
const anything = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', 'A;b', '5') }, hostile);
const cell = (name: string) => (good[name] ? fc.oneof({ weight: 15, arbitrary: good[name] }, hostile) : anything);
const names = (kind: ImportKind) => [...fields[kind].map(({ name }) => name), 'extra'];

/** Rows of some kind, `other` now and then in place of a cell. */
const table = (other: fc.Arbitrary<unknown>) =>
  kind.chain((kind) => {
    const row = fc.tuple(...names(kind).map((name) => fc.oneof({ weight: 30, arbitrary: cell(name) }, other)));
    return fc.tuple(fc.constant(kind), fc.array(row, { maxLength: 8 }));
  });
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

/** Every row is accounted for, or the whole is refused in words; and the same again changes nothing. */
async function holds(kind: ImportKind, content: string | Buffer): Promise<void> {
  try {
    const { rows, rejected, repeated, inserted, updated, unchanged } = await importText(database.url, kind, content);
    if (kind !== 'metrics') expect(inserted + updated + unchanged + repeated + rejected).toBe(rows);
    const again = await importText(database.url, kind, content);
    expect(again).toMatchObject({
      rows,
      rejected,
      repeated,
      inserted: 0,
      updated: 0,
      unchanged: inserted + updated + unchanged,
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).not.toBe('');
  }
}

describe('whatever is in a file', () => {
  it('as cells of CSV, each row goes in or is rejected', async () => {
    await fc.assert(
      fc.asyncProperty(table(hostile), ([kind, rows]) => {
        const lines = rows.map((row) => row.map((value) => quoted(String(value))).join(','));
        return holds(kind, `${names(kind).join(',')}\n${lines.join('\n')}\n`);
      }),
      { numRuns: RUNS },
    );
  });

  it('as values of JSON lines, each row goes in or is rejected', async () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.double());
    await fc.assert(
      fc.asyncProperty(table(value), fc.dictionary(anything, value, { maxKeys: 2 }), ([kind, rows], extras) => {
        const lines = rows.map((row) =>
          JSON.stringify({ ...extras, ...Object.fromEntries(names(kind).map((name, index) => [name, row[index]])) }),
        );
        return holds(kind, `${lines.join('\n')}\n`);
      }),
      { numRuns: RUNS },
    );
  });

  it('as plain bytes, the file is read or refused', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({
        unit: fc.constantFrom('id', ',', ';', '"', '\n', '\r', '{', '}', ':', '[', '\u0000', '\ud83d', 'é'),
      }),
    );
    await fc.assert(
      fc.asyncProperty(kind, bytes, fc.boolean(), (kind, content, withHeader) => {
        const header = withHeader ? 'id,account,user,event,timestamp,day,nps\n' : '';
        return holds(kind, Buffer.concat([Buffer.from(header), Buffer.from(content as Uint8Array)]));
      }),
      { numRuns: RUNS },
    );
  });
});
