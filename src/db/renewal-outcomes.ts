import { type Kysely, sql } from 'kysely';
import { addMonths } from '../days.ts';
import { contractOf, isDecided, isRunning, type RenewalAccount, type StoredRenewal } from '../renewals/plan.ts';
import type { RenewalState } from '../renewals/types.ts';
import { touchAlertsOfAccount } from './alerts.ts';
import { withAccountLocked } from './renewal-accounts.ts';
import { insertRenewal, setRenewalState } from './renewals.ts';
import { type ChangedTask, finishTask } from './tasks.ts';
import type { Database, Day, Db } from './types.ts';

/** What somebody says of a contract. `date` is the next renewal date; `null` is a year after the one that was. */
export type Outcome = { state: 'renewed'; date: Day | null } | { state: 'lost' } | { state: 'moved'; date: Day };

/** Who says it of which contract: by its id, or the one that the account's date is of. */
export type Decision = {
  of: { renewalId: number } | { accountId: string };
  outcome: Outcome;
  /** A Slack id. */
  by: string;
  note: string | null;
  today: Day;
  now: Date;
};

/**
 * `changed`: the renewal date was `was` and is `is`; `already`: somebody said so, or the date is that already; `ended`: it is
 * no longer the account's contract; `renewedBefore`: the date `is` what somebody said last when they renewed it; `undated`: no renewal date is known; `badDate`: it is not after `was`.
 */
export type Decided =
  | { outcome: 'changed'; accountId: string; was: Day | null; is: Day | null }
  | { outcome: 'already'; state: RenewalState; by: string | null }
  | { outcome: 'renewedBefore'; accountId: string; by: string | null; at: Date; is: Day }
  | { outcome: 'ended' | 'undated' | 'gone' }
  | { outcome: 'badDate'; was: Day };

/** Stores what somebody said of a contract, once, however many say it at the same time. */
export async function decideRenewal(db: Kysely<Database>, decision: Decision): Promise<Decided> {
  const accountId = await accountOf(db, decision.of);
  if (accountId === null) return { outcome: 'gone' };
  return withAccountLocked(db, accountId, async (transaction, account) => {
    if (!account) return { outcome: 'gone' };
    const current = contractOf(account.date, account.renewals);
    const { of } = decision;
    const renewal = 'renewalId' in of ? account.renewals.find(({ id }) => id === of.renewalId) : current;
    if (!renewal && 'renewalId' in of) return { outcome: 'gone' };
    const subject = { accountId, account, renewal: renewal ?? null, isCurrent: renewal === current };
    return decision.outcome.state === 'moved'
      ? moveRenewal(transaction, subject, { ...decision, to: decision.outcome.date })
      : endRenewal(transaction, subject, { ...decision, outcome: decision.outcome });
  });
}

/** Marks the task of a contract as done. */
export async function finishRenewalTask(db: Db, renewalId: number, by: string, now: Date): Promise<ChangedTask> {
  const row = await db.selectFrom('renewals').select('task_id').where('id', '=', renewalId).executeTakeFirst();
  return row?.task_id ? finishTask(db, row.task_id, by, now) : { outcome: 'gone', task: null };
}

type Subject = {
  accountId: string;
  account: RenewalAccount;
  renewal: StoredRenewal | null;
  /** Whether the account's date is of this contract. */
  isCurrent: boolean;
};

async function endRenewal(
  transaction: Db,
  { accountId, account, renewal, isCurrent }: Subject,
  { outcome, by, note, now }: Decision & { outcome: Exclude<Outcome, { state: 'moved' }> },
): Promise<Decided> {
  // What a few days have changed may not be noted yet.
  const was = isCurrent ? account.date : (renewal?.date ?? null);
  if (was === null) return { outcome: 'undated' };
  if (renewal && isDecided(renewal.state)) return alreadySo(transaction, renewal.id);
  if (outcome.state === 'renewed' && outcome.date === null && isCurrent && !(renewal && isRunning(renewal.state))) {
    const before = await renewedTo(transaction, accountId, was);
    if (before) return { outcome: 'renewedBefore', accountId, ...before, is: was };
  }
  const wanted = outcome.state === 'renewed' ? (outcome.date ?? addMonths(was, 12)) : null;
  if (wanted !== null && wanted <= was) return { outcome: 'badDate', was };
  const id = renewal?.id ?? (await insertRenewal(transaction, { accountId, date: was, now }));
  // Where the account has another date by now, from wherever that came, it stays.
  const is = wanted !== null && isCurrent ? wanted : account.date;
  if (is !== null && is !== account.date) await setDate(transaction, accountId, is, now);
  const nextDate = outcome.state === 'renewed' ? is : null;
  await setRenewalState(transaction, id, { state: outcome.state, date: was, nextDate, by, note, now });
  return { outcome: 'changed', accountId, was, is };
}

