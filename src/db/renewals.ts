import { type Kysely, sql } from 'kysely';
import { workingDayUntil } from '../renewals/calendar.ts';
import { isIdle, isRunning, planRenewal, type RenewalAccount, type RenewalPlan } from '../renewals/plan.ts';
import type { RenewalState } from '../renewals/types.ts';
import { type CreditContext, findCreditEnds } from './credit-ends.ts';
import { newestOwner, UPCOMING_RENEWAL, withAccountLocked } from './renewal-accounts.ts';
import { touchRenewalMessages } from './renewal-messages.ts';
import { insertTask } from './tasks.ts';
import type { Database, Day, Db } from './types.ts';

/** What a task says that is opened with the first reminder. */
const TASK_TITLE = 'Talk about the renewal, and say what became of it';

/** What was done for an account. */
export type Reminded = { sent: boolean; opened: boolean; closed: number; handedOver: boolean };

/** Whether a user of any account was ever seen, as far as events were counted; else nothing that tells of use is connected. */
export async function hasSeenUsers(db: Db): Promise<boolean> {
  const { rows } = await sql`
    select from series s
    where s.definition ->> 'kind' = 'seen' and (s.definition ->> 'byUser')::boolean
      and exists (select from series_months where series_id = s.id)
    limit 1
  `.execute(db);
  return rows.length > 0;
}

/**
 * Does for an account what is due on `today`, in one transaction: the contract, its segment, its task and the message. Safe
 * beside others that do the same; whoever is second finds nothing to do.
 */
export function remindAccount(
  db: Kysely<Database>,
  accountId: string,
  given: CreditContext & { now: Date; firstMonths: number },
): Promise<Reminded> {
  return withAccountLocked(db, accountId, async (transaction, account) => {
    const ends = await findCreditEnds(transaction, given, [accountId]);
    const plan = account && planRenewal(account, { ...given, creditEndsOn: ends.get(accountId) ?? null });
    if (!plan || isIdle(plan)) return { sent: false, opened: false, closed: 0, handedOver: false };
    return applyPlan(transaction, { accountId, account, plan, now: given.now });
  });
}

/** How a contract's state becomes another. */
export type RenewalChange = {
  state: RenewalState;
  date: Day;
  nextDate: Day | null;
  /** A Slack id; `null` is the job. */
  by: string | null;
  note: string | null;
  now: Date;
};

/** Stores a contract's state, with its history, segment, task and messages as they are with it. */
export async function setRenewalState(transaction: Db, renewalId: number, change: RenewalChange): Promise<void> {
  const { state, date, nextDate, by, note, now } = change;
  // While nobody said what became of it, there is something to do. What the contract's end has finished begins again with it.
  await sql`
    update tasks t set
      due = ${workingDayUntil(date)}::date,
      done_at = case
        when ${!isRunning(state)} then coalesce(t.done_at, ${now})
        when r.state not in ('open', 'past') and t.done_at = r.changed_at then null
        else t.done_at
      end,
      done_by = case
        when ${!isRunning(state)} and t.done_at is null then ${by}
        when ${isRunning(state)} and r.state not in ('open', 'past') and t.done_at = r.changed_at then null
        else t.done_by
      end
    from renewals r where r.id = ${renewalId} and t.id = r.task_id
  `.execute(transaction);
  const { rows } = await sql<{ accountId: string }>`
    with noted as (
      insert into renewal_changes (renewal_id, state, renewal_date, next_date, at, by_user, note)
      values (${renewalId}, ${state}, ${date}, ${nextDate}, ${now}, ${by}, ${note})
    )
    update renewals set state = ${state}, renewal_date = ${date}, next_date = ${nextDate}, changed_at = ${now},
      changed_by = ${by}, note = ${note}
    where id = ${renewalId}
    returning account_id as "accountId"
  `.execute(transaction);
  const [row] = rows;
  if (!row) return;
  await (state === 'open' ? enterSegment(transaction, row.accountId) : leaveSegment(transaction, row.accountId));
  await touchRenewalMessages(transaction, renewalId);
}

