import { sql } from 'kysely';
import { findAlertFacts } from './alert-facts.ts';
import {
  type AlertRow,
  type AlertView,
  alertColumns,
  alertJoins,
  alertOrder,
  toAlerts,
  type ViewContext,
} from './alert-view.ts';
import type { Db } from './types.ts';

/** All that a message of the outbox shows. */
export type MessageView = {
  id: number;
  kind: 'alert' | 'group' | 'digest' | 'notice';
  /** Whom it was meant for; null is nobody. */
  ownerEmail: string | null;
  /** Why it goes to a channel instead of to its owner. */
  detour: string | null;
  /** What a notice says. */
  notice: string | null;
  /** The most severe first; none in a notice. */
  alerts: readonly AlertView[];
};

type Row = Partial<AlertRow> & {
  message_id: number;
  message_kind: MessageView['kind'];
  message_owner: string | null;
  detour: string | null;
  notice: string | null;
  alert_id: number | null;
  has_moved: boolean;
  moved_owner: string | null;
};

/** Reads a message as it is to be shown now; `null` when it, or every alert that it held, is gone. */
export async function findMessageView(db: Db, messageId: number, context: ViewContext): Promise<MessageView | null> {
  const { rows } = await sql<Row>`
    select
      m.id as message_id, m.kind as message_kind, m.owner_email as message_owner, m.detour, m.notice,
      coalesce(a.message_id <> m.id, false) as has_moved, other.owner_email as moved_owner,
      ${alertColumns}
    from messages m
    left join alert_messages held on held.message_id = m.id
    left join alerts a on a.id = held.alert_id
    left join messages other on other.id = a.message_id
    ${alertJoins(context.today)}
    where m.id = ${messageId}
    order by ${alertOrder}
  `.execute(db);
  const [first] = rows;
  if (!first) return null;
  const held = rows.filter((row): row is Row & AlertRow => row.alert_id !== null);
  if (held.length === 0 && first.message_kind !== 'notice') return null;
  const alerts = (await toAlerts(db, held, context)).map((alert, index): AlertView => {
    const row = held[index];
    return row?.has_moved ? { ...alert, movedTo: { ownerEmail: row.moved_owner } } : alert;
  });
  return {
    id: first.message_id,
    kind: first.message_kind,
    ownerEmail: first.message_owner,
    detour: first.detour,
    notice: first.notice,
    alerts: first.message_kind === 'alert' ? await withFacts(db, alerts, context) : alerts,
  };
}

/** Only a message about one open alert has room for facts. */
async function withFacts(db: Db, alerts: AlertView[], context: ViewContext): Promise<AlertView[]> {
  const [alert] = alerts;
  if (!alert || alerts.length > 1 || alert.movedTo || alert.state === 'resolved') return alerts;
  const indicator = context.indicators.find(({ id }) => id === alert.indicator);
  const invoiceId = alert.evidence.invoice?.id ?? null;
  const rule = indicator?.rules.find(({ forEach, subject }) =>
    invoiceId === null ? forEach === null && subject === alert.subject : forEach === 'invoice',
  );
  const templates = [...(rule?.facts ?? []), ...(indicator?.facts ?? [])];
  return [
    { ...alert, facts: await findAlertFacts(db, { accountId: alert.account.id, invoiceId }, templates, context) },
  ];
}