async function moveRenewal(
  transaction: Db,
  { accountId, account, renewal, isCurrent }: Subject,
  { to, by, note, today, now }: Decision & { to: Day },
): Promise<Decided> {
  const { date: was, renewals } = account;
  if (!isCurrent) return { outcome: 'ended' };
  if (to === was) return { outcome: 'already', state: renewal?.state ?? 'open', by: null };
  await setDate(transaction, accountId, to, now);
  const target = contractOf(to, renewals);
  const moved = { state: 'moved' as const, nextDate: to, by, note, now };
  if (!renewal && was !== null) {
    await setRenewalState(transaction, await insertRenewal(transaction, { accountId, date: was, now }), {
      ...moved,
      date: was,
    });
  }
  if (renewal && target?.id !== renewal.id && isRunning(renewal.state))
    await setRenewalState(transaction, renewal.id, { ...moved, date: renewal.date });
  if (renewal && target?.id === renewal.id && isRunning(renewal.state))
    await setRenewalState(transaction, renewal.id, {
      ...moved,
      state: to < today ? 'past' : 'open',
      date: to,
      nextDate: null,
    });
  // Who moves a date to a contract of which somebody had said what became of it takes that back: it begins anew.
  if (target && isDecided(target.state)) await setRenewalState(transaction, target.id, { ...moved, date: target.date });
  return { outcome: 'changed', accountId, was, is: to };
}

/** Who renewed an account's contract to a date, where that is the last that became of any; a second word is of the same one. */
async function renewedTo(
  transaction: Db,
  accountId: string,
  date: Day,
): Promise<{ by: string | null; at: Date } | null> {
  const last = await transaction
    .selectFrom('renewals')
    .select(['state', 'next_date', 'changed_by as by', 'changed_at as at'])
    .where('account_id', '=', accountId)
    .orderBy('changed_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.state === 'renewed' && last.next_date === date ? { by: last.by, at: last.at } : null;
}

async function alreadySo(transaction: Db, renewalId: number): Promise<Decided> {
  const { state, by } = await transaction
    .selectFrom('renewals')
    .select(['state', 'changed_by as by'])
    .where('id', '=', renewalId)
    .executeTakeFirstOrThrow();
  return { outcome: 'already', state, by };
}

/**
 * Sets the account's date, as a person said. That stays until the owner of the date says something new. Messages of alerts come
 * before those of renewals, as wherever both are written anew.
 */
async function setDate(transaction: Db, accountId: string, date: Day, now: Date): Promise<void> {
  await transaction
    .updateTable('accounts')
    .set({ renewal_date: date, updated_at: sql`now()` })
    .where('id', '=', accountId)
    .execute();
  const value = JSON.stringify(date);
  await transaction
    .insertInto('account_claims')
    .values({
      account_id: accountId,
      field: 'renewal_date',
      source: 'people',
      value,
      said_at: now,
      seen_at: now,
      as_owner: false,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'field', 'source']).doUpdateSet({ value, said_at: now, seen_at: now }),
    )
    .execute();
  await touchAlertsOfAccount(transaction, accountId);
}

async function accountOf(db: Db, of: Decision['of']): Promise<string | null> {
  if ('accountId' in of) return of.accountId;
  const row = await db.selectFrom('renewals').select('account_id').where('id', '=', of.renewalId).executeTakeFirst();
  return row?.account_id ?? null;
}
