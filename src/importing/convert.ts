import type { DateReader } from './dates.ts';
import { RowFault } from './faults.ts';
import { fieldNumber, type fields } from './fields.ts';
import type { Layout } from './layout.ts';
import type { ImportKind, Row } from './types.ts';
import { toProperty, toText } from './values.ts';

/** Turns a row into what is staged: one record, none or several. Throws RowFault. */
export type Converter<Staged> = (row: Row, emit: (record: Staged) => void) => void;

/** What converters know of the file besides the row. */
export type ConvertContext = {
  layout: Layout;
  dates: DateReader;
  now: Date;
  /** Events before it are gone, so none of that time can be taken; null while all are kept. */
  keptFrom: Date | null;
  /** Cells are text that may mean a number: the file is CSV. */
  textOnly: boolean;
};

type FieldName<K extends ImportKind> = (typeof fields)[K][number]['name'];

/** Reads known fields of a row; a fault names the file's own column. */
export type FieldReader<K extends ImportKind> = {
  /** Throws RowFault also when the cell is empty. */
  required<T>(row: Row, name: FieldName<K>, parse: (text: string) => T): T;
  /** Undefined when the file does not say, null when the cell is empty. */
  optional<T>(row: Row, name: FieldName<K>, parse: (text: string, cell: unknown) => T): T | null | undefined;
  list<T>(row: Row, name: FieldName<K>, parse: (value: unknown) => T): T | undefined;
};

/** A reader of the fields of `kind`. */
export function fieldReader<K extends ImportKind>(kind: K, layout: Layout): FieldReader<K> {
  const numbers = new Map<string, number>();
  const cell = (row: Row, name: FieldName<K>): unknown => {
    let number = numbers.get(name);
    if (number === undefined) {
      number = fieldNumber(kind, name);
      numbers.set(name, number);
    }
    return row.values[number];
  };
  const guarded = <T>(name: FieldName<K>, value: unknown, parse: () => T): T => {
    try {
      return parse();
    } catch (error) {
      throw error instanceof RowFault ? new RowFault(error.message, layout.columnOf(name), value) : error;
    }
  };
  return {
    required(row, name, parse) {
      const value = cell(row, name);
      return guarded(name, value, () => {
        const text = value === undefined ? null : toText(value);
        if (text === null) throw new RowFault('is empty');
        return parse(text);
      });
    },
    optional(row, name, parse) {
      const value = cell(row, name);
      if (value === undefined) return undefined;
      return guarded(name, value, () => {
        const text = toText(value);
        return text === null ? null : parse(text, value);
      });
    },
    list(row, name, parse) {
      const value = cell(row, name);
      return value === undefined ? undefined : guarded(name, value, () => parse(value));
    },
  };
}

type Extras = Row['extras'];

/** Traits as JSON, and the names of those whose cell is empty. `traits` of JSON lines may also be an object of them. */
export function toTraits(extras: Extras, context: ConvertContext): { traits: string; cleared: string[] } {
  const traits: Record<string, unknown> = Object.create(null);
  const cleared: string[] = [];
  for (const [name, value] of flatten(extras, 'traits', context)) {
    const trait = context.textOnly ? toProperty(String(value)) : value;
    if (trait === undefined || trait === null) cleared.push(name);
    else traits[name] = trait;
  }
  return { traits: JSON.stringify(traits), cleared };
}

/** Properties as JSON, without those that are empty. `properties` of JSON lines may also be an object of them. */
export function toProperties(extras: Extras, context: ConvertContext): string {
  const properties: Record<string, unknown> = Object.create(null);
  for (const [name, value] of flatten(extras, 'properties', context)) {
    const property = context.textOnly ? toProperty(String(value)) : value;
    if (property !== undefined && property !== null) properties[name] = property;
  }
  return JSON.stringify(properties);
}

function flatten(extras: Extras, key: string, { textOnly }: ConvertContext): Extras {
  const nested = textOnly ? undefined : extras.find(([name]) => name === key)?.[1];
  if (typeof nested !== 'object' || nested === null || Array.isArray(nested)) return extras;
  const inner = Object.entries(nested).sort(([a], [b]) => (a < b ? -1 : 1));
  return [...inner, ...extras.filter(([name]) => name !== key)];
}
