import { sql } from 'kysely';
import { cellsWithout, hasCells, mergeCells, mergePresence, presenceWithout } from '../series/codec.ts';
import type { MonthCells } from '../series/types.ts';
import type { StoredSeries } from './series.ts';
import type { MonthPart } from './series-days.ts';
import type { Db } from './types.ts';

/** A month of an account of which some days are taken out of all series; the days are bits, bit 0 for the first. */
export type MonthCut = { accountId: string; month: string; days: number };

/** Months that are read and written at once. */
const chunkSize = 5_000;

/** Adds what was counted to what is stored. No two parts may be of the same series, account and month. */
export async function addToMonths(db: Db, parts: readonly MonthPart[]): Promise<void> {
  for (let start = 0; start < parts.length; start += chunkSize) {
    const chunk = parts.slice(start, start + chunkSize);
    const stored = await findMonths(db, chunk);
    const merged = chunk.map((part): MonthPart => {
      const before = stored.get(keyOf(part.series.id, part.accountId, part.month));
      return before === undefined ? part : { ...part, content: merge(part.series, before, part.content) };
    });
    await upsertMonths(db, merged);
  }
}

/** Adds what `from` has of the days before `day` to `to`, a series that asks for the same. */
export async function copyDaysBefore(db: Db, from: StoredSeries, to: StoredSeries, day: string): Promise<void> {
  const { rows: months } = await sql<{ month: string }>`
    select distinct month from series_months where series_id = ${from.id} and month < ${day}::date order by month
  `.execute(db);
  const notBefore = -1 << (Number(day.slice(-2)) - 1);
  for (const { month } of months) {
    const { rows } = await sql<{ account_id: string; cells: MonthCells | null; presence: Buffer | null }>`
      select account_id, cells, presence from series_months where series_id = ${from.id} and month = ${month}
    `.execute(db);
    const parts = rows.map(({ account_id, cells, presence }): MonthPart => {
      const all = cells ?? presence ?? [];
      const content = month.slice(0, 7) === day.slice(0, 7) ? cut(to, all, notBefore) : all;
      return { series: to, accountId: account_id, month, content };
    });
    await addToMonths(
      db,
      parts.filter(({ content }) => content.length > 0),
    );
  }
}

/** Takes days out of all of `series`; months that have no other days are deleted. */
export async function cutMonths(db: Db, series: readonly StoredSeries[], cuts: readonly MonthCut[]): Promise<void> {
  const asked = series.flatMap((one) => cuts.map((cut) => ({ ...cut, series: one })));
  for (let start = 0; start < asked.length; start += chunkSize) {
    const chunk = asked.slice(start, start + chunkSize);
    const stored = await findMonths(db, chunk);
    const kept: MonthPart[] = [];
    const empty: MonthPart[] = [];
    for (const { series: one, accountId, month, days } of chunk) {
      const before = stored.get(keyOf(one.id, accountId, month));
      if (before === undefined) continue;
      const content = cut(one, before, days);
      (content.length > 0 ? kept : empty).push({ series: one, accountId, month, content });
    }
    await upsertMonths(db, kept);
    await deleteMonths(db, empty);
  }
}

function merge({ definition: { kind } }: StoredSeries, before: Content, added: Content): Content {
  if (hasCells(kind) && Array.isArray(before) && Array.isArray(added)) return mergeCells(kind, before, added);
  if (Buffer.isBuffer(before) && Buffer.isBuffer(added)) return mergePresence(before, added);
  throw new TypeError(`A month of a series of the kind ${kind} is stored as another kind is.`);
}

function cut({ definition: { kind } }: StoredSeries, before: Content, days: number): Content {
  if (hasCells(kind) && Array.isArray(before)) return cellsWithout(kind, before, days);
  if (Buffer.isBuffer(before)) return presenceWithout(before, days);
  throw new TypeError(`A month of a series of the kind ${kind} is stored as another kind is.`);
}

type Content = MonthCells | Buffer;
type MonthKey = Pick<MonthPart, 'series' | 'accountId' | 'month'>;

function keyOf(seriesId: number, accountId: string, month: string): string {
  return `${seriesId} ${month} ${accountId}`;
}

async function findMonths(db: Db, keys: readonly MonthKey[]): Promise<Map<string, Content>> {
  const { rows } = await sql<{
    series_id: number;
    account_id: string;
    month: string;
    cells: MonthCells | null;
    presence: Buffer | null;
  }>`
    select m.series_id, m.account_id, m.month, m.cells, m.presence
    from ${unnested(keys)} join series_months m using (series_id, account_id, month)
  `.execute(db);
  return new Map(rows.map((row) => [keyOf(row.series_id, row.account_id, row.month), row.cells ?? row.presence ?? []]));
}

async function upsertMonths(db: Db, months: readonly MonthPart[]): Promise<void> {
  if (months.length === 0) return;
  const cells = months.map(({ content }) => (Buffer.isBuffer(content) ? null : JSON.stringify(content)));
  const presence = months.map(({ content }) => (Buffer.isBuffer(content) ? content.toString('hex') : null));
  await sql`
    insert into series_months (series_id, account_id, month, cells, presence)
    select series_id, account_id, month, cells::json, decode(presence, 'hex')
    from ${unnested(months, sql`, ${cells}::text[], ${presence}::text[]`, sql`, cells, presence`)}
    on conflict (series_id, account_id, month) do update set cells = excluded.cells, presence = excluded.presence
  `.execute(db);
}

async function deleteMonths(db: Db, months: readonly MonthKey[]): Promise<void> {
  if (months.length === 0) return;
  await sql`
    delete from series_months m using ${unnested(months)}
    where (m.series_id, m.account_id, m.month) = (t.series_id, t.account_id, t.month)
  `.execute(db);
}

/** The keys as a table `t`, perhaps with more columns. */
function unnested(keys: readonly MonthKey[], more = sql``, names = sql``) {
  const ids = keys.map(({ series }) => series.id);
  const accounts = keys.map(({ accountId }) => accountId);
  const months = keys.map(({ month }) => month);
  return sql`
    unnest(${ids}::int[], ${accounts}::text[], ${months}::date[]${more}) as t (series_id, account_id, month${names})
  `;
}
