import { createHash } from 'node:crypto';
import { distance } from 'fastest-levenshtein';
import { sql } from 'kysely';
import type { Db } from './types.ts';

/** An account as a search offers it; `reference` stands for its id where an id may be too long. */
export type Candidate = { reference: string; id: string; name: string; domain: string | null };

/**
 * What words that name no account exactly find: one clear hit (`alike` when it took a typo to find it), several, or none,
 * with the nearest names. `total` counts what `several` was cut from.
 */
export type SearchResult =
  | { kind: 'one'; account: Candidate; alike: boolean }
  | { kind: 'several'; accounts: Candidate[]; total: number }
  | { kind: 'none'; nearest: Candidate[] };

type Searchable = Omit<Candidate, 'reference'> & { words: string[]; keys: string[] };

const MOST = 100;
const NEAREST = 5;
const HASHED = 'sha256:';

/** Finds accounts by what their ids, names, domains and aliases begin with, contain or resemble. */
export async function searchAccounts(db: Db, text: string): Promise<SearchResult> {
  const wanted = fold(text);
  const accounts = wanted === '' ? [] : await findSearchable(db);
  const steps: ((account: Searchable) => boolean)[] = [
    ({ keys }) => keys.includes(wanted),
    ({ keys }) => keys.some((key) => key.startsWith(wanted)),
    ({ keys }) => keys.some((key) => key.includes(` ${wanted}`)),
    // One or two letters are inside of too many names to mean them.
    ({ keys }) => wanted.length > 2 && keys.some((key) => key.includes(wanted)),
  ];
  for (const step of steps) {
    const hits = accounts.filter(step);
    if (hits.length > 0) return oneOrSeveral(hits, false);
  }
  return similar(accounts, wanted);
}

/** The accounts that one exact key could not tell apart: those with this domain, or this name whatever its case. */
export async function findNamesakes(
  db: Db,
  keys: { name: string | null; domain: string | null },
): Promise<Candidate[]> {
  const { rows } = await sql<Omit<Candidate, 'reference'>>`
    select id, name, domain from accounts
    where domain = ${keys.domain} or lower(name) = lower(${keys.name}::text)
    order by name, id limit ${MOST}
  `.execute(db);
  return rows.map(candidate);
}

/** The accounts that one of the words names whole: by id, alias, name or domain, or by what a domain begins with. */
export async function findNamed(db: Db, words: readonly string[]): Promise<Candidate[]> {
  const wanted = new Set(words.map(fold));
  const accounts = await findSearchable(db);
  return accounts
    .filter(({ keys, domain }) => [...keys, fold(domain?.split('.')[0] ?? '')].some((key) => wanted.has(key)))
    .map(candidate);
}

/** The id that a reference stands for; `null` when the account is gone. */
export async function findIdByReference(db: Db, reference: string): Promise<string | null> {
  if (!reference.startsWith(HASHED)) return reference;
  const { rows } = await sql<{ id: string }>`
    select id from accounts where encode(sha256(convert_to(id, 'UTF8')), 'hex') = ${reference.slice(HASHED.length)}
  `.execute(db);
  return rows[0]?.id ?? null;
}

async function findSearchable(db: Db): Promise<Searchable[]> {
  const [accounts, aliases] = await Promise.all([
    db.selectFrom('accounts').select(['id', 'name', 'domain']).orderBy('name').orderBy('id').execute(),
    db.selectFrom('account_aliases').select(['account_id', 'alias']).execute(),
  ]);
  const aliasesOf = Map.groupBy(aliases, ({ account_id }) => account_id);
  return accounts.map((account) => {
    const name = fold(account.name);
    const others = [account.id, account.domain ?? '', ...(aliasesOf.get(account.id) ?? []).map(({ alias }) => alias)];
    return { ...account, words: name.split(' '), keys: [name, ...others.map(fold)].filter((key) => key !== '') };
  });
}

function oneOrSeveral(hits: Searchable[], alike: boolean): SearchResult {
  const [first] = hits;
  if (first && hits.length === 1) return { kind: 'one', account: candidate(first), alike };
  return { kind: 'several', accounts: hits.slice(0, MOST).map(candidate), total: hits.length };
}

/** A typo finds what it was meant for: the fewer wrong letters the better, and only few of them in a short word. */
function similar(accounts: readonly Searchable[], wanted: string): SearchResult {
  const compared = accounts.map((account) => ({ account, ...compare(account, wanted) }));
  const fewest = compared.reduce((least, { typos }) => Math.min(least, typos), Number.POSITIVE_INFINITY);
  if (fewest <= allowedTypos(wanted)) {
    const best = compared.filter(({ typos }) => typos === fewest);
    return oneOrSeveral(
      best.map(({ account }) => account),
      true,
    );
  }
  const nearest = compared.sort((a, b) => a.share - b.share).slice(0, NEAREST);
  return { kind: 'none', nearest: nearest.map(({ account }) => candidate(account)) };
}

/** One wrong letter in three, and never more than four. */
function allowedTypos(wanted: string): number {
  return Math.min(4, Math.floor(wanted.length / 3));
}

/** The fewest typos, and the smallest share of wrong letters, between `wanted` and one of the account's keys or words. */
function compare({ keys, words }: Searchable, wanted: string): { typos: number; share: number } {
  const count = wanted.split(' ').length;
  const parts = words.map((_, start) => words.slice(start, start + count).join(' '));
  let [typos, share] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const key of [...keys, ...parts]) {
    const found = typosBetween(wanted, key);
    typos = Math.min(typos, found);
    share = Math.min(share, found / Math.max(wanted.length, key.length));
  }
  return { typos, share };
}

/** Letters added, left out or changed; two neighbours swapped count once. */
function typosBetween(wanted: string, key: string): number {
  const plain = distance(wanted, key);
  if (plain < 2 || plain > allowedTypos(wanted) + 1) return plain;
  let fewest = plain;
  for (let at = 0; at + 1 < wanted.length; at++) {
    const swapped = wanted.slice(0, at) + wanted[at + 1] + wanted[at] + wanted.slice(at + 2);
    fewest = Math.min(fewest, 1 + distance(swapped, key));
  }
  return fewest;
}

/** Lower case, without accents, with one space for whatever is neither letter, digit nor emoji. Names without either stay as they are. */
function fold(text: string): string {
  const folded = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{Emoji_Presentation}]+/gu, ' ')
    .trim();
  return folded === '' ? text.trim().toLowerCase() : folded;
}

function candidate({ id, name, domain }: Omit<Candidate, 'reference'>): Candidate {
  return { reference: referenceOf(id), id, name, domain };
}

/** The id, or its hash when it is longer than the 150 characters a menu's option can carry. */
function referenceOf(id: string): string {
  if (id.length <= 150 && !id.startsWith(HASHED)) return id;
  return HASHED + createHash('sha256').update(id).digest('hex');
}
