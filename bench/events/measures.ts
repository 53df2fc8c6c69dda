import { type Kysely, sql } from 'kysely';
import type { Database } from '../../src/db/types.ts';
import { compileMetrics } from '../../src/metrics/compile.ts';
import type { CompiledMetric } from '../../src/metrics/types.ts';
import { eventNames, now, today } from './generate.ts';

const measured = eventNames.slice(0, 4);

/** Twelve measures, in the order of `rawMeasures`. */
const equations = [
  ...measured.flatMap((name) => [`count("${name}", 30)`, `count("${name}", 30, 30)`]),
  `percent(users_who(${JSON.stringify(measured)}, 14), active_users(14))`,
  'sum("ticket purchased", "amount", 30)',
  'distinct("ticket purchased", "destination", 30)',
  'days_since(last_seen())',
];

/** The twelve measures as metrics of a pack. */
export function compileMeasures(): CompiledMetric[] {
  const definitions = equations.map((equation, index) => ({
    id: `measure_${index}`,
    name: equation,
    unit: 'number' as const,
    description: '',
    equation,
  }));
  const { metrics, errors } = compileMetrics(definitions);
  if (errors[0]) throw new Error(errors[0].message);
  return metrics;
}

/** The values of the measures, by account id. */
export type Measured = Map<string, (number | null)[]>;

/**
 * The same by grouping the raw events in two stages: by account and user, then by account; destinations by account and
 * destination, then by account. The database may take all the memory and processors it wants.
 */
export async function rawMeasures(db: Kysely<Database>): Promise<Measured> {
  const from = (daysBack: number) =>
    sql`timestamptz '${sql.raw(today)} 00:00Z' - interval '${sql.raw(String(daysBack))} days'`;
  const counts = measured.flatMap((name, index) => [
    sql`count(*) filter (where name = ${sql.lit(name)} and occurred_at >= ${from(29)}) as ${sql.ref(`now_${index}`)}`,
    sql`count(*) filter (where name = ${sql.lit(name)} and occurred_at >= ${from(59)} and occurred_at < ${from(29)})
      as ${sql.ref(`before_${index}`)}`,
  ]);
  const sums = measured.flatMap((_, index) => [
    sql`sum(${sql.ref(`now_${index}`)})::float8`,
    sql`sum(${sql.ref(`before_${index}`)})::float8`,
  ]);
  const until = sql`occurred_at <= ${sql.lit(now.toISOString())}`;
  const { rows } = await sql<{ account_id: string; values: (number | null)[] }>`
    with by_user as (
      select account_id, user_id, ${sql.join(counts)},
        bool_or(name in (${sql.join(measured.map((name) => sql.lit(name)))})) filter (where occurred_at >= ${from(13)}) as did,
        bool_or(occurred_at >= ${from(13)}) as active,
        sum((properties ->> 'amount')::numeric)
          filter (where name = 'ticket purchased' and occurred_at >= ${from(29)}) as amount,
        max(occurred_at) as last
      from events where ${until} group by account_id, user_id
    ), by_destination as (
      select account_id, properties ->> 'destination' as destination
      from events where name = 'ticket purchased' and occurred_at >= ${from(29)} and ${until}
      group by account_id, properties ->> 'destination'
    ), destinations as (
      select account_id, count(destination)::float8 as number from by_destination group by account_id
    )
    select u.account_id, json_build_array(
      ${sql.join(sums)},
      100 * (count(*) filter (where did))::float8 / nullif(count(*) filter (where active), 0),
      coalesce(sum(amount), 0)::float8, coalesce(max(d.number), 0), date ${sql.lit(today)} - max(last)::date
    ) as values
    from by_user u left join destinations d using (account_id)
    group by u.account_id
  `.execute(db);
  return new Map(rows.map(({ account_id, values }) => [account_id, values]));
}

/** Lets the reference take what makes it fastest; `db` has one connection. */
export async function unbind(db: Kysely<Database>): Promise<void> {
  await sql`set work_mem = '512MB'`.execute(db);
  await sql`set max_parallel_workers_per_gather = 4`.execute(db);
  await sql`set jit = off`.execute(db);
}
