import { distance } from 'fastest-levenshtein';
import { sql } from 'kysely';
import type { Db } from './types.ts';

const mostCompared = 50_000;

/** Ids of users who may have been meant: those of this address or name, else the few whose ids are spelled alike. */
export async function findUsersLike(db: Db, text: string): Promise<string[]> {
  const called = await sql<{ id: string }>`
    select distinct id from users
    where lower(email) = lower(${text}) or lower(name) = lower(${text}) or lower(id) = lower(${text})
    order by id limit 5
  `.execute(db);
  if (called.rows.length > 0) return called.rows.map(({ id }) => id);
  const typos = Math.min(3, Math.floor(text.length / 3));
  const { rows } = await sql<{ id: string }>`
    select distinct id from users where length(id) between ${text.length - typos} and ${text.length + typos}
    limit ${mostCompared}
  `.execute(db);
  const alike = rows.map(({ id }) => ({ id, by: distance(id, text) })).filter(({ by }) => by <= typos);
  return alike
    .sort((a, b) => a.by - b.by)
    .slice(0, 5)
    .map(({ id }) => id);
}
