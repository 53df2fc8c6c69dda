import { type Kysely, sql } from 'kysely';
import type { DeliverySettings } from '../indicators/types.ts';
import { type EndedAlert, endAlerts, type OpenedAlert, openAlerts } from './alerts.ts';
import type { Database, Db } from './types.ts';

const LOCK = 7_305_813;

/** Changes further apart than this are not the doing of one broken feed. */
const togetherMinutes = 10;
/** After a release the same indicators may go on changing without being held again. */
const releasedMinutes = 60;

/** What an evaluation found. */
type FoundChanges = {
  opened: readonly OpenedAlert[];
  ended: readonly (EndedAlert & { account: string; indicator: string })[];
};

/** When the evaluation began, and for when tasks are due. */
type StoreContext = { now: Date; taskDue: string; delivery: DeliverySettings };

/** What became of the changes. `held` is the hold that keeps messages back. */
export type StoredChanges = { opened: number; ended: number; held: { id: number; isNew: boolean } | null };

/** Runs `work` in a transaction while nobody else opens, ends or moves alerts. */
export function withAlertsLocked<Result>(
  db: Kysely<Database>,
  work: (transaction: Db) => Promise<Result>,
): Promise<Result> {
  return db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(transaction);
    return work(transaction);
  });
}

/**
 * Stores what an evaluation found: alerts with their transitions, and the messages that tell of them. Where too many accounts
 * changed at once, which a broken feed does, the messages are held back and the operator is told.
 */
export function storeAlertChanges(
  db: Kysely<Database>,
  found: FoundChanges,
  context: StoreContext,
): Promise<StoredChanges> {
  return withAlertsLocked(db, async (transaction) => {
    const { now, delivery, taskDue } = context;
    const { opened, ended } = await dropOutdated(transaction, found, now);
    const holds = await findOpenHolds(transaction);
    const sent = await findSent(transaction, ended);
    const counted = await countChanges(transaction, { opened, ended: ended.filter(({ id }) => sent.has(id)) }, context);
    const isFlood =
      counted.changed >= delivery.holdFromAccounts &&
      counted.changed * 100 > counted.accounts * delivery.holdAbovePercent;
    const held = isFlood ? await hold(transaction, counted, holds.at(-1)?.id ?? null, now) : null;
    const holdOf = (indicator: string) => held?.id ?? holds.find((each) => indicator in each.indicators)?.id ?? null;
    let count = 0;
    for (const [holdId, alerts] of Map.groupBy(opened, ({ indicator }) => holdOf(indicator))) {
      count += await openAlerts(transaction, alerts, { now, holdId, taskDue });
    }
    // The end of what nobody was told of is no message, so it need not be held.
    const ending = ended.filter(({ id, indicator }) => holdOf(indicator) === null || !sent.has(id));
    return { opened: count, ended: await endAlerts(transaction, ending, now), held };
  });
}

/** Leaves out what an evaluation that began later has read otherwise. */
async function dropOutdated(transaction: Db, { opened, ended }: FoundChanges, now: Date): Promise<FoundChanges> {
  if (opened.length + ended.length === 0) return { opened, ended };
  const accounts = [...new Set([...opened, ...ended].map(({ account }) => account))];
  const { rows } = await sql<{ account: string; indicator: string }>`
    select account_id as account, indicator from indicator_readings
    where account_id = any(${accounts}::text[]) and read_at > ${now}
  `.execute(transaction);
  const later = new Set(rows.map(({ account, indicator }) => `${indicator} ${account}`));
  const isCurrent = ({ account, indicator }: { account: string; indicator: string }) =>
    !later.has(`${indicator} ${account}`);
  return { opened: opened.filter(isCurrent), ended: ended.filter(isCurrent) };
}

async function findSent(transaction: Db, ended: readonly { id: number }[]): Promise<Set<number>> {
  if (ended.length === 0) return new Set();
  const ids = ended.map(({ id }) => id);
  const { rows } = await sql<{ id: number }>`
    select a.id from alerts a join messages m on m.id = a.message_id
    where a.id = any(${ids}::bigint[]) and m.status = 'sent'
  `.execute(transaction);
  return new Set(rows.map(({ id }) => id));
}

