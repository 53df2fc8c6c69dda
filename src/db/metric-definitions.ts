import { sql } from 'kysely';
import type { Db } from './types.ts';

/** By metric, the hash of the definition that its past was computed by. */
export async function findDefinitionHashes(db: Db): Promise<Map<string, string>> {
  const rows = await db.selectFrom('metric_definitions').select(['metric', 'hash']).execute();
  return new Map(rows.map(({ metric, hash }) => [metric, hash]));
}

/** Notes by which definitions the past is computed, and forgets those of metrics that are gone. */
export async function replaceDefinitionHashes(db: Db, hashes: ReadonlyMap<string, string>, at: Date): Promise<void> {
  await sql`
    with given as (select * from unnest(${[...hashes.keys()]}::text[], ${[...hashes.values()]}::text[]) as given (metric, hash)),
    gone as (delete from metric_definitions where metric not in (select metric from given))
    insert into metric_definitions (metric, hash, computed_at) select metric, hash, ${at} from given order by metric
    on conflict (metric) do update set hash = excluded.hash, computed_at = excluded.computed_at
      where metric_definitions.hash <> excluded.hash
  `.execute(db);
}
