import { sql } from 'kysely';
import type { Db } from '../../src/db/types.ts';

/**
 * The demo's Slack begins anew at each start: what a database says was posted is not there any more. What is still to be
 * said is posted anew: messages of alerts, of which delivery leaves those that have ended, and the newest of each contract
 * that is to be decided. All else that was said, or was about to be, stays unsaid.
 */
export async function forgetSlack(db: Db, now: Date): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`
      update messages m set
        status = case when
          kind in ('alert', 'group', 'digest') or kind = 'renewal' and exists (
            select from renewals r
            where r.id = m.renewal_id and r.state in ('open', 'past')
              and not exists (select from messages newer where newer.renewal_id = r.id and newer.id > m.id)
          )
          then 'waiting' else 'cancelled' end,
        -- What has not been posted yet keeps its time.
        due_at = case when status = 'sent' then ${now} else due_at end,
        ts = null, posted_at = null, channel_id = null, posting_at = null, shown_version = 0,
        attempts = 0, last_error = null, edit_after = null
      where status in ('waiting', 'sent')
    `.execute(transaction);
    // Whom it was written to, when, and where they were found.
    await transaction.deleteFrom('recipients').execute();
    await transaction.deleteFrom('trend_pictures').execute();
    await transaction.deleteFrom('picture_threads').execute();
  });
}