type OpenHold = { id: number; indicators: Record<string, number> };

async function findOpenHolds(transaction: Db): Promise<OpenHold[]> {
  const { rows } = await sql<OpenHold>`
    select id, indicators from alert_holds where ended_at is null order by id
  `.execute(transaction);
  return rows;
}

type Counted = { changed: number; accounts: number; indicators: Record<string, number> };

/**
 * Accounts that changed in this run and in the minutes before. An account that is looked at for the first time has not
 * changed, and what was released is taken for real.
 */
async function countChanges(transaction: Db, { opened, ended }: FoundChanges, { now }: StoreContext): Promise<Counted> {
  const { rows } = await sql<{
    accounts: number;
    released: string[];
    recent: { account: string; indicator: string }[];
  }>`
    select
      (select count(*) from accounts) as accounts,
      array(
        select distinct jsonb_object_keys(indicators) from alert_holds
        where outcome = 'released' and ended_at > ${now}::timestamptz - make_interval(mins => ${releasedMinutes})
      ) as released,
      coalesce((
        select json_agg(json_build_object('account', a.account_id, 'indicator', a.indicator))
        from alert_transitions t join alerts a on a.id = t.alert_id
        where t.at > ${now}::timestamptz - make_interval(mins => ${togetherMinutes}) and t.by_user is null
          and t.from_state <> 'snoozed' and t.to_state in ('active', 'resolved') and t.evidence ->> 'first' = 'false'
      ), '[]') as recent
  `.execute(transaction);
  const [known] = rows;
  const here = [...opened, ...ended].filter(({ evidence }) => !evidence.first);
  const all = here.length > 0 ? [...here, ...(known?.recent ?? [])] : [];
  const countable = all.filter(({ indicator }) => !known?.released.includes(indicator));
  const accountsOf = (list: readonly { account: string }[]) => new Set(list.map(({ account }) => account)).size;
  const byIndicator = [...Map.groupBy(countable, ({ indicator }) => indicator)];
  return {
    changed: accountsOf(countable),
    accounts: known?.accounts ?? 0,
    indicators: Object.fromEntries(byIndicator.map(([indicator, list]) => [indicator, accountsOf(list)])),
  };
}

/** Makes a hold, or adds to the one there is, and tells the operator of a new one. */
async function hold(
  transaction: Db,
  { changed, accounts, indicators }: Counted,
  openId: number | null,
  now: Date,
): Promise<{ id: number; isNew: boolean }> {
  // What only a few accounts have is not what the flood is made of, and goes on being sent in later runs.
  const main = Object.fromEntries(Object.entries(indicators).filter(([, count]) => count * 10 >= changed));
  if (openId !== null) {
    await sql`
      update alert_holds set changed = greatest(changed, ${changed}), accounts = greatest(accounts, ${accounts}),
        indicators = indicators || ${JSON.stringify(main)}::jsonb
      where id = ${openId}
    `.execute(transaction);
    return { id: openId, isNew: false };
  }
  const { rows } = await sql<{ id: number }>`
    insert into alert_holds (at, changed, accounts, indicators)
    values (${now}, ${changed}, ${accounts}, ${JSON.stringify(main)}) returning id
  `.execute(transaction);
  const [row] = rows;
  if (!row) throw new Error('The hold was not stored.');
  const what = Object.entries(main).map(([indicator, count]) => `${indicator} ${count}`);
  const notice = [
    `I hold back the alerts of this run: ${changed} of ${accounts} accounts changed at once (${what.join(', ')}).`,
    'Mostly that is a feed that broke: `bellwether ingest status` shows what came in.',
    `If it is real, \`bellwether indicators release ${row.id}\` sends them; \`bellwether indicators discard ${row.id}\` drops them.`,
  ].join('\n');
  await sql`
    insert into messages (key, kind, severity, notice, due_at, created_at)
    values (${`hold:${row.id}`}, 'notice', 'high', ${notice}, ${now}, ${now})
  `.execute(transaction);
  return { id: row.id, isNew: true };
}
