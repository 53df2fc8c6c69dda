import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StagedEvent } from '../../../src/db/import-events.ts';
import { createDateReader } from '../../../src/importing/dates.ts';
import { RowFault } from '../../../src/importing/faults.ts';
import { createEventMaker } from '../../../src/importing/mapped-events.ts';
import { readMapping } from '../../../src/importing/mapping.ts';
import { sourceOf } from './read-text.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bellwether-mapping-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function mapping(yaml: string) {
  const file = path.join(folder, 'import.yml');
  await writeFile(file, yaml);
  return readMapping(file);
}

/** The events that a mapping makes of text, and the faults. */
async function make(yaml: string, text: string) {
  const source = await sourceOf(text, 'events', 1000);
  const now = new Date('2026-11-21T12:00:00Z');
  const growing = source.format === 'json-lines';
  const maker = createEventMaker(
    await mapping(yaml),
    source.columns,
    growing,
    await createDateReader('UTC', null),
    now,
  );
  const events: (Omit<StagedEvent, 'properties'> & { properties: unknown; line: number })[] = [];
  const faults: string[] = [];
  let skipped = 0;
  const emit = (event: StagedEvent, line: number) => {
    events.push({ ...event, properties: JSON.parse(event.properties), line });
  };
  for await (const batch of source.batches) {
    for (const row of batch) {
      if (row.fault) continue;
      try {
        if (!maker.add(row, emit)) skipped += 1;
      } catch (error) {
        if (!(error instanceof RowFault)) throw error;
        faults.push(`${row.line} ${error.column}: ${error.message}`);
      }
    }
  }
  maker.end(emit);
  return { events, faults, skipped };
}

const orders = `
columns: { qty: number, price: number }
events:
  - event: Order
    when: qty > 0
    group_by: no
    account: customer
    user: customer
    timestamp: at
    properties:
      amount: { sum: qty * price }
      mean: { average: price }
      cheapest: { minimum: price }
      dearest: { maximum: price }
      lines: { count: true }
      first: item
      last: { last: item }
      doubled: { sum: 2 * qty }
  - event: Return
    when: qty < 0
    account: customer
    timestamp: at
    properties: { amount: "-qty * price" }
`;
const header = 'No;Customer;At;Item;Qty;Price\n';

