import { type RawBuilder, sql } from 'kysely';
import type { EventMatch, Property } from '../metrics/types.ts';
import { all, meets, numeric } from './json-conditions.ts';

/** What is asked of an event: whether it meets one of `events`, and what it has in `property`. */
export type EventQuestion = { events: readonly EventMatch[]; byUser: boolean; property: Property | null };

/** How columns with the answers are called. */
export type HitColumns = {
  /** Whether the event is one of those asked for. */
  is(question: EventQuestion): RawBuilder<boolean>;
  /** The property as text, null when absent or empty. */
  text(property: Property): RawBuilder<unknown>;
  /** The property as a number, null when it is none. */
  number(property: Property): RawBuilder<unknown>;
};

/**
 * The events of `from` (a table, or a query in brackets, with columns of `events`) that may meet one of `questions`, each
 * with its local day, counted from 1970-01-01, and one column a question. `where` is about `e`, the event.
 */
export function readHits(
  questions: readonly EventQuestion[],
  { from, where, timeZone }: { from: RawBuilder<unknown>; where: RawBuilder<unknown>; timeZone: string },
): { hits: RawBuilder<unknown>; column: HitColumns } {
  const different = new Map(questions.map((question) => [identity(question), question]));
  const properties = [
    ...new Map(questions.flatMap(({ property }) => (property === null ? [] : [[keyOf(property), property]]))).values(),
  ];
  const propertyKeys = properties.map(keyOf);
  const keys = [...different.keys()];
  const column: HitColumns = {
    is: (question) => sql<boolean>`${sql.ref(`is_${keys.indexOf(identity(question))}`)}`,
    text: (property) => sql.ref(`text_${propertyKeys.indexOf(keyOf(property))}`),
    number: (property) => sql.ref(`number_${propertyKeys.indexOf(keyOf(property))}`),
  };
  const events = questions.flatMap((question) => question.events);
  const names = events.some(({ name }) => name === null) ? null : [...new Set(events.map(({ name }) => name))];
  const withUsers = asksForTraits(events);
  // Each offset keeps the planner from computing a column again wherever it is used.
  let hits = sql`
    select e.account_id, e.user_id, e.occurred_at, e.properties,
      (e.occurred_at at time zone ${timeZone})::date - date '1970-01-01' as day,
      ${sql.join([...different.values()].map((question) => sql`${matches(question)} as ${column.is(question)}`))}
    from ${from} e
    ${withUsers ? joinUsers : sql``}
    where ${where} ${names ? sql`and e.name = any(${names}::text[])` : sql``}
    offset 0
  `;
  if (properties.length === 0) return { hits, column };
  // Looking into properties takes longest, so only those of events that a question wants are looked into, and once.
  const wanted = (wantedProperty: Property) => {
    const asking = questions.filter(({ property }) => property !== null && keyOf(property) === keyOf(wantedProperty));
    return sql.join(
      [...new Set(asking.map(identity))].map((key) => sql.ref(`is_${keys.indexOf(key)}`)),
      sql` or `,
    );
  };
  const texts = properties.map(
    (property) => sql`case when ${wanted(property)} then ${textOf(property)} end as ${column.text(property)}`,
  );
  const numbers = properties.map((property) => sql`${numeric(column.text(property))} as ${column.number(property)}`);
  hits = sql`select h.*, ${sql.join(texts)} from (${hits}) h offset 0`;
  hits = sql`select h.*, ${sql.join(numbers)} from (${hits}) h offset 0`;
  return { hits, column };
}

/** Whether the event `e` meets a question, and what is to be joined to events for that. */
export function askEvent(question: EventQuestion): { meets: RawBuilder<boolean>; join: RawBuilder<unknown> } {
  return { meets: matches(question), join: asksForTraits(question.events) ? joinUsers : sql`` };
}

const joinUsers = sql`left join users u on u.account_id = e.account_id and u.id = e.user_id`;

function asksForTraits(events: readonly EventMatch[]): boolean {
  return events.some(({ userTraits }) => userTraits.length > 0);
}

/** The same for questions that the same events answer. */
export function identity({ events, byUser }: EventQuestion): string {
  return JSON.stringify([events, byUser]);
}

/** The same for properties of the same names. */
export function keyOf(property: Property): string {
  return [property].flat().join('\0');
}

/** Of several names the first that the event `h` has. */
function textOf(property: Property): RawBuilder<unknown> {
  const texts = [property].flat().map((name) => sql`nullif(h.properties ->> ${name}::text, '')`);
  return texts.length === 1 ? sql`${texts[0]}` : sql`coalesce(${sql.join(texts)})`;
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
