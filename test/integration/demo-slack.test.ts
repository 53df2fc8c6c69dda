import { expect, it, onTestFinished } from 'vitest';
import { forgetSlack } from '../../simulator/demo/slack.ts';
import type { Db } from '../../src/db/types.ts';
import { alertsAt, insertAlert, insertAlertMessage } from '../alert-factories.ts';
import { createTestDatabase } from '../database.ts';

const now = new Date('2026-11-25T10:00:00Z');
const posted = {
  status: 'sent',
  recipient: 'maya@bellwether.example',
  channel_id: 'D0OLD',
  posting_at: alertsAt,
  posted_at: alertsAt,
  shown_version: 1,
} as const;

let lastTs = 0;
const ts = () => `1.${++lastTs}`;

async function insertRenewal(db: Db, state: 'open' | 'renewed'): Promise<number> {
  const account = `renewal-${state}`;
  await db.insertInto('accounts').values({ id: account, name: account }).execute();
  const date = '2026-12-31';
  const { id } = await db
    .insertInto('renewals')
    .values({
      account_id: account,
      armed_for: date,
      renewal_date: date,
      state,
      opened_at: alertsAt,
      changed_at: alertsAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

it('forgetSlack has what is open posted anew, and lets go of all else', async () => {
  const { db, drop } = await createTestDatabase();
  onTestFinished(drop);
  const alert = await insertAlertMessage(db, { ...posted, ts: ts(), attempts: 2, last_error: 'message_not_found' });
  const begun = await insertAlertMessage(db, { channel_id: 'D0OLD', posting_at: alertsAt });
  const resolved = await insertAlert(db, { account_id: 'done', state: 'resolved' });
  const ended = await insertAlertMessage(db, { status: 'cancelled', alertIds: [resolved] });
  const notice = await insertAlertMessage(db, { ...posted, ts: ts(), kind: 'notice', notice: 'Too much changed.' });
  const open = await insertRenewal(db, 'open');
  const renewed = await insertRenewal(db, 'renewed');
  const renewal = { ...posted, kind: 'renewal', alertIds: [] } as const;
  const first = await insertAlertMessage(db, { ...renewal, ts: ts(), renewal_id: open });
  const second = await insertAlertMessage(db, { ...renewal, ts: ts(), renewal_id: open });
  const over = await insertAlertMessage(db, { ...renewal, ts: ts(), renewal_id: renewed });
  await db.insertInto('recipients').values({ recipient: posted.recipient, channel_id: 'D0OLD' }).execute();

  await forgetSlack(db, now);

  const rows = await db
    .selectFrom('messages')
    .select(['id', 'status', 'due_at', 'channel_id', 'posting_at', 'ts', 'posted_at', 'shown_version', 'attempts'])
    .orderBy('id')
    .execute();
  const fresh = { channel_id: null, posting_at: null, ts: null, posted_at: null, shown_version: 0, attempts: 0 };
  expect(rows).toEqual([
    { ...fresh, id: alert.id, status: 'waiting', due_at: now },
    { ...fresh, id: begun.id, status: 'waiting', due_at: alertsAt },
    { ...fresh, id: ended.id, status: 'cancelled', due_at: alertsAt },
    { ...fresh, id: notice.id, status: 'cancelled', due_at: now },
    { ...fresh, id: first.id, status: 'cancelled', due_at: now },
    { ...fresh, id: second.id, status: 'waiting', due_at: now },
    { ...fresh, id: over.id, status: 'cancelled', due_at: now },
  ]);
  expect(await db.selectFrom('recipients').selectAll().execute()).toEqual([]);
});