describe('a mapping', () => {
  it('makes one event of the rows of a group, and others of single rows', async () => {
    const text = `${header}7;acme;2026-11-01;pen;2;0.1\n7;acme;2026-11-02;ink;3;0.2\n7;acme;2026-11-03;ink;-1;0.2\n8;bee;2026-11-04;pen;1;5\n`;
    const { events, skipped } = await make(orders, text);
    expect(
      events.map(({ name, account, user, id, derived, occurredAt, line }) => [
        name,
        account,
        user,
        derived ? null : id,
        occurredAt.slice(0, 10),
        line,
      ]),
    ).toEqual([
      ['Return', 'acme', null, null, '2026-11-03', 4],
      ['Order', 'acme', 'acme', '7', '2026-11-01', 2],
      ['Order', 'bee', 'bee', '8', '2026-11-04', 5],
    ]);
    expect(events.map(({ properties }) => properties)).toEqual([
      { amount: 0.2 },
      { amount: 0.8, mean: 0.15, cheapest: 0.1, dearest: 0.2, lines: 2, first: 'pen', last: 'ink', doubled: 10 },
      { amount: 5, mean: 5, cheapest: 5, dearest: 5, lines: 1, first: 'pen', last: 'pen', doubled: 2 },
    ]);
    expect(skipped).toBe(0);
  });

  it('joins rows of a group that are not next to each other', async () => {
    const text = `${header}7;a;2026-11-01;x;1;1\n8;b;2026-11-01;x;1;1\n7;a;2026-11-01;x;1;1\n`;
    const { events } = await make(orders, text);
    expect(events.map(({ id, properties }) => [id, (properties as { lines: number }).lines])).toEqual([
      ['8', 1],
      ['7', 2],
    ]);
  });

  it('completes the group that is longest without rows when too many are open', async () => {
    const rows = Array.from({ length: 10_001 }, (_, index) => `${index};a;2026-11-01;x;1;1`);
    const { events } = await make(orders, `${header}${rows.join('\n')}\n0;a;2026-11-01;x;1;1\n`);
    // The caller refuses both halves: they have the same id.
    expect(events.filter(({ id }) => id === '0').map(({ line }) => line)).toEqual([2, 10_003]);
  });

  it('leaves out rows that are in no entry', async () => {
    expect(await make(orders, `${header}7;a;2026-11-01;x;0;1\n`)).toEqual({ events: [], faults: [], skipped: 1 });
  });

  it('rejects rows, with their column where one is at fault, and takes them in no event', async () => {
    const { events, faults } = await make(
      orders,
      [
        header.trim(),
        '7;a;2026-11-01;x;1;1',
        '7;a;2026-11-01;x;many;1',
        '7;a;2026-11-01;x;;1',
        '7;b;2026-11-01;x;1;1',
        ';a;2026-11-01;x;1;1',
        '8;;2026-11-01;x;1;1',
        '8;a;soon;x;1;1',
        '8;a;1969-01-01;x;1;1',
        '8;a;2026-11-01;x;1;1e200',
      ].join('\n'),
    );
    expect(faults).toEqual([
      '3 Qty: is not a number such as 1200 or 0.5',
      '4 Qty: is empty; a number is needed',
      '5 null: is in a group that belongs to account a (line 2)',
      '6 null: has an empty group_by',
      '7 null: has an empty account',
      '8 null: has a timestamp that is not a date such as 2026-01-31 or 2026-01-31T09:30:00Z (see --date-format)',
      '9 null: has a timestamp that is before 1970',
    ]);
    expect(events.map(({ id }) => id)).toEqual(['7', '8']);
  });

  it('reads JSON lines, whose columns may come late', async () => {
    const { events } = await make(
      'columns: { ok: boolean }\nevents: [{ event: E, when: ok, account: a, timestamp: t, properties: { x: x } }]',
      '{"a":"acme","t":"2026-11-01","ok":true}\n{"a":"acme","t":"2026-11-01","ok":"true","x":"y"}\n{"a":"b","t":"2026-11-01","ok":false}\n',
    );
    expect(events.map(({ properties }) => properties)).toEqual([{}, { x: 'y' }]);
  });

  it('that uses a column which the file lacks is refused', async () => {
    await expect(make(orders, 'no;customer;at;qty;price\n')).rejects.toThrow(
      'The mapping uses a column item, which the file lacks. The columns are no, customer, at, qty, price.',
    );
  });

  const minimal = 'events: [{ event: E, account: a, timestamp: t';
  it.each([
    ['', 'must be a mapping of keys to values'],
    ['events: []', 'must have at least one entry'],
    [`${minimal}, whem: a > 1 }]`, 'import.yml:1:48: error: "whem" is not a known key'],
    ['events: [{ event: E, account: a }]', '"timestamp" is missing: add it'],
    [`columns: { n: int }\n${minimal} }]`, '"n" must be text, number or boolean'],
    [`columns: { n: number }\n${minimal} }]`, 'import.yml:1:12: error: No expression uses the column n'],
    [`${minimal}, when: a }]`, 'is string, but is to be boolean'],
    [`${minimal}, when: "a > 5" }]`, 'no such overload'],
    [`${minimal}, id: "a +" }]`, 'import.yml:1:56: error: a +: Unexpected token: the end'],
    [`${minimal}, id: nope(a) }]`, 'nope'],
    [`${minimal}, properties: { x: { sum: b } } }]`, 'b: is string, but is to be number'],
    [`${minimal}, properties: { x: { total: b } } }]`, '"x" must be an expression, {count: true}, or one of sum'],
    [`${minimal}, properties: { x: { sum: b, count: true } } }]`, 'must be an expression'],
    [`${minimal}, properties: { x: "[a]" } }]`, 'is list<string>, but is to be text, a number, or true or false'],
    ['events: [', 'This is not YAML'],
  ])('%j is refused with its place', async (yaml, message) => {
    await expect(mapping(yaml)).rejects.toThrow(message);
  });

  it('file that is not there is refused', async () => {
    await expect(readMapping(path.join(folder, 'none.yml'))).rejects.toThrow('none.yml is missing');
  });
});
