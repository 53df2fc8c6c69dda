import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database } from '../../../src/db/types.ts';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import type { CompiledMetric, EventMatch } from '../../../src/metrics/types.ts';
import type { Series } from '../../../src/series/types.ts';

/** A day of a series, told plainly; users and values by the first eight bytes of their MD5. */
type PlainDay =
  | { events: number }
  | { first: number; last: number }
  | { events: number; numbers: number; sum: number; least: number; most: number; newest: number }
  | { keys: string[] };

/** By `series account day`. */
export type PlainSeries = Record<string, PlainDay>;

type Happened = {
  account_id: string;
  user_id: string | null;
  name: string;
  occurred_at: Date;
  properties: Record<string, unknown>;
  traits: Record<string, unknown> | null;
};

/** Compiles one metric an equation. */
export function metricsOf(equations: readonly string[]): CompiledMetric[] {
  const definitions = equations.map((equation, index) => ({
    id: `m${index}`,
    name: equation,
    unit: 'number' as const,
    description: '',
    equation,
  }));
  const { metrics, errors } = compileMetrics(definitions);
  if (errors[0]) throw new Error(errors[0].message);
  return metrics;
}

/** What the stored series say, by the hash of the series. */
export async function readStoredSeries(db: Kysely<Database>): Promise<PlainSeries> {
  const rows = await db
    .selectFrom('series_months')
    .innerJoin('series', 'series.id', 'series_id')
    .select(['hash', 'definition', 'account_id', 'month', 'cells', 'presence'])
    .execute();
  const plain: PlainSeries = {};
  for (const { hash, definition, account_id, month, cells, presence } of rows) {
    const at = (day: number) => `${hash} ${account_id} ${month.slice(0, 8)}${String(day).padStart(2, '0')}`;
    if (presence) {
      for (let start = 0; start < presence.length; start += 12) {
        const bits = presence.readUInt32BE(start + 8);
        const key = presence.toString('hex', start, start + 8);
        for (let day = 1; day <= 31; day += 1) {
          if ((bits & (1 << (day - 1))) === 0) continue;
          const known = plain[at(day)];
          plain[at(day)] = { keys: known && 'keys' in known ? [...known.keys, key] : [key] };
        }
      }
      continue;
    }
    const stride = { count: 2, number: 8, seen: 3, users: 0, values: 0 }[definition.kind];
    const flat = (cells ?? []) as number[];
    for (let start = 0; start < flat.length; start += stride) {
      const [day, a, b, c, d, e, , g] = flat.slice(start, start + stride) as [number, ...number[]];
      plain[at(day)] = dayOfCells(definition.kind, [a, b, c, d, e, g]);
    }
  }
  return plain;
}

function dayOfCells(kind: Series['kind'], [a, b, c, d, e, g]: (number | undefined)[]): PlainDay {
  if (kind === 'count') return { events: a! };
  if (kind === 'seen') return { first: a!, last: b! };
  const some = b! > 0;
  return {
    events: a!,
    numbers: b!,
    sum: some ? Number(c) : Number.NaN,
    least: some ? d! : Number.NaN,
    most: some ? e! : Number.NaN,
    newest: some ? g! : Number.NaN,
  };
}

/** What the series should say, counted from the events as plainly as can be. */
export async function countPlainly(
  db: Kysely<Database>,
  series: ReadonlyMap<string, Series>,
  timeZone: string,
): Promise<PlainSeries> {
  const events: Happened[] = await db
    .selectFrom('events')
    .leftJoin('users', (join) =>
      join.onRef('users.account_id', '=', 'events.account_id').onRef('users.id', '=', 'events.user_id'),
    )
    .select(['events.account_id', 'user_id', 'events.name', 'occurred_at', 'properties', 'users.traits'])
    .execute();
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const plain: PlainSeries = {};
  for (const [hash, { kind, events: asked, byUser, property }] of series) {
    const ours = events.filter(
      (event) => (!byUser || event.user_id !== null) && asked.some((match) => meets(event, match)),
    );
    const days = Map.groupBy(ours, ({ account_id, occurred_at }) => `${account_id} ${format.format(occurred_at)}`);
    for (const [day, list] of days) {
      const counted = countDay(kind, list, property);
      if (counted) plain[`${hash} ${day}`] = counted;
    }
  }
  return plain;
}

function countDay(kind: Series['kind'], events: readonly Happened[], property: Series['property']): PlainDay | null {
  const times = events.map(({ occurred_at }) => occurred_at.getTime());
  if (kind === 'count') return { events: events.length };
  if (kind === 'seen') return { first: Math.min(...times), last: Math.max(...times) };
  if (kind === 'number') {
    const having = events.flatMap(({ properties, occurred_at }) => {
      const value = propertyOf(properties, property);
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof number === 'number' && !Number.isNaN(number) ? [{ number, at: occurred_at.getTime() }] : [];
    });
    const numbers = having.map(({ number }) => number);
    const [newest] = having.toSorted((left, right) => right.at - left.at || right.number - left.number);
    const some = newest !== undefined;
    return {
      events: events.length,
      numbers: numbers.length,
      // Test data has no fractions but quarters, which add up exactly.
      sum: some ? numbers.reduce((sum, number) => sum + number, 0) : Number.NaN,
      least: some ? Math.min(...numbers) : Number.NaN,
      most: some ? Math.max(...numbers) : Number.NaN,
      newest: some ? newest.number : Number.NaN,
    };
  }
  const keys = events.flatMap(({ user_id, properties }) => {
    const key = kind === 'users' ? user_id : propertyOf(properties, property);
    return key === null || key === undefined || key === '' ? [] : [String(key)];
  });
  const hashes = keys.map((key) => createHash('md5').update(key).digest('hex').slice(0, 16));
  return hashes.length === 0 ? null : { keys: [...new Set(hashes)].sort() };
}

/** Of several names the first that the event has. */
function propertyOf(properties: Happened['properties'], property: Series['property']) {
  return [property ?? '']
    .flat()
    .map((name) => properties[name])
    .find((value) => (value ?? '') !== '');
}

function meets(event: Happened, { name, properties, userTraits }: EventMatch): boolean {
  if (name !== null && event.name !== name) return false;
  return (
    properties.every(({ key, anyOf }) => anyOf.some((value) => event.properties[key] === value)) &&
    userTraits.every(({ key, anyOf }) => anyOf.some((value) => event.traits?.[key] === value))
  );
}
