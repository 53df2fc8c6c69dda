import { sql } from 'kysely';
import { touchAlertMessages } from './alerts.ts';
import { touchRenewalOfTask } from './renewal-messages.ts';
import type { Day, Db } from './types.ts';

/** Something to do for an account. */
export type Task = {
  id: number;
  accountId: string;
  accountName: string;
  title: string;
  assigneeEmail: string | null;
  due: Day | null;
  /** The indicator whose alert it was made of; `null` when a person wrote it, or the alert is gone. */
  indicator: string | null;
  alertId: number | null;
  /** Slack ids; `createdBy` null is a rule. */
  createdBy: string | null;
  doneAt: Date | null;
  doneBy: string | null;
};

/** A task to be made. */
export type NewTask = {
  /** What makes it the same as another: `alert:<id>`; `null` for one that a person wrote. */
  key: string | null;
  accountId: string;
  alertId: number | null;
  /** Cut to what a task may have. */
  title: string;
  assigneeEmail: string | null;
  due: Day | null;
  /** A Slack id; `null` is a rule. */
  createdBy: string | null;
  now: Date;
};

/** `already`: it was so; `gone`: there is no such task. */
export type ChangedTask = { outcome: 'changed' | 'already'; task: Task } | { outcome: 'gone'; task: null };

const MOST_CHARACTERS = 500;

/** Makes a task, once for each key. Returns it, and whether it was made now; `null` when its account is gone. */
export async function insertTask(db: Db, task: NewTask): Promise<{ task: Task; created: boolean } | null> {
  return inTransaction(db, async (transaction) => {
    const title = cut(task.title.toWellFormed().replaceAll('\0', '').trim()) || 'Look at this account';
    const { rows } = await sql<{ id: number }>`
      insert into tasks (key, account_id, alert_id, title, assignee_email, due, created_at, created_by)
      select ${task.key}, a.id, (select id from alerts where id = ${task.alertId}::bigint), ${title},
        ${task.assigneeEmail}, ${task.due}::date, ${task.now}::timestamptz, ${task.createdBy}
      from accounts a where a.id = ${task.accountId}
      on conflict (key) do nothing
      returning id
    `.execute(transaction);
    const [made] = rows;
    if (made && task.alertId !== null) await touchAlertMessages(transaction, [task.alertId]);
    const id = made?.id ?? (await findIdByKey(transaction, task.key));
    const found = id === null ? null : await findTask(transaction, id);
    return found && { task: found, created: made !== undefined };
  });
}

/** The task with this id; `null` when there is none. */
export async function findTask(db: Db, id: number): Promise<Task | null> {
  const { rows } = await sql<Task>`${selectTasks} where t.id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** One page of what is to be done, of a person or (`email` null) of all, what is due first first; `total` and `overdue` count all pages. */
export async function findOpenTasks(
  db: Db,
  { email, today, limit, offset }: { email: string | null; today: Day; limit: number; offset: number },
): Promise<{ tasks: Task[]; total: number; overdue: number }> {
  const isTheirs = sql`t.done_at is null and (${email}::text is null or t.assignee_email = ${email})`;
  const [counted, listed] = await Promise.all([
    sql<{ total: number; overdue: number }>`
      select count(*) as total, count(*) filter (where t.due < ${today}::date) as overdue from tasks t where ${isTheirs}
    `.execute(db),
    sql<Task>`
      ${selectTasks} where ${isTheirs} order by t.due nulls last, t.id limit ${limit} offset ${offset}
    `.execute(db),
  ]);
  return { tasks: listed.rows, total: counted.rows[0]?.total ?? 0, overdue: counted.rows[0]?.overdue ?? 0 };
}

/** Marks a task as done by a Slack user; whoever is second changes nothing. */
export function finishTask(db: Db, id: number, by: string, now: Date): Promise<ChangedTask> {
  return changeTask(db, id, ({ doneAt }) => (doneAt === null ? { done_at: now, done_by: by } : null));
}

/** Makes a task that is done one that is to be done. */
export function reopenTask(db: Db, id: number): Promise<ChangedTask> {
  return changeTask(db, id, ({ doneAt }) => (doneAt === null ? null : { done_at: null, done_by: null }));
}

/** Sets the day on which a task is due. */
export function setTaskDue(db: Db, id: number, due: Day | null): Promise<ChangedTask> {
  return changeTask(db, id, (task) => (task.due === due ? null : { due }));
}

/** Gives a task to somebody, by email. */
export function assignTask(db: Db, id: number, email: string): Promise<ChangedTask> {
  return changeTask(db, id, (task) => (task.assigneeEmail === email ? null : { assignee_email: email }));
}

const selectTasks = sql`
  select t.id, t.account_id as "accountId", a.name as "accountName", t.title, t.assignee_email as "assigneeEmail", t.due,
    alert.indicator, t.alert_id as "alertId", t.created_by as "createdBy", t.done_at as "doneAt", t.done_by as "doneBy"
  from tasks t join accounts a on a.id = t.account_id left join alerts alert on alert.id = t.alert_id
`;

type Values = { due?: Day | null; assignee_email?: string; done_at?: Date | null; done_by?: string | null };

/** Changes a task under its lock, and has the messages of its alert say so. `wanted` null: there is nothing to change. */
function changeTask(db: Db, id: number, wanted: (task: Task) => Values | null): Promise<ChangedTask> {
  return inTransaction(db, async (transaction) => {
    await transaction.selectFrom('tasks').select('id').where('id', '=', id).forUpdate().execute();
    const task = await findTask(transaction, id);
    if (!task) return { outcome: 'gone', task: null };
    const values = wanted(task);
    if (!values) return { outcome: 'already', task };
    await transaction.updateTable('tasks').set(values).where('id', '=', id).execute();
    if (task.alertId !== null) await touchAlertMessages(transaction, [task.alertId]);
    await touchRenewalOfTask(transaction, id);
    return { outcome: 'changed', task: (await findTask(transaction, id)) ?? task };
  });
}

async function findIdByKey(db: Db, key: string | null): Promise<number | null> {
  if (key === null) return null;
  const row = await db.selectFrom('tasks').select('id').where('key', '=', key).executeTakeFirst();
  return row?.id ?? null;
}

function cut(title: string): string {
  if (title.length <= MOST_CHARACTERS) return title;
  return `${title
    .slice(0, MOST_CHARACTERS - 1)
    .toWellFormed()
    .replace(/\ufffd$/, '')}…`;
}

function inTransaction<Result>(db: Db, work: (transaction: Db) => Promise<Result>): Promise<Result> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
