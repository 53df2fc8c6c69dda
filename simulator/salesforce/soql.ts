import { invalidField, malformed, SalesforceRefusal } from './refusal.ts';
import type { FieldType, Schema, StoredRecord } from './types.ts';

/** A query, read: what is selected, and a test of a record. */
export type Query = {
  object: string;
  paths: string[][];
  holds(record: StoredRecord): boolean;
};

/** Where things are: the schema, and records by object and id. */
export type Store = { schema: Schema; find(object: string, id: unknown): StoredRecord | undefined; today: string };

type Literal = { kind: 'text' | 'number' | 'boolean' | 'null' | 'date' | 'datetime'; value: unknown };
type Test = (record: StoredRecord) => boolean;

/** Reads `SELECT … FROM … WHERE …`, as far as is needed here; what Salesforce refuses of that is refused. */
export function readQuery(text: string, store: Store): Query {
  const reader = createReader(text);
  reader.expect('SELECT');
  const names = [reader.name()];
  while (reader.takes(',')) names.push(reader.name());
  reader.expect('FROM');
  const given = reader.name();
  const object = Object.keys(store.schema).find((name) => same(name, given));
  if (object === undefined)
    throw new SalesforceRefusal(400, 'INVALID_TYPE', `sObject type '${given}' is not supported.`);
  const lower = names.map((name) => name.toLowerCase());
  const twice = lower.find((name, index) => lower.indexOf(name) !== index);
  if (twice !== undefined) throw malformed(`duplicate field selected: ${twice}`);
  const paths = names.map((name) => resolve(store, object, name).path);
  const holds = reader.takes('WHERE') ? readCondition(reader, store, object) : () => true;
  if (!reader.isAtEnd()) throw malformed(`unexpected token: '${reader.next()}'`);
  return { object, paths, holds };
}

/** Several conditions with AND, or with OR; both together need brackets. */
function readCondition(reader: Reader, store: Store, object: string): Test {
  const tests = [readOne(reader, store, object)];
  const [by] = ['AND', 'OR'].filter((word) => reader.takes(word));
  if (by === undefined) return tests[0]!;
  do tests.push(readOne(reader, store, object));
  while (reader.takes(by));
  if (reader.peeks('AND') || reader.peeks('OR')) throw malformed(`unexpected token: '${reader.next()}'`);
  return (record) => (by === 'AND' ? tests.every((test) => test(record)) : tests.some((test) => test(record)));
}

function readOne(reader: Reader, store: Store, object: string): Test {
  if (reader.takes('NOT')) {
    const inner = readOne(reader, store, object);
    return (record) => !inner(record);
  }
  if (reader.takes('(')) {
    const inner = readCondition(reader, store, object);
    reader.expect(')');
    return inner;
  }
  const name = reader.name();
  const { path, type } = resolve(store, object, name);
  const isNot = reader.takes('NOT');
  if (reader.takes('IN')) {
    reader.expect('(');
    const list = [reader.literal(store.today)];
    while (reader.takes(',')) list.push(reader.literal(store.today));
    reader.expect(')');
    for (const literal of list) checkType(name, type, literal);
    return (record) => list.some((literal) => compare(readPath(store, object, record, path), literal) === 0) !== isNot;
  }
  if (isNot) throw malformed(`unexpected token: '${reader.next()}'`);
  const operator = reader.next().toUpperCase();
  const literal = reader.literal(store.today);
  checkType(name, type, literal);
  const test = operators[operator];
  if (!test) throw malformed(`unexpected token: '${operator}'`);
  return (record) => test(readPath(store, object, record, path), literal);
}

const operators: Record<string, (value: unknown, literal: Literal) => boolean> = {
  '=': (value, literal) => compare(value, literal) === 0,
  '!=': (value, literal) => compare(value, literal) !== 0,
  '<>': (value, literal) => compare(value, literal) !== 0,
  '<': (value, literal) => (compare(value, literal) ?? 1) < 0,
  '<=': (value, literal) => (compare(value, literal) ?? 1) <= 0,
  '>': (value, literal) => (compare(value, literal) ?? -1) > 0,
  '>=': (value, literal) => (compare(value, literal) ?? -1) >= 0,
  LIKE: (value, { value: pattern }) => {
    const parts = String(pattern).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return (
      typeof value === 'string' && new RegExp(`^${parts.replaceAll('%', '.*').replaceAll('_', '.')}$`, 'is').test(value)
    );
  },
};

