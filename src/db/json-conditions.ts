import { type RawBuilder, sql } from 'kysely';
import type { Condition } from '../metrics/types.ts';

/**
 * What a JSON text must look like to be a number: of ASCII alone, for `\s` and `\d` know blanks and digits of all scripts,
 * at which the cast fails.
 */
const numberShape = shapeOf('+', '*');
/** The same with no more than 200 digits on either side, so that no cast can overflow; ten times as slow. */
const longNumberShape = shapeOf('{1,200}', '{0,200}');

function shapeOf(some: string, any: string): string {
  const blanks = '[ \\t\\n\\v\\f\\r]*';
  return `^${blanks}[-+]?([0-9]${some}(\\.[0-9]${any})?|\\.[0-9]${some})([eE][-+]?[0-9]{1,2})?${blanks}$`;
}

/** `text`, a JSON value as text, as a number; null where it is none. CSV files have numbers as texts only. */
export function numeric(text: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`case when (
    case when length(${text}) <= 200 then ${text} ~ ${sql.lit(numberShape)} else ${text} ~ ${sql.lit(longNumberShape)} end
  ) then (${text})::numeric end`;
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
