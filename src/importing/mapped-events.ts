import type { StagedEvent } from '../db/import-events.ts';
import { UserError } from '../errors.ts';
import { type DateReader, refuseGone, refuseUnlikely } from './dates.ts';
import { toStagedEvent } from './events.ts';
import type { Context, Expression } from './expressions.ts';
import { RowFault } from './faults.ts';
import type { EventRule, Mapping } from './mapping.ts';
import type { ColumnType } from './mapping-schema.ts';
import type { ReadableRow } from './types.ts';
import { toId, toNumber, toText } from './values.ts';

/** How many groups of each rule wait for more of their rows; the one longest without is then complete. */
const OPEN_GROUPS = 10_000;

type Emit = (event: StagedEvent, line: number) => void;

/** Makes events of rows by a mapping. `add` throws RowFault and returns whether any rule took the row. */
export type EventMaker = { add(row: ReadableRow, emit: Emit): boolean; end(emit: Emit): void };

/**
 * Reads rows by the mapping's rules. `columns` grows when the input is JSON lines; events before `keptFrom` are faults.
 * @throws {UserError} when the file lacks a column that the mapping uses
 */
export function createEventMaker(
  mapping: Mapping,
  columns: readonly string[],
  growing: boolean,
  dates: DateReader,
  now: Date,
  keptFrom: Date | null = null,
): EventMaker {
  const toContext = contextReader(mapping.columns, columns, growing);
  const toTime = (text: string): string => {
    try {
      const at = dates.instant(text);
      refuseUnlikely(at, now);
      refuseGone(at, keptFrom);
      return at.toISOString();
    } catch (error) {
      throw error instanceof RowFault ? new RowFault(`has a timestamp that ${error.message}`, null, text) : error;
    }
  };
  const makers = mapping.rules.map((rule) => createRuleMaker(rule, toTime));
  return {
    add(row, emit) {
      const context = toContext(row);
      // A row that one rule cannot use is to be in no event at all, so all of them look at it before any takes it in.
      for (const maker of makers) maker.prepare(context, row.line);
      let taken = false;
      for (const maker of makers) taken = maker.commit(emit) || taken;
      return taken;
    },
    end: (emit) => {
      for (const maker of makers) maker.end(emit);
    },
  };
}

/** An event under construction. `amounts` are its properties so far, in the rule's order. */
type Group = Omit<StagedEvent, 'id' | 'properties' | 'derived'> & {
  id: string | null;
  line: number;
  rows: number;
  amounts: Amount[];
};
type Amount = string | number | boolean;
type RuleMaker = {
  /** Looks at a row without taking it in. Throws RowFault. */
  prepare(context: Context, line: number): void;
  /** Takes in the row that was prepared; false when it is not for this rule. */
  commit(emit: Emit): boolean;
  end(emit: Emit): void;
};
/** A prepared row: it begins a group, or brings `values` to one that is open. Without a key it is an event by itself. */
type Prepared = { group: Group; key: string | null; values: readonly Amount[] | null };

function createRuleMaker(rule: EventRule, toTime: (text: string) => string): RuleMaker {
  const open = new Map<string, Group>();
  let latest: string | null = null;
  let prepared: Prepared | null = null;
  const complete = (group: Group, emit: Emit) =>
    emit(toStagedEvent({ ...group, properties: toJson(rule, group) }), group.line);

  const touch = (key: string, group: Group, emit: Emit) => {
    if (latest === key) return;
    latest = key;
    open.delete(key);
    open.set(key, group);
    const [oldest] = open.size > OPEN_GROUPS ? open : [];
    if (!oldest) return;
    open.delete(oldest[0]);
    complete(oldest[1], emit);
  };
  return {
    prepare(context, line) {
      prepared = null;
      if (rule.when && rule.when(context) !== true) return;
      const key = rule.groupBy && idText(rule.groupBy, context, 'group_by');
      const group = key === null ? undefined : open.get(key);
      if (!group) {
        prepared = { group: begin(rule, key, context, line, toTime), key: key && ownText(key), values: null };
        return;
      }
      const account = idText(rule.account, context, 'account');
      if (account !== group.account) {
        throw new RowFault(
          `is in a group that belongs to account ${group.account} (line ${group.line})`,
          null,
          account,
        );
      }
      prepared = { group, key, values: furtherValues(rule, context) };
    },
    commit(emit) {
      if (!prepared) return false;
      const { group, key, values } = prepared;
      if (values) addRow(group, rule, values);
      if (key === null) complete(group, emit);
      else touch(key, group, emit);
      return true;
    },
    end(emit) {
      for (const group of open.values()) complete(group, emit);
      open.clear();
    },
  };
}

