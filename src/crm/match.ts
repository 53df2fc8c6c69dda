import type { CrmRecord, MatchBy } from './types.ts';

/** What an account of ours is known by; aliases are in lower case. */
export type KnownAccount = { id: string; name: string; domain: string | null; aliases: readonly string[] };

/** A record that is of no account, and why, in words. `isNew`: nothing speaks against an account of its own. */
export type Unmatched = { record: CrmRecord; why: string; isNew: boolean };

export type Matched = { record: CrmRecord; accountId: string };

/**
 * Which record is of which account: by the first of `by` that finds one. A record of which it is not plain is left out, and
 * of several records of an account that which is found by the earlier of `by`.
 */
export function matchRecords(
  records: readonly CrmRecord[],
  accounts: readonly KnownAccount[],
  by: readonly MatchBy[],
): { matched: Matched[]; unmatched: Unmatched[] } {
  const finders = by.map((way) => ({ way, find: finderOf(way, accounts) }));
  const unmatched: Unmatched[] = [];
  const found: (Matched & { rank: number })[] = [];
  for (const record of records) {
    const result = findAccount(record, finders);
    if ('why' in result) unmatched.push({ record, ...result });
    else found.push({ record, ...result });
  }
  const matched: Matched[] = [];
  for (const [accountId, same] of Map.groupBy(found, (one) => one.accountId)) {
    const rank = Math.min(...same.map((one) => one.rank));
    const best = same.filter((one) => one.rank === rank);
    if (best.length === 1) matched.push({ record: best[0]!.record, accountId });
    for (const { record } of same.filter((one) => best.length > 1 || one.rank > rank)) {
      const others = best.filter((one) => one.record !== record).map((one) => one.record.id);
      unmatched.push({ record, why: `${others.join(', ')} is ${accountId}, too`, isNew: false });
    }
  }
  return { matched, unmatched };
}

type Finder = { way: MatchBy; find: (record: CrmRecord) => readonly string[] };

function findAccount(
  record: CrmRecord,
  finders: readonly Finder[],
): { accountId: string; rank: number } | Omit<Unmatched, 'record'> {
  for (const [rank, { way, find }] of finders.entries()) {
    const [first, second] = find(record);
    if (first !== undefined && second !== undefined)
      return { why: `its ${way} is that of ${first} and of ${second}`, isNew: false };
    if (first !== undefined) return { accountId: first, rank };
    // A record that names an account is of no other.
    if (way === 'id' && record.externalId !== null)
      return { why: `it names the account ${record.externalId}, which is not there`, isNew: true };
  }
  return { why: `no account has its ${finders.map(({ way }) => way).join(', ')}`, isNew: true };
}

function finderOf(way: MatchBy, accounts: readonly KnownAccount[]): Finder['find'] {
  if (way === 'id') {
    const ids = new Set(accounts.map(({ id }) => id));
    const aliases = new Map(accounts.flatMap(({ id, aliases }) => aliases.map((alias) => [alias, id])));
    return (record) => {
      const name = record.externalId ?? record.id;
      // Reports of Salesforce, from which accounts are imported, have ids without their last three characters.
      const short = record.externalId === null && /^[A-Za-z\d]{18}$/.test(name) ? name.slice(0, 15) : name;
      const id = [name, short].find((each) => ids.has(each)) ?? aliases.get(name.toLowerCase());
      return id === undefined ? [] : [id];
    };
  }
  const keyOf = way === 'domain' ? ({ domain }: { domain: string | null }) => domain : nameKey;
  const known = Map.groupBy(accounts, (account) => keyOf(account) ?? '');
  return (record) => {
    const key = keyOf(record);
    return key === null || key === '' ? [] : (known.get(key)?.map(({ id }) => id) ?? []);
  };
}

function nameKey({ name }: { name: string }): string {
  return name.trim().replace(/\s+/g, ' ').toLowerCase();
}
