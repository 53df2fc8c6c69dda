import { sql } from 'kysely';
import type { Claim, ClaimField, ClaimSource, Silence } from '../crm/types.ts';
import type { Db } from './types.ts';

/** So few accounts are emptied by hand. */
const mostByHand = 4;

/** The fields of which a source, in these claims, takes back at once more than half of what it said. */
export async function findSilences(db: Db, source: ClaimSource, claims: readonly Claim[]): Promise<Silence[]> {
  const silent = Map.groupBy(
    claims.filter(({ value }) => value === null),
    ({ field }) => field,
  );
  const fields = [...silent].flatMap(([field, some]) => (some.length > mostByHand ? [field] : []));
  if (fields.length === 0) return [];
  const { rows } = await sql<{ field: ClaimField; accounts: string[] }>`
    select field, array_agg(account_id) as accounts from account_claims
    where source = ${source} and field = any(${fields}::text[]) group by field order by field
  `.execute(db);
  const spokenOf = Map.groupBy(claims, ({ field }) => field);
  return rows.flatMap(({ field, accounts }): Silence[] => {
    const before = new Set(accounts);
    const count = (some: readonly Claim[] = []) => some.filter(({ accountId }) => before.has(accountId)).length;
    const found = { field, silent: count(silent.get(field)), said: count(spokenOf.get(field)) };
    return found.silent > mostByHand && found.silent * 2 > found.said ? [found] : [];
  });
}