function begin(
  rule: EventRule,
  key: string | null,
  context: Context,
  line: number,
  toTime: (text: string) => string,
): Group {
  const hasUser = rule.user !== null && String(rule.user(context)).trim() !== '';
  return {
    line,
    account: ownText(idText(rule.account, context, 'account')),
    user: rule.user && hasUser ? ownText(idText(rule.user, context, 'user id')) : null,
    name: rule.event,
    id: rule.id ? ownText(idText(rule.id, context, 'id')) : key && ownText(key),
    occurredAt: toTime(String(rule.timestamp(context)).trim()),
    rows: 1,
    amounts: rule.properties.map(({ value }) => {
      const first = value ? value(context) : 1;
      return typeof first === 'string' ? ownText(first) : first;
    }),
  };
}

/** What a row brings to a group that is open: nothing where the first row's value counts. */
function furtherValues(rule: EventRule, context: Context): Amount[] {
  return rule.properties.map(({ value, aggregate }) => (value && aggregate !== 'first' ? value(context) : 1));
}

/** A copy: a part of a text keeps all of it in memory, and a group may stay open for long. */
function ownText(text: string): string {
  return text.length < 13 ? text : Buffer.from(text).toString();
}

function addRow(group: Group, rule: EventRule, values: readonly Amount[]): void {
  group.rows += 1;
  for (const [index, { aggregate }] of rule.properties.entries()) {
    const soFar = group.amounts[index] ?? 0;
    const value = values[index] ?? 0;
    if (aggregate === 'last') group.amounts[index] = value;
    else if (aggregate === 'minimum') group.amounts[index] = Math.min(Number(soFar), Number(value));
    else if (aggregate === 'maximum') group.amounts[index] = Math.max(Number(soFar), Number(value));
    else if (aggregate !== 'first') group.amounts[index] = Number(soFar) + Number(value);
  }
}

function toJson(rule: EventRule, { amounts, rows }: Group): string {
  const properties: Record<string, unknown> = Object.create(null);
  for (const [index, { name, aggregate }] of rule.properties.entries()) {
    const amount = amounts[index];
    if (typeof amount === 'number') {
      // A sum of cents is to be 139.12, not 139.11999999999998.
      properties[name] = Number((aggregate === 'average' ? amount / rows : amount).toPrecision(15));
    } else if (amount !== '') properties[name] = amount;
  }
  return JSON.stringify(properties);
}

function idText(expression: Expression, context: Context, what: string): string {
  const text = String(expression(context)).trim();
  if (text === '') throw new RowFault(`has an empty ${what}`);
  try {
    return toId(text);
  } catch (error) {
    throw error instanceof RowFault ? new RowFault(`has an ${what} that ${error.message}`, null, text) : error;
  }
}

function contextReader(
  used: ReadonlyMap<string, ColumnType>,
  columns: readonly string[],
  growing: boolean,
): (row: ReadableRow) => Context {
  let seen = -1;
  let places: { name: string; column: number; parse: (cell: unknown) => string | number | boolean }[] = [];
  const place = () => {
    seen = columns.length;
    places = [...used].map(([name, type]) => ({ name, column: findColumn(columns, name), parse: parsers[type] }));
  };
  place();
  const missing = places.find(({ column }) => column === -1);
  if (missing && !growing) {
    throw new UserError(
      `The mapping uses a column ${missing.name}, which the file lacks. The columns are ${columns.join(', ')}.`,
    );
  }
  return ({ cells }) => {
    if (seen < columns.length) place();
    const context: Context = {};
    for (const { name, column, parse } of places) {
      try {
        context[name] = parse(cells[column] ?? null);
      } catch (error) {
        throw error instanceof RowFault ? new RowFault(error.message, columns[column] ?? name, cells[column]) : error;
      }
    }
    return context;
  };
}

/** The column of exactly this name, else the one whose letters and digits are the same. */
function findColumn(columns: readonly string[], name: string): number {
  const bare = (text: string) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  const exact = columns.indexOf(name);
  return exact === -1 ? columns.findIndex((column) => bare(column) === bare(name)) : exact;
}

const parsers: Readonly<Record<ColumnType, (cell: unknown) => string | number | boolean>> = {
  text: (cell) => toText(cell) ?? '',
  number(cell) {
    if (typeof cell === 'number') return cell;
    const text = toText(cell) ?? '';
    const number = toNumber(text);
    if (number !== null) return number;
    throw new RowFault(text === '' ? 'is empty; a number is needed' : 'is not a number such as 1200 or 0.5');
  },
  boolean(cell) {
    const text = toText(cell)?.toLowerCase();
    if (text !== 'true' && text !== 'false') throw new RowFault('is neither true nor false');
    return text === 'true';
  },
};
