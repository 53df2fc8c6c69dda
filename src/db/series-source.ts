import { type RawBuilder, sql } from 'kysely';
import type { AccountDay, Pending } from './series-pending.ts';

/** What is counted in one transaction: new batches, and days of which everything is counted anew. */
export type CountedSource = {
  pending: Pick<Pending, 'batches' | 'later'>;
  /** In `timeZone`. */
  days: readonly AccountDay[];
  timeZone: string;
};

/** A part of the events, by account and time; without times it is all of time. */
export type EventPart = { accountIds: readonly string[]; from?: Date; until?: Date };

/** An account with events to be counted, and on at most how many days these are. */
export type TouchedAccount = { accountId: string; days: number };

/** Days of accounts that are counted at once: what is known of so many takes some 20 MB. */
export const mostDays = 40_000;

/** The events to be counted, each once: those of new batches, and all of the days that are counted anew. */
export function eventsToCount({ pending, days, timeZone }: CountedSource, part?: EventPart): RawBuilder<unknown> {
  const fresh = sql`
    select ${columns} from events e where e.batch = any(${pending.batches}::bigint[]) and ${within(part)}
  `;
  const among = part && new Set(part.accountIds);
  const recounted = among ? days.filter(({ accountId }) => among.has(accountId)) : days;
  if (recounted.length === 0) return fresh;
  const list = sql`
    unnest(${recounted.map(({ accountId }) => accountId)}::text[], ${recounted.map(({ day }) => day)}::date[])
      as d (account_id, day)
  `;
  const sameDay = sql`d.account_id = e.account_id and d.day = (e.occurred_at at time zone ${timeZone})::date`;
  // A local day is within these hours of the day in UTC, wherever in the world.
  const near = sql`
    e.occurred_at >= (d.day::timestamp at time zone 'UTC') - interval '15 hours'
    and e.occurred_at < (d.day::timestamp at time zone 'UTC') + interval '37 hours'
  `;
  return sql`
    ${fresh} and not exists (select from ${list} where ${sameDay})
    union all
    select ${columns} from ${list} join events e on ${sameDay} and ${near}
    where e.batch <> all(${pending.later}::bigint[]) and ${within(part)}
  `;
}

/** All events of a part but those whose batch is yet to be counted. */
export function eventsCounted(later: readonly number[], part: EventPart): RawBuilder<unknown> {
  return sql`select ${columns} from events e where e.batch <> all(${later}::bigint[]) and ${within(part)}`;
}

/** Divides what is to be counted so that each part of it fits into memory. */
export function partsOf(touched: readonly TouchedAccount[]): EventPart[] {
  const parts: { accountIds: string[] }[] = [];
  let room = 0;
  for (const { accountId, days } of touched) {
    if (days > room || parts.length === 0) {
      parts.push({ accountIds: [] });
      room = mostDays;
    }
    parts.at(-1)?.accountIds.push(accountId);
    room -= days;
  }
  return parts;
}

const columns = sql`e.account_id, e.user_id, e.name, e.occurred_at, e.properties`;

function within(part: EventPart | undefined): RawBuilder<unknown> {
  if (!part) return sql`true`;
  const { accountIds, from, until } = part;
  return sql`
    e.account_id = any(${accountIds}::text[])
    ${from ? sql`and e.occurred_at >= ${from}` : sql``}
    ${until ? sql`and e.occurred_at < ${until}` : sql``}
  `;
}
