import type { Db } from '../../../src/db/types.ts';
import type { Render } from '../../../src/slack/delivery.ts';

/**
 * What the tests' messages say: their kind, and the account and state of each alert in them, `alert: account-7 active`; of a
 * ticket its status, of a reply what was said. `null` without an alert.
 */
export async function renderPlainly(db: Db, message: Parameters<Render>[0]): ReturnType<Render> {
  if (message.notice !== null) return { text: `notice: ${message.notice}` };
  if (message.kind.startsWith('ticket')) return renderTicket(db, message);
  const alerts = await db
    .selectFrom('alert_messages')
    .innerJoin('alerts', 'alerts.id', 'alert_messages.alert_id')
    .select(['account_id', 'state'])
    .where('alert_messages.message_id', '=', message.id)
    .orderBy('alerts.id')
    .execute();
  if (alerts.length === 0) return null;
  const text = `${message.kind}: ${alerts.map(({ account_id, state }) => `${account_id} ${state}`).join(', ')}`;
  return { text, blocks: [{ type: 'section', text: { type: 'plain_text', text } }] };
}

async function renderTicket(db: Db, { id, kind }: Parameters<Render>[0]): ReturnType<Render> {
  const {
    status,
    author_name: name,
    text: said,
  } = await db
    .selectFrom('messages')
    .innerJoin('tickets', 'tickets.id', 'messages.ticket_id')
    .leftJoin('ticket_messages', 'ticket_messages.id', 'ticket_message_id')
    .select(['tickets.status', 'author_name', 'text'])
    .where('messages.id', '=', id)
    .executeTakeFirstOrThrow();
  const text = `${kind} ${id}: ${said ?? status}`;
  return { text, ...(name !== null && { as: { name, otherwise: { text: `${name} says ${text}` } } }) };
}
