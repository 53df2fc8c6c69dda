import { type RawBuilder, sql } from 'kysely';
import type { EventMatch } from '../metrics/types.ts';
import { all, meets, numeric } from './json-conditions.ts';

/** What is asked of an event: whether it meets one of `events`, and what it has in `property`. */
export type EventQuestion = { events: readonly EventMatch[]; byUser: boolean; property: string | null };

/** How columns with the answers are called. */
export type HitColumns = {
  /** Whether the event is one of those asked for. */
  is(question: EventQuestion): RawBuilder<boolean>;
  /** The property as text, null when absent or empty. */
  text(property: string): RawBuilder<unknown>;
  /** The property as a number, null when it is none. */
  number(property: string): RawBuilder<unknown>;
};

/**
 * Events `e` with their local day and one column a question. `selected` are the columns for a select list, `from` joins
 * what they need to `events`, a table or query named `e`; events that meet no question may be left out by `where`.
 */
export function askEvents(questions: readonly EventQuestion[]): {
  column: HitColumns;
  selected: RawBuilder<unknown>;
  join: RawBuilder<unknown>;
  where: RawBuilder<boolean>;
} {
  const different = new Map(questions.map((question) => [identity(question), question]));
  const properties = [...new Set(questions.flatMap(({ property }) => property ?? []))];
  const keys = [...different.keys()];
  const column: HitColumns = {
    is: (question) => sql<boolean>`${sql.ref(`is_${keys.indexOf(identity(question))}`)}`,
    text: (property) => sql.ref(`text_${properties.indexOf(property)}`),
    number: (property) => sql.ref(`number_${properties.indexOf(property)}`),
  };
  const columns = [
    ...[...different.values()].map((question) => sql`${matches(question)} as ${column.is(question)}`),
    ...properties.flatMap((name) => {
      const text = sql`nullif(e.properties ->> ${name}::text, '')`;
      return [sql`${text} as ${column.text(name)}`, sql`${numeric(text)} as ${column.number(name)}`];
    }),
  ];
  const events = questions.flatMap((question) => question.events);
  const names = events.some(({ name }) => name === null) ? null : [...new Set(events.map(({ name }) => name))];
  const withUsers = events.some(({ userTraits }) => userTraits.length > 0);
  return {
    column,
    selected: sql.join(columns),
    join: withUsers ? sql`left join users u on u.account_id = e.account_id and u.id = e.user_id` : sql``,
    where: names ? sql<boolean>`e.name = any(${names}::text[])` : sql<boolean>`true`,
  };
}

/** The same for questions that the same events answer. */
export function identity({ events, byUser }: EventQuestion): string {
  return JSON.stringify([events, byUser]);
}

/** The newest of the numbers `number`, as `{time, number}`; compared by time first. Times are seconds since 1970. */
export function newest(is: RawBuilder<unknown>, number: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`max(array[extract(epoch from occurred_at), ${number}]) filter (where ${is} and ${number} is not null)`;
}

function matches({ events, byUser }: EventQuestion): RawBuilder<boolean> {
  const any = sql`(${sql.join(events.map(matchesOne), sql` or `)})`;
  return byUser ? sql<boolean>`(e.user_id is not null and ${any})` : sql<boolean>`${any}`;
}

function matchesOne({ name, properties, userTraits }: EventMatch): RawBuilder<boolean> {
  return all([
    ...(name === null ? [] : [sql`e.name = ${name}`]),
    ...properties.map((condition) => meets(sql`e.properties`, condition)),
    ...userTraits.map((condition) => sql`(u.id is not null and ${meets(sql`u.traits`, condition)})`),
  ]);
}
