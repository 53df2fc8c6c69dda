import { addDays } from '../days.ts';
import type { Day, Db } from './types.ts';

/** A day's outcome. */
export type DayScore = { day: Day; score: number | null; model: string };

/** The stored days from `from` to `to`, both included, rising; days that were never computed are absent. */
export type TrendDays = { from: Day; to: Day; days: DayScore[] };

/** The days that a trend shows, the newest score's included. */
export const TREND_DAYS = 90;

/** An account's scores of the 90 days to `to`. */
export async function findTrendDays(db: Db, accountId: string, to: Day): Promise<TrendDays> {
  const from = addDays(to, 1 - TREND_DAYS);
  const days = await db
    .selectFrom('scores')
    .select(['day', 'score', 'model'])
    .where('account_id', '=', accountId)
    .where('day', '>=', from)
    .where('day', '<=', to)
    .orderBy('day')
    .execute();
  return { from, to, days };
}

/** Where a person's trend pictures are kept. */
export type PictureThread = { channelId: string; threadTs: string };

/** The thread in this person's direct messages; `null` before the first picture. */
export async function findPictureThread(db: Db, slackUserId: string): Promise<PictureThread | null> {
  const row = await db
    .selectFrom('picture_threads')
    .select(['channel_id as channelId', 'thread_ts as threadTs'])
    .where('slack_user_id', '=', slackUserId)
    .executeTakeFirst();
  return row ?? null;
}

/** Remembers the thread, and returns the one that counts: another job may have been quicker. */
export async function insertPictureThread(db: Db, slackUserId: string, thread: PictureThread): Promise<PictureThread> {
  await db
    .insertInto('picture_threads')
    .values({ slack_user_id: slackUserId, channel_id: thread.channelId, thread_ts: thread.threadTs })
    .onConflict((conflict) => conflict.column('slack_user_id').doNothing())
    .execute();
  return (await findPictureThread(db, slackUserId)) ?? thread;
}

/** Which picture a person has of an account; `shows` is `health`, or a metric and how many days of it: `nps_score 90d`. */
export type PictureKey = { accountId: string; slackUserId: string; shows: string };

/** The newest picture of this kind that the person can see; `null` when there is none. */
export async function findTrendPicture(
  db: Db,
  key: PictureKey,
): Promise<{ fileId: string; fingerprint: string } | null> {
  const row = await db
    .selectFrom('trend_pictures')
    .select(['file_id as fileId', 'fingerprint'])
    .where('account_id', '=', key.accountId)
    .where('slack_user_id', '=', key.slackUserId)
    .where('shows', '=', key.shows)
    .executeTakeFirst();
  return row ?? null;
}

/** Remembers the newest picture of this kind that the person can see. */
export async function upsertTrendPicture(
  db: Db,
  picture: PictureKey & { fingerprint: string; fileId: string },
): Promise<void> {
  await db
    .insertInto('trend_pictures')
    .values({
      account_id: picture.accountId,
      slack_user_id: picture.slackUserId,
      shows: picture.shows,
      fingerprint: picture.fingerprint,
      file_id: picture.fileId,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'slack_user_id', 'shows']).doUpdateSet((is) => ({
        fingerprint: is.ref('excluded.fingerprint'),
        file_id: is.ref('excluded.file_id'),
        created_at: is.fn<Date>('now'),
      })),
    )
    .execute();
}
