import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tendAlerts } from '../../../jobs/tend-alerts.ts';
import { changeAlert, voteAlert } from '../../../src/db/alerts.ts';
import { finishTask, insertTask } from '../../../src/db/tasks.ts';
import { alertsAt, insertAlert, insertAlertMessage } from '../../alert-factories.ts';
import { maya, tom } from '../../bot.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { createTestDeps } from '../../deps.ts';
import { insertAccount } from '../../factories.ts';

let database: TestDatabase;
let alertId: number;
let messageId: number;

const mayaEmail = 'maya@bellwether.example';
const tomEmail = 'tom@bellwether.example';

beforeEach(async () => {
  database = await createTestDatabase();
  await insertAccount(database.db, { id: 'acme', csm_email: mayaEmail });
  alertId = await insertAlert(database.db, { account_id: 'acme' });
  ({ id: messageId } = await insertAlertMessage(database.db, { alertIds: [alertId] }));
});
afterEach(() => database.drop());

const later = (minutes: number) => new Date(alertsAt.getTime() + minutes * 60_000);
const sent = { status: 'sent', channel_id: 'D01', ts: '1.1', posted_at: alertsAt, recipient: mayaEmail } as const;
const markSent = () => database.db.updateTable('messages').set(sent).where('id', '=', messageId).execute();
const transitions = () =>
  database.db.selectFrom('alert_transitions').select(['from_state', 'to_state', 'by_user']).orderBy('id').execute();
const messages = () =>
  database.db.selectFrom('messages').select(['id', 'owner_email', 'status', 'version']).orderBy('id').execute();
const alert = () => database.db.selectFrom('alerts').selectAll().where('id', '=', alertId).executeTakeFirstOrThrow();

async function tend(now: Date) {
  const enqueued: string[] = [];
  const queue = {
    enqueue: async (name: string) => {
      enqueued.push(name);
    },
  };
  const done = await tendAlerts.run({}, await createTestDeps({ db: database.db, queue, now: () => now }));
  return { done, enqueued };
}

describe('changeAlert', () => {
  const acknowledge = (by: string) => changeAlert(database.db, { alertId, to: 'acknowledged', by, now: later(1) });

  test('changes the state once, with its transition, and has the message say so', async () => {
    expect(await acknowledge(maya)).toMatchObject({
      outcome: 'changed',
      alert: { state: 'acknowledged', changedBy: maya },
    });
    expect(await acknowledge(tom)).toMatchObject({ outcome: 'already', alert: { changedBy: maya } });
    expect(await transitions()).toEqual([{ from_state: 'active', to_state: 'acknowledged', by_user: maya }]);
    expect(await messages()).toMatchObject([{ version: 2 }]);
  });

  test('is one change when twenty press at the same time', async () => {
    const people = Array.from({ length: 20 }, (_, index) => `U${index}PERSON`);
    const outcomes = await Promise.all(people.map(acknowledge));
    expect(outcomes.filter(({ outcome }) => outcome === 'changed')).toHaveLength(1);
    expect(await transitions()).toHaveLength(1);
    const winner = outcomes.find(({ outcome }) => outcome === 'changed')?.alert?.changedBy;
    expect(new Set(outcomes.map(({ alert: told }) => told?.changedBy))).toEqual(new Set([winner]));
  });

  test('snoozes until a time, and again until another', async () => {
    const snooze = (until: Date | null) =>
      changeAlert(database.db, { alertId, to: 'snoozed', snoozedUntil: until, by: maya, now: later(1) });
    expect(await snooze(later(60))).toMatchObject({ outcome: 'changed' });
    expect(await snooze(later(60))).toMatchObject({ outcome: 'already' });
    expect(await snooze(null)).toMatchObject({ outcome: 'changed', alert: { snoozedUntil: null } });
    expect(await transitions()).toHaveLength(2);
  });

  test('leaves an ended alert alone, and tells of one that is not there', async () => {
    const ended = await insertAlert(database.db, { account_id: 'acme', subject: 'x', state: 'resolved' });
    const change = { to: 'acknowledged', by: maya, now: later(1) } as const;
    expect(await changeAlert(database.db, { ...change, alertId: ended })).toMatchObject({ outcome: 'ended' });
    expect(await changeAlert(database.db, { ...change, alertId: 999 })).toEqual({ outcome: 'gone', alert: null });
    expect(await transitions()).toEqual([]);
  });
});

