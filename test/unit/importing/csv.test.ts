import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCsvReader } from '../../../src/importing/csv.ts';
import type { SourceRow } from '../../../src/importing/types.ts';
import { readAll } from './read-text.ts';

/** Reads text that comes in blocks of whole lines, broken after the lines that `breaks` picks. */
function read(text: string, breaks: (line: number) => boolean = () => true): SourceRow[] {
  const reader = createCsvReader(',');
  const rows: SourceRow[] = [];
  let block = { text: '', line: 1, damaged: false };
  for (const [index, line] of text.split(/(?<=\n)/).entries()) {
    block.text += line;
    if (!breaks(index)) continue;
    rows.push(...reader.read(block));
    block = { text: '', line: index + 2, damaged: false };
  }
  return [...rows, ...reader.read(block), ...reader.end()];
}

const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

describe('the CSV reader', () => {
  it('reads what a writer wrote, whatever the cells, the line ends and the blocks', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', ' ', 'é', '😀'), maxLength: 6 });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.infiniteStream(fc.boolean()),
        (rows, end, last, breaks) => {
          const text = rows.map((row) => row.map(quote).join(',')).join(end) + (last ? end : '');
          const found = read(text, () => breaks.next().value === true);
          expect(found.map((row) => row.cells)).toEqual(rows);
        },
      ),
    );
  });

  it('reads arbitrary text as csv-parse does, where that finds no fault', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n'), maxLength: 30 });
    let compared = 0;
    fc.assert(
      fc.property(text, (given) => {
        let expected: unknown;
        try {
          expected = parse(given, { relax_column_count: true, skip_empty_lines: true, record_delimiter: '\n' });
        } catch {
          return;
        }
        compared += 1;
        expect(read(given).map((row) => row.cells)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  it('numbers rows by the line they begin on, across cells of several lines', () => {
    const rows = read('id,name\n1,"a\nb\nc"\n2,d\n\n\n3,e\n');
    expect(rows.map((row) => row.line)).toEqual([1, 2, 5, 8]);
  });

  it('loses only the line on which an unclosed quote stands', async () => {
    const text = `id,name\n1,a\n2,"b\n${Array.from({ length: 50 }, (_, index) => `${index},c\n`).join('')}`;
    const { cells, faults } = await readAll(text);
    expect(faults).toEqual(['3: has a quote that is never closed']);
    expect(cells).toHaveLength(51);
  });

  it('loses only the line on which an unclosed quote stands, when a later cell is quoted', async () => {
    const { cells, faults } = await readAll('id,name\n1,"a\n2,"b"\n3,"c, d"\n');
    expect(faults).toEqual(['2: has a quote that is not closed on this line']);
    expect(cells).toEqual([
      ['2', 'b'],
      ['3', 'c, d'],
    ]);
  });

  it('rejects text after a closing quote, and takes quotes within an unquoted cell as text', async () => {
    const { cells, faults } = await readAll('id,name\n1,"a" b\n2,5" pipe\n');
    expect(faults).toEqual(['2: has text after a closing quote']);
    expect(cells).toEqual([['2', '5" pipe']]);
  });

  it('rejects a quoted cell of more than a megabyte and goes on after it', async () => {
    const { cells, faults } = await readAll(
      `id,name\n1,"${`${'x'.repeat(999)}\n`.repeat(1200)}"\n2,b\n`,
      'accounts',
      60_000,
    );
    expect(faults[0]).toBe('2: has a quote that is never closed');
    expect(cells.at(-1)).toEqual(['2', 'b']);
  });
});