/** Texts without regard to case, as Salesforce does; null where one of the two is nothing and the other is not. */
function compare(value: unknown, { value: other }: Literal): number | null {
  if (value == null || other === null) return value == null && other === null ? 0 : null;
  if (typeof value === 'number' && typeof other === 'number') return value - other;
  const [one, two] = [String(value).toLowerCase(), String(other).toLowerCase()];
  return one < two ? -1 : one > two ? 1 : 0;
}

function checkType(name: string, type: FieldType, { kind }: Literal): void {
  const wanted = {
    id: 'text',
    string: 'text',
    number: 'number',
    boolean: 'boolean',
    date: 'date',
    datetime: 'datetime',
  };
  if (typeof type === 'object') throw invalidField(`field '${name}' can not be filtered in a query call`);
  if (kind === 'null' || kind === wanted[type]) return;
  const quoted = wanted[type] === 'text' ? 'should be enclosed in quotes' : 'should not be enclosed in quotes';
  throw invalidField(`value of filter criterion for field '${name}' must be of type ${type} and ${quoted}`);
}

/** The path of a name in Salesforce's spelling, and the type at its end. */
function resolve({ schema }: Store, object: string, name: string): { path: string[]; type: FieldType } {
  const path: string[] = [];
  let type: FieldType = { to: object };
  for (const step of name.split('.')) {
    if (typeof type !== 'object') throw invalidField(`Didn't understand relationship '${step}' in field path.`);
    const fields: Record<string, FieldType> = schema[type.to] ?? {};
    const found = Object.keys(fields).find((field) => same(field, step));
    if (found === undefined) throw invalidField(`No such column '${step}' on entity '${type.to}'.`);
    path.push(found);
    type = fields[found]!;
  }
  if (typeof type === 'object') throw invalidField(`No such column '${name}' on entity '${object}'.`);
  return { path, type };
}

/** The value at the end of a path of a record. */
export function readPath(
  store: Store,
  object: string,
  record: StoredRecord | undefined,
  path: readonly string[],
): unknown {
  const [step = '', ...rest] = path;
  const value = record?.[step] ?? null;
  const type = store.schema[object]?.[step];
  if (rest.length === 0 || typeof type !== 'object') return value;
  return readPath(store, type.to, store.find(type.to, value), rest);
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

type Reader = ReturnType<typeof createReader>;

function createReader(text: string) {
  const tokens = [...text.matchAll(/\s*('(?:[^'\\]|\\.)*'|[\w.:+-]+|[<>!]=|<>|[^\s])/gsu)].map(
    ([, token = '']) => token,
  );
  let at = 0;
  const next = () => {
    const token = tokens[at++];
    if (token === undefined) throw malformed('unexpected token: <EOF>');
    return token;
  };
  const peeks = (word: string) => same(tokens[at] ?? '', word);
  return {
    next,
    peeks,
    isAtEnd: () => at >= tokens.length,
    takes(word: string) {
      if (!peeks(word)) return false;
      at += 1;
      return true;
    },
    expect(word: string) {
      const token = next();
      if (!same(token, word)) throw malformed(`unexpected token: '${token}', expected '${word}'`);
    },
    name() {
      const token = next();
      if (!/^[A-Za-z]\w*(?:\.[A-Za-z]\w*)*$/.test(token)) throw malformed(`unexpected token: '${token}'`);
      return token;
    },
    literal(today: string): Literal {
      const token = next();
      if (token.startsWith("'") && token.length > 1)
        return { kind: 'text', value: token.slice(1, -1).replace(/\\(.)/gs, '$1') };
      if (/^[+-]?\d+(?:\.\d+)?$/.test(token)) return { kind: 'number', value: Number(token) };
      if (/^\d{4}-\d\d-\d\d$/.test(token)) return { kind: 'date', value: token };
      if (/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(token)) return { kind: 'datetime', value: token };
      if (same(token, 'today')) return { kind: 'date', value: today };
      if (same(token, 'null')) return { kind: 'null', value: null };
      if (same(token, 'true') || same(token, 'false')) return { kind: 'boolean', value: same(token, 'true') };
      throw malformed(`unexpected token: '${token}'`);
    },
  };
}