describe('voteAlert', () => {
  test('counts the last word of each person, and touches the message only when it changes', async () => {
    const vote = (by: string, useful: boolean) => voteAlert(database.db, { alertId, by, useful, now: later(1) });
    expect([await vote(maya, true), await vote(maya, true), await vote(tom, false), await vote(maya, false)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    const votes = await database.db
      .selectFrom('alert_votes')
      .select(['slack_user_id', 'useful'])
      .orderBy('slack_user_id')
      .execute();
    expect(votes).toEqual([
      { slack_user_id: maya, useful: false },
      { slack_user_id: tom, useful: false },
    ]);
    expect(await messages()).toMatchObject([{ version: 4 }]);
    expect(await voteAlert(database.db, { alertId: 999, by: maya, useful: true, now: later(1) })).toBe(false);
  });
});

describe('tend-alerts', () => {
  test('asks again in a new message when a snooze is over, and not before', async () => {
    await markSent();
    await changeAlert(database.db, { alertId, to: 'snoozed', snoozedUntil: later(60), by: maya, now: later(1) });
    expect(await tend(later(59))).toEqual({ done: { woken: 0, moved: 0 }, enqueued: [] });
    expect(await tend(later(60))).toEqual({ done: { woken: 1, moved: 0 }, enqueued: ['deliver-messages'] });
    expect(await tend(later(61))).toMatchObject({ done: { woken: 0 } });
    const [old, fresh] = await messages();
    expect(old).toMatchObject({ id: messageId, status: 'sent', version: 3 });
    expect(fresh).toMatchObject({ owner_email: mayaEmail, status: 'waiting' });
    expect(await alert()).toMatchObject({
      state: 'active',
      message_id: fresh?.id,
      changed_by: null,
      snoozed_until: null,
    });
  });

  test('does not ask again about one that is snoozed until it changes', async () => {
    await changeAlert(database.db, { alertId, to: 'snoozed', snoozedUntil: null, by: maya, now: later(1) });
    expect(await tend(later(1_000_000))).toMatchObject({ done: { woken: 0 } });
  });

  test('moves open alerts to the new CSM: a new message there, and the old one is to say so', async () => {
    await markSent();
    await database.db.updateTable('accounts').set({ csm_email: tomEmail }).execute();
    expect(await tend(later(1))).toMatchObject({ done: { moved: 1 } });
    expect(await tend(later(2))).toMatchObject({ done: { moved: 0 } });
    const [old, fresh] = await messages();
    expect(old).toMatchObject({ status: 'sent', version: 2, owner_email: mayaEmail });
    expect(fresh).toMatchObject({ status: 'waiting', owner_email: tomEmail });
    expect((await alert()).message_id).toBe(fresh?.id);
  });

  test('moves what is to be done about them, too, unless it is done or somebody else has it', async () => {
    await markSent();
    const task = {
      key: null,
      accountId: 'acme',
      alertId,
      title: 'Call them',
      due: null,
      createdBy: null,
      now: later(0),
    };
    const tasks: number[] = [];
    for (const assigneeEmail of [mayaEmail, 'ana@bellwether.example', mayaEmail]) {
      const made = await insertTask(database.db, { ...task, assigneeEmail });
      tasks.push(made?.task.id ?? 0);
    }
    await finishTask(database.db, tasks[2] ?? 0, maya, later(0));
    await database.db.updateTable('accounts').set({ csm_email: tomEmail }).execute();
    await tend(later(1));
    const assignees = await database.db.selectFrom('tasks').select('assignee_email').orderBy('id').execute();
    expect(assignees.map(({ assignee_email }) => assignee_email)).toEqual([
      tomEmail,
      'ana@bellwether.example',
      mayaEmail,
    ]);
  });

  test('moves there and back again', async () => {
    await markSent();
    for (const [minute, email] of [tomEmail, mayaEmail].entries()) {
      await database.db.updateTable('accounts').set({ csm_email: email }).execute();
      await tend(later(minute));
      await database.db
        .updateTable('messages')
        .set({ ...sent, ts: `2.${minute}` })
        .where('status', '=', 'waiting')
        .execute();
    }
    expect((await messages()).map(({ owner_email }) => owner_email)).toEqual([mayaEmail, tomEmail, mayaEmail]);
  });

  test('sends what nobody has seen yet to the new CSM instead', async () => {
    await database.db.updateTable('accounts').set({ csm_email: tomEmail }).execute();
    await tend(later(1));
    expect(await messages()).toEqual([{ id: messageId, owner_email: tomEmail, status: 'waiting', version: 1 }]);
  });

  test('moves an alert that had no CSM, once there is one', async () => {
    await database.db
      .updateTable('messages')
      .set({ ...sent, owner_email: null, recipient: '#C01CSTEAM00' })
      .execute();
    await tend(later(1));
    expect(await messages()).toMatchObject([{ owner_email: null }, { owner_email: mayaEmail, status: 'waiting' }]);
  });

  test('leaves ended alerts where they are', async () => {
    await markSent();
    await database.db.updateTable('alerts').set({ state: 'resolved', resolution: 'cleared' }).execute();
    await database.db.updateTable('accounts').set({ csm_email: tomEmail }).execute();
    expect(await tend(later(1))).toMatchObject({ done: { moved: 0 } });
  });
});
