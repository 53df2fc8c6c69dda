import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { DeliverySettings } from '../indicators/types.ts';
import { type EditedAlert, type EndedAlert, editAlerts, endAlerts, type OpenedAlert, openAlerts } from './alerts.ts';
import type { Database, Db } from './types.ts';

const LOCK = 7_305_813;

/** Changes further apart than this are not the doing of one broken feed. */
const togetherMinutes = 10;
/** After a release the same indicators may go on changing without being held again. */
const releasedMinutes = 60;
/** So long alerts that would end by what was discarded stay open without another hold. */
const discardedMinutes = 24 * 60;

/** What an evaluation found. */
type FoundChanges = {
  opened: readonly OpenedAlert[];
  ended: readonly (EndedAlert & { account: string; indicator: string })[];
  edited?: readonly EditedAlert[];
};

/** When the evaluation began, and for when tasks are due. */
type StoreContext = { now: Date; taskDue: string; delivery: DeliverySettings };

/** What became of the changes. `held` is the hold that keeps messages back. */
export type StoredChanges = {
  opened: number;
  ended: number;
  edited: number;
  held: { id: number; isNew: boolean } | null;
};

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
    const { now, taskDue } = context;
    const { opened, ended } = await dropOutdated(transaction, found, now);
    const sent = await findSent(transaction, ended);
    // Whoever takes a rule out of the pack means its alerts to end; no feed does that.
    const telling = ended.filter(({ id, resolution }) => sent.has(id) && resolution !== 'retired');
    const known = await findKnown(transaction, now);
    const flood = floodOf({ opened, ended: telling }, known, context);
    const isHeld = ({ indicator }: { indicator: string }) => flood.has(indicator) || known.held.has(indicator);
    const kept = { opened: opened.filter(isHeld), ended: telling.filter(isHeld) };
    // What an operator has called a broken feed goes on ending alerts for a while, which is no news.
    const isNews = kept.opened.length > 0 || kept.ended.some(({ indicator }) => !known.discarded.has(indicator));
    const held = isNews ? await hold(transaction, kept, { ...known, floods: flood }, now) : null;
    let count = await openAlerts(
      transaction,
      opened.filter((alert) => !isHeld(alert)),
      { now, holdId: null, taskDue },
    );
    count += await openAlerts(transaction, kept.opened, { now, holdId: held?.id ?? null, taskDue });
    // The end of what nobody was told of is no message, so it need not be held.
    const waiting = new Set(kept.ended);
    const ending = ended.filter((alert) => !waiting.has(alert));
    const endedCount = await endAlerts(transaction, ending, now);
    return { opened: count, ended: endedCount, edited: await editAlerts(transaction, found.edited ?? []), held };
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

/** What is known of other runs. */
type Known = {
  accounts: number;
  /** The hold that nobody has ended, and the indicators that its flood is made of. */
  openHold: number | null;
  held: ReadonlySet<string>;
  /** Indicators of holds that were ended lately. */
  released: ReadonlySet<string>;
  discarded: ReadonlySet<string>;
  /** What changed in the minutes before and was not held. */
  recent: readonly { account: string; indicator: string }[];
};

async function findKnown(transaction: Db, now: Date): Promise<Known> {
  type Row = Pick<Known, 'accounts' | 'openHold' | 'recent'> & { [K in 'held' | 'released' | 'discarded']: string[] };
  const floodsOf = (condition: RawBuilder<unknown>) => sql`
    array(select distinct flood from alert_holds h cross join lateral jsonb_array_elements_text(floods) as flood where ${condition})
  `;
  const lately = (outcome: string, minutes: number) =>
    sql`outcome = ${outcome} and ended_at > ${now}::timestamptz - make_interval(mins => ${minutes})`;
  const { rows } = await sql<Row>`
    select
      (select count(*) from accounts) as accounts,
      (select max(id) from alert_holds where ended_at is null) as "openHold",
      ${floodsOf(sql`ended_at is null`)} as held,
      ${floodsOf(lately('released', releasedMinutes))} as released,
      ${floodsOf(lately('discarded', discardedMinutes))} as discarded,
      coalesce((
        select json_agg(json_build_object('account', a.account_id, 'indicator', a.indicator))
        from alert_transitions t join alerts a on a.id = t.alert_id left join messages m on m.id = a.message_id
        where t.at > ${now}::timestamptz - make_interval(mins => ${togetherMinutes}) and t.by_user is null
          and t.from_state <> 'snoozed' and t.to_state in ('active', 'resolved') and t.evidence ->> 'first' = 'false'
          and m.hold_id is null and m.status <> 'cancelled'
      ), '[]') as recent
  `.execute(transaction);
  const [row] = rows;
  if (!row) throw new Error('The database answered nothing.');
  const { accounts, openHold, recent } = row;
  const sets = { held: new Set(row.held), released: new Set(row.released), discarded: new Set(row.discarded) };
  return { accounts, openHold, recent, ...sets };
}

