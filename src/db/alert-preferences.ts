import { sql } from 'kysely';
import type { Db } from './types.ts';

/** How a person wants to hear of alerts: local times as `HH:MM`, `null` is none. */
export type AlertPreferences = {
  quietHours: { from: string; to: string } | null;
  quietWeekend: boolean;
  /** Once a day, all together, instead of one by one. */
  digestAt: string | null;
};

/** What a person chose; `null` when they never did, so that the pack's settings hold. */
export async function findPreferences(db: Db, email: string): Promise<AlertPreferences | null> {
  const row = await db
    .selectFrom('alert_preferences')
    .select(['quiet_from', 'quiet_to', 'quiet_weekend', 'digest_at'])
    .where('email', '=', email.toLowerCase())
    .executeTakeFirst();
  if (!row) return null;
  const { quiet_from: from, quiet_to: to } = row;
  return {
    quietHours: from === null || to === null ? null : { from, to },
    quietWeekend: row.quiet_weekend,
    digestAt: row.digest_at,
  };
}

/** Stores what a person chose. What was put off for them is due now, so that it is decided anew. */
export async function upsertPreferences(
  db: Db,
  email: string,
  preferences: AlertPreferences,
  now: Date,
): Promise<void> {
  const { quietHours, quietWeekend, digestAt } = preferences;
  await sql`
    with chosen as (
      insert into alert_preferences (email, quiet_from, quiet_to, quiet_weekend, digest_at, updated_at)
      values (lower(${email}), ${quietHours?.from}, ${quietHours?.to}, ${quietWeekend}, ${digestAt}, ${now})
      on conflict (email) do update set
        quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, quiet_weekend = excluded.quiet_weekend,
        digest_at = excluded.digest_at, updated_at = excluded.updated_at
    )
    update messages set due_at = ${now} where recipient = lower(${email}) and status = 'waiting' and due_at > ${now}
  `.execute(db);
}

/** Forgets what a person chose, so that the pack's settings hold. What was put off for them is due now, as above. */
export async function deletePreferences(db: Db, email: string, now: Date): Promise<void> {
  await sql`
    with forgotten as (delete from alert_preferences where email = lower(${email}))
    update messages set due_at = ${now} where recipient = lower(${email}) and status = 'waiting' and due_at > ${now}
  `.execute(db);
}
