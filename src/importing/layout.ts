import { UserError } from '../errors.ts';
import { RowFault } from './faults.ts';
import { type Field, fields, plainName } from './fields.ts';
import type { ImportKind, ReadableRow, Row } from './types.ts';

/** `--map` and `--set`, by field. */
export type Assignments = { map: ReadonlyMap<string, string>; set: ReadonlyMap<string, string> };

/** Which column is which field. */
export type Layout = {
  /** Sorts a row's cells by field. Throws RowFault when two of its columns are the same field. */
  toRow(row: ReadableRow): Row;
  /** What the file calls a field, for people. */
  columnOf(fieldName: string): string;
  /** Whether a column is a field or --set gives it. For JSON lines this is not known before all is read: true. */
  has(fieldName: string): boolean;
  /** Columns that are no field; known of CSV only. */
  extras: readonly string[];
};

/** Reads `field=column` pairs of an option. Throws UserError for an unknown field, a repeated one, or no `=`. */
export function readAssignments(
  kind: ImportKind,
  options: { map: readonly string[]; set: readonly string[] },
): Assignments {
  const map = pairs('--map', 'column', kind, options.map);
  const set = pairs('--set', 'value', kind, options.set);
  for (const name of set.keys()) {
    if (map.has(name)) throw new UserError(`Both --map and --set are given for ${name}; leave one out.`);
  }
  return { map, set };
}

function pairs(option: string, what: string, kind: ImportKind, given: readonly string[]): Map<string, string> {
  const names: readonly string[] = fields[kind].map(({ name }) => name);
  const found = new Map<string, string>();
  for (const pair of given) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    if (at < 1 || at === pair.length - 1) throw new UserError(`${option} takes field=${what}; ${pair} is not that.`);
    if (!names.includes(name)) {
      throw new UserError(`${option} ${pair}: ${kind} have no field ${name}. The fields are ${names.join(', ')}.`);
    }
    if (found.has(name)) throw new UserError(`${option} is given twice for ${name}.`);
    found.set(name, pair.slice(at + 1));
  }
  return found;
}

/**
 * Finds the fields of `kind` among the columns. For JSON lines (`growing`), columns may be added later.
 * @throws {UserError} naming what is missing, doubled or not to be found
 */
export function createLayout(
  kind: ImportKind,
  columns: readonly string[],
  assignments: Assignments,
  growing: boolean,
): Layout {
  const known: readonly Field[] = fields[kind];
  const constants = known.map(({ name }) => assignments.set.get(name));
  let placed = place(known, columns, assignments);
  if (!growing) refuseGaps(known, columns, placed, assignments);

  const columnsOf = (name: string) => placed.columnsOf[known.findIndex((field) => field.name === name)] ?? [];
  return {
    columnOf: (name) => columns[columnsOf(name)[0] ?? -1] ?? assignments.map.get(name) ?? name,
    has: (name) => growing || columnsOf(name).length > 0 || assignments.set.has(name),
    extras: growing ? [] : placed.extras.map((column) => columns[column] ?? ''),
    toRow({ line, cells }) {
      if (placed.count < columns.length) placed = place(known, columns, assignments);
      const values: unknown[] = constants.slice();
      for (let index = 0; index < known.length; index += 1) {
        for (const column of placed.columnsOf[index] ?? []) {
          const cell = cells[column];
          if (cell === undefined) continue;
          if (values[index] !== undefined) throw new RowFault(doubled(known[index]?.name), columns[column], cell);
          values[index] = cell;
        }
      }
      const extras: [string, unknown][] = [];
      for (const column of placed.extras) {
        if (cells[column] !== undefined) extras.push([columns[column] ?? '', cells[column]]);
      }
      return { line, values, extras };
    },
  };
}

/** `columnsOf` are each field's columns; of CSV one at most. */
type Placed = { count: number; columnsOf: readonly (readonly number[])[]; extras: readonly number[] };

function place(known: readonly Field[], columns: readonly string[], { map, set }: Assignments): Placed {
  const plain = columns.map(plainName);
  const matching = (name: string) =>
    columns.flatMap((_, column) => (plain[column] === plainName(name) ? [column] : []));
  const chosen = new Map(
    [...map].map(([field, name]) => {
      const exact = columns.indexOf(name);
      return [field, exact === -1 ? matching(name) : [exact]];
    }),
  );
  // A column that --map gives to a field is no other field by its own name.
  const taken = new Set([...chosen.values()].flat());
  const columnsOf = known.map(({ name, also }) => {
    if (set.has(name)) return [];
    const mapped = chosen.get(name);
    if (mapped) return mapped;
    const found = [name, ...also].map((each) => matching(each).filter((column) => !taken.has(column)));
    return found.find((list) => list.length > 0) ?? [];
  });
  const used = new Set(columnsOf.flat());
  const extras = columns.flatMap((name, column) => (used.has(column) || name === '' ? [] : [column]));
  // In one order, whatever the file's: it goes into the ids of events that have none.
  extras.sort((a, b) => ((columns[a] ?? '') < (columns[b] ?? '') ? -1 : 1));
  return { count: columns.length, columnsOf, extras };
}

function refuseGaps(
  known: readonly Field[],
  columns: readonly string[],
  placed: Placed,
  { map, set }: Assignments,
): void {
  const list = columns.join(', ');
  for (const [index, { name, required }] of known.entries()) {
    const found = (placed.columnsOf[index] ?? []).map((column) => columns[column]);
    if (found.length > 1) {
      throw new UserError(`Columns ${found.join(' and ')}: ${doubled(name)}. Choose with --map ${name}=COLUMN.`);
    }
    if (found.length === 1 || set.has(name)) continue;
    if (map.has(name)) throw new UserError(`There is no column ${map.get(name)} for ${name}. The columns are ${list}.`);
    if (required) {
      throw new UserError(
        `No column is the ${name}. The columns are ${list}; say which one with --map ${name}=COLUMN, or give all rows the same with --set ${name}=VALUE.`,
      );
    }
  }
}

function doubled(name: string | undefined): string {
  return `two columns are the ${name}`;
}
