import { sql } from 'kysely';
import type { Day, Db } from './types.ts';

/** One run of a job; `finishedAt` is null while it runs, and stays so when its process was killed. */
export type JobRun = {
  name: string;
  startedAt: Date;
  finishedAt: Date | null;
  /** What went wrong; null is success once it has finished. */
  error: string | null;
  result: unknown;
};

/** Notes that a job starts, and returns the run's id. `localDay` is the day in the deployment's time zone. */
export async function insertJobRun(db: Db, run: { name: string; localDay: Day; startedAt: Date }): Promise<number> {
  const { id } = await db
    .insertInto('job_runs')
    .values({ name: run.name, local_day: run.localDay, started_at: run.startedAt })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Notes how a run ended; a result of undefined is stored as null. */
export async function finishJobRun(
  db: Db,
  id: number,
  end: { finishedAt: Date; error?: string; result?: unknown },
): Promise<void> {
  await db
    .updateTable('job_runs')
    .set({
      // A clock that was set back must not make a run end before it began.
      finished_at: sql`greatest(started_at, ${end.finishedAt})`,
      // PostgreSQL has no text with NUL.
      error: end.error?.replaceAll('\u0000', '') ?? null,
      result: end.result === undefined ? null : JSON.stringify(end.result),
    })
    .where('id', '=', id)
    .execute();
}

/** The newest run of each job, by name. */
export async function findLatestJobRuns(db: Db): Promise<Map<string, JobRun>> {
  const rows = await db
    .selectFrom('job_runs')
    .distinctOn('name')
    .select(['name', 'started_at as startedAt', 'finished_at as finishedAt', 'error', 'result'])
    .orderBy('name')
    .orderBy('id', 'desc')
    .execute();
  return new Map(rows.map((row) => [row.name, row]));
}

/**
 * The days from `since` to `today` that no successful run of `name` has covered after they were over, oldest first.
 * A run says what it covered in its result, `{from, to}`. Days before the job's first run are not missed; today is
 * always wanting.
 */
export async function findUncoveredDays(db: Db, name: string, since: Day, today: Day): Promise<Day[]> {
  const { rows } = await sql<{ day: Day }>`
    with done as materialized (
      select local_day, (result ->> 'from')::date as covers_from, (result ->> 'to')::date as covers_to
      from job_runs
      where name = ${name} and finished_at is not null and error is null
    )
    select day::date as day
    from generate_series(
      greatest(${since}::date, coalesce((select min(local_day) from done), ${today}::date)), ${today}::date, '1 day'
    ) as day
    where not exists (
      select from done
      where local_day > day and covers_from <= day and covers_to >= day
    )
    order by day
  `.execute(db);
  return rows.map((row) => row.day);
}

/** Whether a run of `name` on `day` has succeeded and covered that day. */
export async function hasCovered(db: Db, name: string, day: Day): Promise<boolean> {
  const { rows } = await sql`
    select from job_runs
    where name = ${name} and local_day = ${day} and finished_at is not null and error is null
      and ${day} between result ->> 'from' and result ->> 'to'
    limit 1
  `.execute(db);
  return rows.length > 0;
}

/** Whether `name` has not run since `since`, though jobs ran before that. */
export async function hasMissedRun(db: Db, name: string, since: Date): Promise<boolean> {
  const { rows } = await sql`
    select where exists (select from job_runs where started_at < ${since})
      and not exists (select from job_runs where name = ${name} and started_at >= ${since})
  `.execute(db);
  return rows.length > 0;
}

/** Forgets runs of days before `day`, and returns how many. */
export async function deleteJobRunsBefore(db: Db, day: Day): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('job_runs').where('local_day', '<', day).executeTakeFirst();
  return Number(numDeletedRows);
}

/** Forgets the runs of `name` before the run `id` that did not fail. */
export async function deleteGoodRunsBefore(db: Db, name: string, id: number): Promise<void> {
  await db
    .deleteFrom('job_runs')
    .where('name', '=', name)
    .where('id', '<', id)
    .where('finished_at', 'is not', null)
    .where('error', 'is', null)
    .execute();
}
