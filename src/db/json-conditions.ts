import { type RawBuilder, sql } from 'kysely';
import type { Condition } from '../metrics/types.ts';

/**
 * What a JSON text must look like to be a number; no longer, so that no cast can overflow, and of ASCII alone: `\s` and
 * `\d` know blanks and digits of all scripts, at which the cast fails.
 */
const numberShape =
  '^[ \\t\\n\\v\\f\\r]*[-+]?([0-9]{1,200}(\\.[0-9]{0,200})?|\\.[0-9]{1,200})([eE][-+]?[0-9]{1,2})?[ \\t\\n\\v\\f\\r]*$';

/** `text`, a JSON value as text, as a number; null where it is none. CSV files have numbers as texts only. */
export function numeric(text: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`case when ${text} ~ ${sql.lit(numberShape)} then (${text})::numeric end`;
}

/** Whether the JSON object `column` meets `condition`: texts as written, numbers as numbers, true and false also as texts. */
export function meets(column: RawBuilder<unknown>, condition: Condition): RawBuilder<boolean> {
  const text = sql`(${column} ->> ${condition.key}::text)`;
  const texts = condition.anyOf.filter((value) => typeof value === 'string');
  const numbers = condition.anyOf.filter((value) => typeof value === 'number');
  const flags = condition.anyOf.filter((value) => typeof value === 'boolean').map(String);
  const tests: RawBuilder<unknown>[] = [];
  if (texts.length > 0) tests.push(sql`${text} = any(${texts}::text[])`);
  if (numbers.length > 0) tests.push(sql`${numeric(text)} = any(${numbers}::numeric[])`);
  if (flags.length > 0) tests.push(sql`lower(btrim(${text})) = any(${flags}::text[])`);
  return sql<boolean>`coalesce(${sql.join(tests, sql` or `)}, false)`;
}

/** All of `tests`; true when there are none. */
export function all(tests: readonly RawBuilder<unknown>[]): RawBuilder<boolean> {
  return tests.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(tests, sql` and `)})`;
}
