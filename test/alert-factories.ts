import type { Insertable } from 'kysely';
import type { Database, Db } from '../src/db/types.ts';
import type { Evidence } from '../src/indicators/types.ts';

type Alert = Omit<Partial<Insertable<Database['alerts']>>, 'evidence' | 'latest'>;
type Message = Partial<Insertable<Database['messages']>>;

/** When alerts and messages begin, unless told: a Tuesday on which everybody works. */
export const alertsAt = new Date('2026-11-24T10:00:00Z');

/** Why an alert is as it is: 3 logins, where 5 are the least. */
function alertEvidence(overrides: Partial<Evidence> = {}): Evidence {
  const text = 'metric("logins_7d")';
  return {
    figures: [{ text, metric: 'logins_7d', unit: 'number', value: 3, operator: '<', threshold: 5 }],
    previous: 8,
    windowDays: 7,
    dataAt: alertsAt.toISOString(),
    first: false,
    ...overrides,
  };
}

/**
 * Stores an alert of an account, which is made if it is not there. Returns the alert's id. `evidence` is what it began with,
 * `latest` the newest, the same unless given.
 */
export async function insertAlert(
  db: Db,
  { evidence, latest, ...given }: Alert & { evidence?: Partial<Evidence>; latest?: Partial<Evidence> } = {},
): Promise<number> {
  const account = given.account_id ?? 'acme';
  await db
    .insertInto('accounts')
    .values({ id: account, name: account })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const state = given.state ?? 'active';
  const began = alertEvidence(evidence);
  const { id } = await db
    .insertInto('alerts')
    .values({
      account_id: account,
      indicator: 'few_logins',
      subject: '',
      kind: 'risk',
      severity: 'medium',
      state,
      opened_at: alertsAt,
      changed_at: alertsAt,
      resolution: state === 'resolved' ? 'cleared' : null,
      evidence: JSON.stringify(began),
      latest: JSON.stringify({ ...began, ...latest }),
      ...given,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/**
 * Stores a message of the outbox that holds `alertIds`, which then stand in it; without them it holds a new alert of an
 * account of its own. Maya's, medium and due at once, unless told.
 */
export async function insertAlertMessage(
  db: Db,
  { alertIds, ...given }: Message & { alertIds?: readonly number[] } = {},
): Promise<{ id: number; alertIds: readonly number[] }> {
  const dueAt = given.due_at ?? alertsAt;
  const { id } = await db
    .insertInto('messages')
    .values({
      key: `test:${crypto.randomUUID()}`,
      kind: 'alert',
      owner_email: 'maya@bellwether.example',
      severity: 'medium',
      due_at: dueAt,
      created_at: dueAt,
      ...given,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const isNotice = given.kind === 'notice';
  const severity = given.severity ?? 'medium';
  const ids = alertIds ?? (isNotice ? [] : [await insertAlert(db, { account_id: `account-${id}`, severity })]);
  if (ids.length > 0) {
    await db
      .insertInto('alert_messages')
      .values(ids.map((alert_id) => ({ alert_id, message_id: id })))
      .execute();
    await db.updateTable('alerts').set({ message_id: id }).where('id', 'in', ids).execute();
  }
  return { id, alertIds: ids };
}
