import type { Block } from './blocks.ts';
import { excerpt, RowFault } from './faults.ts';
import type { SourceRow } from './types.ts';
import { refuseName, refuseValue } from './values.ts';

const MAX_COLUMNS = 2000;

/** A reader of JSON lines; `columns` grows by each key that a line brings. Blank lines are left out. */
export type JsonLinesReader = { columns: readonly string[]; read(block: Block): SourceRow[] };

/** A reader of one JSON object a line. */
export function createJsonLinesReader(): JsonLinesReader {
  const columns: string[] = [];
  const numbers = new Map<string, number>();

  const columnOf = (key: string): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    refuseName(key);
    if (columns.length === MAX_COLUMNS) throw new RowFault(`brings more than ${MAX_COLUMNS} different keys`, key);
    numbers.set(key, columns.length);
    return columns.push(key) - 1;
  };

  const toRow = (text: string, line: number, damaged: boolean): SourceRow => {
    try {
      if (damaged && text.includes('\ufffd')) throw new RowFault('is not UTF-8; save the file as UTF-8');
      const cells: unknown[] = new Array(columns.length);
      for (const [key, value] of Object.entries(parseObject(text))) {
        const column = columnOf(key);
        if (typeof value !== 'string' || text.includes('\\u')) refuseValue(value, key);
        cells[column] = value;
      }
      return { line, cells, fault: null };
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      const fault = { column: error.column, value: error.value || excerpt(text), reason: error.message };
      return { line, cells: null, fault };
    }
  };

  return {
    columns,
    read(block) {
      const rows: SourceRow[] = [];
      for (const [index, text] of block.text.split('\n').entries()) {
        if (text.trim() !== '') rows.push(toRow(text, block.line + index, block.damaged));
      }
      return rows;
    },
  };
}

function parseObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RowFault(`is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RowFault('is not a JSON object; each line is to be one, such as {"id": "acme"}');
  }
  return value;
}
