import { sql } from 'kysely';
import { copyList } from './copy-format.ts';
import {
  countUpsert,
  dropRepeats,
  type ImportTarget,
  insertNamedAccounts,
  rejectUnknownAccounts,
  resolveAliases,
  settleImportedUsers,
} from './import-stage.ts';

/** A user as staged. Undefined is not said and stays as stored, null is cleared; `createdAt` is ISO, `traits` JSON. */
export type StagedUser = {
  account: string;
  id: string;
  email?: string | null;
  name?: string | null;
  createdAt?: string | null;
  traits: string;
  /** Traits to be removed. */
  cleared: readonly string[];
};

const given = { email: 1, name: 2, createdAt: 4 };

/** Users by account and id; traits are merged with those that are there. */
export const userTarget: ImportTarget<StagedUser> = {
  columns: `account_id text, id text, given int, email text, name text, created_at timestamptz, traits jsonb, cleared text[]`,
  toCopy: (user) => [
    user.account,
    user.id,
    (user.email === undefined ? 0 : given.email) |
      (user.name === undefined ? 0 : given.name) |
      (user.createdAt === undefined ? 0 : given.createdAt),
    user.email,
    user.name,
    user.createdAt,
    user.traits,
    copyList(user.cleared),
  ],
  async settle(db, { knownAccountsOnly }) {
    if (knownAccountsOnly) await rejectUnknownAccounts(db);
    await resolveAliases(db, { after: 0, last: Number.MAX_SAFE_INTEGER }, 'id');
    return dropRepeats(db, ['account_id', 'id']);
  },
  async merge(db, range) {
    const createdAccounts = await insertNamedAccounts(db, range);
    const counts = await countUpsert(
      db,
      sql`
        part as materialized (
          select s.account_id, s.id, u.id as known,
            case when s.given & ${given.email} <> 0 then lower(s.email) else u.email end as email,
            case when s.given & ${given.name} <> 0 then s.name else u.name end as name,
            case when s.given & ${given.createdAt} <> 0 then s.created_at else u.created_at end as created_at,
            (coalesce(u.traits, '{}') - s.cleared) || s.traits as traits,
            u.email as old_email, u.name as old_name, u.created_at as old_created_at, u.traits as old_traits
          from import_stage s left join users u on u.account_id = s.account_id and u.id = s.id
          where s.row > ${range.after} and s.row <= ${range.last}
        ),
        written as (
          insert into users (account_id, id, email, name, created_at, traits)
          select account_id, id, email, name, created_at, traits from part
          where known is null
            or (email, name, created_at, traits) is distinct from (old_email, old_name, old_created_at, old_traits)
          order by account_id, id
          on conflict (account_id, id) do update set
            email = excluded.email, name = excluded.name, created_at = excluded.created_at,
            traits = excluded.traits, updated_at = now()
          returning xmax = 0 as inserted
        ),
        -- Stored days on which a user counts, or does not any more, are computed anew. A day early, as those are not UTC's.
        stale as (
          insert into stale_accounts (account_id, from_day)
          select account_id, min(case
            when created_at is null or (known is not null and old_created_at is null) then '1970-01-01'
            else least(current_date, (least(created_at, old_created_at) - interval '1 day')::date)
          end)
          from part
          where (known is null or created_at is distinct from old_created_at)
            and exists (select from metric_values v where v.account_id = part.account_id)
          group by account_id
        )
      `,
    );
    await settleImportedUsers(db, range, 'id');
    return { ...counts, createdAccounts, createdUsers: 0 };
  },
  rowsPerTransaction: 50_000,
  dayOf: null,
};
