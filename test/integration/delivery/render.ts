import type { Db } from '../../../src/db/types.ts';
import type { Render } from '../../../src/slack/delivery.ts';

/**
 * What the tests' messages say: their kind, and the account and state of each alert in them, `alert: account-7 active`.
 * `null` without an alert.
 */
export async function renderPlainly(db: Db, message: Parameters<Render>[0]): ReturnType<Render> {
  if (message.notice !== null) return { text: `notice: ${message.notice}` };
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