/** Stores a contract of an account that had none for this date. Returns its id. */
export async function insertRenewal(
  transaction: Db,
  { accountId, date, now }: { accountId: string; date: Day; now: Date },
): Promise<number> {
  const { id } = await transaction
    .insertInto('renewals')
    .values({
      account_id: accountId,
      armed_for: date,
      renewal_date: date,
      state: 'open',
      opened_at: now,
      changed_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

type Applied = { accountId: string; account: RenewalAccount; plan: RenewalPlan; now: Date };

async function applyPlan(transaction: Db, { accountId, account, plan, now }: Applied): Promise<Reminded> {
  const { moved, contract, send, skip, handOver } = plan;
  const byJob = { by: null, note: null, now };
  for (const { id, date } of moved) {
    await setRenewalState(transaction, id, { state: 'moved', date, nextDate: account.date, ...byJob });
  }
  const isClosing = contract?.kind === 'stored' && contract.state !== 'open';
  const closed = moved.length + (isClosing ? 1 : 0);
  const renewalId = await writeContract(transaction, { accountId, account, plan, now });
  if (renewalId === null) return { sent: false, opened: false, closed, handedOver: false };
  const steps = [
    ...skip.map((step) => ({ renewal_id: renewalId, step, outcome: 'skipped' as const, at: now })),
    ...(send === null ? [] : [{ renewal_id: renewalId, step: send, outcome: 'sent' as const, at: now }]),
  ];
  if (steps.length > 0) await transaction.insertInto('renewal_steps').values(steps).execute();
  const { csmEmail } = account;
  if (!isClosing && plan.target !== null) await setTaskDue(transaction, renewalId, workingDayUntil(plan.target));
  if (send !== null || handOver) await giveTask(transaction, renewalId, csmEmail);
  if (send !== null) await insertMessage(transaction, { renewalId, key: send, csmEmail, now });
  if (handOver) await handOverMessage(transaction, { renewalId, csmEmail, now });
  return { sent: send !== null, opened: contract?.kind === 'new', closed, handedOver: handOver };
}

/** Stores the contract that the plan is about, and returns its id; `null`: there is none. */
async function writeContract(transaction: Db, { accountId, account, plan, now }: Applied): Promise<number | null> {
  const { contract, send } = plan;
  if (!contract) return null;
  const { date } = contract;
  const byJob = { date, nextDate: null, by: null, note: null, now };
  if (contract.kind === 'new') {
    const id = await insertRenewal(transaction, { accountId, date, now });
    await insertRenewalTask(transaction, id, { accountId, account, date, now });
    await setRenewalState(transaction, id, { state: 'open', ...byJob });
    return id;
  }
  const { renewal, state } = contract;
  const isReopened = renewal.state !== state && state === 'open';
  if (renewal.state === state && renewal.date === date) await enterSegment(transaction, accountId);
  else await setRenewalState(transaction, renewal.id, { state, ...byJob });
  if (isReopened) await insertRenewalTask(transaction, renewal.id, { accountId, account, date, now });
  if (isReopened && send === null) await reviveMessage(transaction, renewal.id, now);
  return renewal.id;
}

/** Opens the task of a contract that has none. */
async function insertRenewalTask(
  transaction: Db,
  renewalId: number,
  { accountId, account, date, now }: { accountId: string; account: RenewalAccount; date: Day; now: Date },
): Promise<void> {
  const known = await transaction
    .selectFrom('renewals')
    .select(['task_id', 'armed_for'])
    .where('id', '=', renewalId)
    .executeTakeFirst();
  if (!known || known.task_id !== null) return;
  const made = await insertTask(transaction, {
    key: `renewal:${accountId}:${known.armed_for}`,
    accountId,
    alertId: null,
    title: TASK_TITLE,
    assigneeEmail: account.csmEmail,
    due: workingDayUntil(date),
    createdBy: null,
    now,
  });
  if (!made) return;
  await transaction.updateTable('renewals').set({ task_id: made.task.id }).where('id', '=', renewalId).execute();
}

/** What was cancelled because its contract had ended before it was sent is to be sent after all. */
async function reviveMessage(transaction: Db, renewalId: number, now: Date): Promise<void> {
  await sql`
    update messages set status = 'waiting', due_at = ${now}
    where status = 'cancelled' and id = (select max(id) from messages where renewal_id = ${renewalId})
  `.execute(transaction);
}

/** Where credit ends first, the talk is due before that; each reminder says anew when. */
async function setTaskDue(transaction: Db, renewalId: number, due: Day): Promise<void> {
  await sql`
    update tasks t set due = ${due}::date from renewals r
    where r.id = ${renewalId} and t.id = r.task_id and t.done_at is null
  `.execute(transaction);
}

/** The open task goes to the CSM, unless somebody gave it to another person. */
async function giveTask(transaction: Db, renewalId: number, csmEmail: string | null): Promise<void> {
  await sql`
    update tasks t set assignee_email = ${csmEmail} from renewals r
    where r.id = ${renewalId} and t.id = r.task_id and t.done_at is null
      and t.assignee_email is not distinct from (${newestOwner(sql`r.id`)})
      and exists (select from messages where renewal_id = r.id)
  `.execute(transaction);
}

/** What nobody has seen yet goes to the new CSM instead; else they get a message of their own. */
async function handOverMessage(
  transaction: Db,
  { renewalId, csmEmail, now }: { renewalId: number; csmEmail: string | null; now: Date },
): Promise<void> {
  const newest = await sql<{ id: number; isUnseen: boolean }>`
    select id, status = 'waiting' and posting_at is null as "isUnseen" from messages
    where renewal_id = ${renewalId} order by id desc limit 1 for update
  `.execute(transaction);
  const [message] = newest.rows;
  if (!message) return;
  if (!message.isUnseen) {
    return insertMessage(transaction, { renewalId, key: `after ${message.id}`, csmEmail, now });
  }
  await sql`
    update messages set owner_email = ${csmEmail}, recipient = null, detour = null, due_at = ${now}
    where id = ${message.id}
  `.execute(transaction);
}

async function insertMessage(
  transaction: Db,
  { renewalId, key, csmEmail, now }: { renewalId: number; key: string; csmEmail: string | null; now: Date },
): Promise<void> {
  // The earlier ones say that there is a newer one.
  await touchRenewalMessages(transaction, renewalId);
  await sql`
    insert into messages (key, kind, renewal_id, owner_email, severity, due_at, created_at)
    values (${`renewal:${renewalId}:${key}`}, 'renewal', ${renewalId}, ${csmEmail}, 'medium', ${now}, ${now})
  `.execute(transaction);
}

async function enterSegment(transaction: Db, accountId: string): Promise<void> {
  await transaction
    .insertInto('account_segments')
    .values({ account_id: accountId, segment: UPCOMING_RENEWAL })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function leaveSegment(transaction: Db, accountId: string): Promise<void> {
  await transaction
    .deleteFrom('account_segments')
    .where('account_id', '=', accountId)
    .where('segment', '=', UPCOMING_RENEWAL)
    .execute();
}