/**
 * The indicators by which too many accounts changed: all of a run in which too many did, else those by which too many did in the
 * minutes before as well. An account that is looked at for the first time has not changed, and what was released is real.
 */
function floodOf({ opened, ended }: FoundChanges, known: Known, { delivery }: StoreContext): Set<string> {
  const changes = [...opened, ...ended];
  const counted = changes.filter(({ evidence, indicator }) => !evidence.first && !known.released.has(indicator));
  const isFlood = (list: readonly { account: string }[]) => {
    const count = accountsOf(list);
    return count >= delivery.holdFromAccounts && count * 100 > known.accounts * delivery.holdAbovePercent;
  };
  if (isFlood(counted)) return new Set(changes.map(({ indicator }) => indicator));
  const indicators = new Set(counted.map(({ indicator }) => indicator));
  return new Set(
    [...indicators].filter((id) => isFlood([...counted, ...known.recent].filter(({ indicator }) => indicator === id))),
  );
}

function accountsOf(list: readonly { account: string }[]): number {
  return new Set(list.map(({ account }) => account)).size;
}

/** Makes a hold, or adds to the one there is, and tells the operator of a new one. */
async function hold(
  transaction: Db,
  { opened, ended }: FoundChanges,
  { accounts, openHold, recent, floods }: Known & { floods: ReadonlySet<string> },
  now: Date,
): Promise<{ id: number; isNew: boolean }> {
  // Of a flood that came in several runs the earlier ones were sent, and count.
  const all = [...opened, ...ended, ...recent.filter(({ indicator }) => floods.has(indicator))];
  const changed = accountsOf(all);
  const counts = countByIndicator(all);
  // What only a few accounts have is not what the flood is made of, and goes on being sent in later runs.
  const main = [...floods].filter((id) => (counts[id] ?? 0) * 10 > changed);
  if (openHold !== null) {
    await addToHold(transaction, openHold, { opened, accounts, counts, main });
    return { id: openHold, isNew: false };
  }
  const { rows } = await sql<{ id: number }>`
    insert into alert_holds (at, changed, accounts, indicators, floods)
    values (${now}, ${changed}, ${accounts}, ${JSON.stringify(counts)}, ${JSON.stringify(main)}) returning id
  `.execute(transaction);
  const [row] = rows;
  if (!row) throw new Error('The hold was not stored.');
  const notice = noticeOf(row.id, { changed, accounts, counts });
  await sql`
    insert into messages (key, kind, severity, notice, due_at, created_at)
    values (${`hold:${row.id}`}, 'notice', 'high', ${notice}, ${now}, ${now})
  `.execute(transaction);
  return { id: row.id, isNew: true };
}

function countByIndicator(changes: readonly { account: string; indicator: string }[]): Record<string, number> {
  const groups = Map.groupBy(changes, ({ indicator }) => indicator);
  return Object.fromEntries([...groups].map(([indicator, list]) => [indicator, accountsOf(list)]));
}

type Addition = {
  opened: FoundChanges['opened'];
  accounts: number;
  counts: Readonly<Record<string, number>>;
  main: readonly string[];
};

async function addToHold(transaction: Db, id: number, { opened, accounts, counts, main }: Addition): Promise<void> {
  const names = [...new Set(opened.map(({ account }) => account))];
  await sql`
    with fresh as (
      select count(*)::int as n from unnest(${names}::text[]) as name where not exists (
        select from alerts a join messages m on m.id = a.message_id where m.hold_id = ${id} and a.account_id = name
      )
    ),
    most as (
      select key, max(value::int) as n from (
        select * from jsonb_each_text((select indicators from alert_holds where id = ${id}))
        union all select * from jsonb_each_text(${JSON.stringify(counts)}::jsonb)
      ) as both_of group by key
    )
    update alert_holds set
      changed = least(changed + (select n from fresh), greatest(accounts, ${accounts})),
      accounts = greatest(accounts, ${accounts}),
      indicators = (select jsonb_object_agg(key, n) from most),
      floods = (
        select coalesce(jsonb_agg(distinct flood), '[]')
        from jsonb_array_elements(floods || ${JSON.stringify(main)}::jsonb) as flood
      )
    where id = ${id}
  `.execute(transaction);
}

function noticeOf(
  id: number,
  { changed, accounts, counts }: { changed: number; accounts: number; counts: Readonly<Record<string, number>> },
): string {
  const what = Object.entries(counts).map(([indicator, count]) => `${indicator} ${count}`);
  return [
    `I hold back the alerts of this run: ${changed} of ${accounts} accounts changed at once (${what.join(', ')}).`,
    'Mostly that is a feed that broke: `bellwether ingest status` shows what came in.',
    `If it is real, \`bellwether indicators release ${id}\` sends them; \`bellwether indicators discard ${id}\` drops them.`,
  ].join('\n');
}
