import { afterEach, beforeEach, expect, test } from 'vitest';
import { upsertPreferences } from '../../../src/db/alert-preferences.ts';
import { insertAlertMessage } from '../../alert-factories.ts';
import { maya } from '../../bot.ts';
import { fallback, type Office, openOffice } from './kit.ts';

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

const email = 'maya@bellwether.example';
const quietHours = { from: '19:00', to: '08:00' };
const office9to5 = { quietHours, quietWeekend: true, digestAt: null };
const chosen = (overrides: Partial<Parameters<typeof upsertPreferences>[2]>) =>
  upsertPreferences(office.db, email, { ...office9to5, ...overrides }, office.now());
// Maya's clock shows one hour more.
const tuesdayNight = '2026-11-24T22:00:00Z';
const dueAts = async () =>
  (await office.db.selectFrom('messages').select('due_at').where('status', '=', 'waiting').orderBy('id').execute()).map(
    ({ due_at }) => due_at.toISOString(),
  );
const alert = (overrides: Parameters<typeof insertAlertMessage>[1] = {}) =>
  insertAlertMessage(office.db, { due_at: office.now(), ...overrides });

test('at night an alert waits for the morning, by the time zone that Slack tells; one of high severity does not', async () => {
  await chosen({});
  office.turnTo(tuesdayNight);
  const medium = await alert();
  const high = await alert({ severity: 'high' });
  expect(await office.deliver()).toMatchObject({ posted: 1, postponed: 1, next: new Date('2026-11-25T07:00:00Z') });
  expect(office.seen(maya)).toEqual([`alert: account-${high.id} active`]);
  office.turnTo('2026-11-25T06:59:59Z');
  expect(await office.deliver()).toMatchObject({ posted: 0 });
  office.turnTo('2026-11-25T07:00:00Z');
  await office.deliverAll();
  expect(office.seen(maya)[1]).toBe(`alert: account-${medium.id} active`);
});

test("who chose nothing has the pack's quiet times; a channel has none", async () => {
  const settings = { quietHours, quietWeekend: true, digestAt: '09:00', holdAbovePercent: 20, holdFromAccounts: 10 };
  office.turnTo('2026-11-28T11:00:00Z');
  await alert();
  await alert({ owner_email: null });
  await office.deliver({ settings });
  expect(office.seen(maya)).toEqual([]);
  expect(office.seen(fallback)).toHaveLength(1);
  expect(await dueAts()).toEqual(['2026-11-30T07:00:00.000Z']);
});

test('what ended while it waited is never sent, and an edit never waits', async () => {
  await chosen({});
  const sent = await alert();
  await office.deliverAll();
  office.turnTo(tuesdayNight);
  const waiting = await alert();
  await office.deliver();
  const ids = [...waiting.alertIds, ...sent.alertIds];
  await office.db
    .updateTable('alerts')
    .set({ state: 'resolved', resolution: 'cleared' })
    .where('id', 'in', ids)
    .execute();
  await office.db
    .updateTable('messages')
    .set((is) => ({ version: is('version', '+', 1) }))
    .execute();
  await office.deliver();
  expect(office.seen(maya)).toEqual([`alert: account-${sent.id} resolved`]);
  office.turnTo('2026-11-25T08:00:00Z');
  expect(await office.deliver()).toMatchObject({ posted: 0, cancelled: 1, next: null });
});

test('other quiet times hold for what waits already', async () => {
  await chosen({});
  office.turnTo(tuesdayNight);
  await alert();
  await office.deliver();
  await chosen({ quietHours: { from: '20:00', to: '06:00' } });
  await office.deliver();
  expect(await dueAts()).toEqual(['2026-11-25T05:00:00.000Z']);
  await chosen({ quietHours: null });
  expect(await office.deliver()).toMatchObject({ posted: 1 });
});

test('a person who travels is left in peace where they are', async () => {
  await chosen({});
  office.turnTo(tuesdayNight);
  await alert();
  await office.deliver();
  const person = office.slack.workspace.users.find(({ id }) => id === maya);
  if (person) person.tz = 'America/New_York';
  office.turnTo('2026-11-25T07:00:00Z');
  expect(await office.deliver()).toMatchObject({ posted: 0, postponed: 1 });
  expect(await dueAts()).toEqual(['2026-11-25T13:00:00.000Z']);
});

test('a person whose time zone Slack does not tell has that of the deployment', async () => {
  Object.assign(office.slack.workspace.users.find(({ id }) => id === maya) ?? {}, { tz: undefined });
  await chosen({});
  office.turnTo('2026-11-24T18:30:00Z');
  await alert();
  expect(await office.deliver({ timeZone: 'UTC' })).toMatchObject({ posted: 1 });
});

test('a digest is one message a day of all that is not of high severity', async () => {
  await chosen({ digestAt: '09:00' });
  const [first, high, second] = [await alert(), await alert({ severity: 'high' }), await alert()];
  await office.deliverAll();
  expect(office.seen(maya)).toEqual([`alert: account-${high.id} active`]);
  expect(await dueAts()).toEqual(['2026-11-25T08:00:00.000Z', '2026-11-25T08:00:00.000Z']);
  office.turnTo('2026-11-25T08:00:00Z');
  await office.deliverAll();
  expect(office.seen(maya)[1]).toBe(`digest: account-${first.id} active, account-${second.id} active`);
  expect(office.posts()).toHaveLength(2);
});

test('a digest of one alert is that alert; on Friday the next is that of Monday', async () => {
  await chosen({ digestAt: '09:00' });
  office.turnTo('2026-11-27T12:00:00Z');
  const { id } = await alert();
  await office.deliver();
  expect(await dueAts()).toEqual(['2026-11-30T08:00:00.000Z']);
  office.turnTo('2026-11-30T08:00:30Z');
  await office.deliverAll();
  expect(office.seen(maya)).toEqual([`alert: account-${id} active`]);
});

test('who gives the digest up gets at once what waited for it', async () => {
  await chosen({ digestAt: '09:00' });
  await alert();
  await office.deliver();
  await chosen({ digestAt: null });
  expect(await office.deliver()).toMatchObject({ posted: 1, next: null });
});

test('many of one night are one group in the morning', async () => {
  await chosen({});
  office.turnTo(tuesdayNight);
  for (let count = 0; count < 5; count += 1) await alert();
  await office.deliver();
  office.turnTo('2026-11-25T07:00:00Z');
  await office.deliverAll();
  expect(office.seen(maya)).toHaveLength(1);
  expect(office.seen(maya)[0]).toMatch(/^group: (account-\d+ active(, )?){5}$/);
});

test('what comes in while a burst is gathered at night waits all the same', async () => {
  await chosen({});
  office.turnTo(tuesdayNight);
  for (let count = 0; count < 4; count += 1) await alert({ severity: 'high' });
  const slack = office.client(async (method) => {
    if (method === 'users.info') await alert();
    await office.db.updateTable('messages').set({ recipient: email }).execute();
  });
  await office.deliver({ slack });
  await office.deliverAll();
  expect(office.seen(maya)).toEqual([expect.stringMatching(/^group: (account-\d+ active(, )?){4}$/)]);
  expect(await dueAts()).toEqual(['2026-11-25T07:00:00.000Z']);
});
