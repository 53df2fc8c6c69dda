import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  FINISH_RENEWAL_TASK,
  LOST_RENEWAL,
  MOVE_RENEWAL,
  RENEWED,
  renewalMessage,
  SHOW_RENEWAL_USE,
  writeRenewalPlace,
} from '../../../blocks/renewal-card.ts';
import { NEXT_RENEWALS, RENEWALS_PAGE_SIZE } from '../../../blocks/renewal-list.ts';
import { deliverMessages } from '../../../jobs/deliver-messages.ts';
import { remindRenewals } from '../../../jobs/remind-renewals.ts';
import type { PageMessage } from '../../../simulator/types.ts';
import { countEvents } from '../../../src/db/count-events.ts';
import { equationsOf } from '../../../src/playbook/equations.ts';
import { readBrief } from '../../../src/renewals/read-brief.ts';
import { postMessage } from '../../../src/slack/messages.ts';
import { insertAlert, insertAlertMessage } from '../../alert-factories.ts';
import { acmeShared, csTeam, general, guest, maya, startTestBot, type TestBot, tom, wordsOf } from '../../bot.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount, insertEvents, insertScore } from '../../factories.ts';
import { createTestPlaybook } from '../../playbook.ts';

const playbook = createTestPlaybook();
const mayasEmail = 'maya@bellwether.example';
const tomsEmail = 'tom@bellwether.example';

let database: TestDatabase;
let bot: TestBot;
let time: Date;
beforeEach(async () => {
  database = await createTestDatabase();
  // A Wednesday, two months before 31 August 2027.
  time = new Date('2027-06-30T10:00:00Z');
  bot = await startTestBot({ db: database.db, playbook, now: () => time }, { now: () => time });
});
afterEach(async () => {
  await bot.close();
  await database.drop();
});

const acme = (given = {}) =>
  insertAccount(database.db, {
    id: 'acme',
    name: 'Acme Corp',
    csm_email: mayasEmail,
    arr: 120_000,
    renewal_date: '2027-08-31',
    ...given,
  });
const remind = () => remindRenewals.run({}, bot.deps);
/** Delivers what is due, some seconds on. */
async function deliver(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    time = new Date(time.getTime() + 2_000);
    await deliverMessages.run({}, bot.deps);
  }
}
const at = (day: string) => {
  time = new Date(`${day}T10:00:00Z`);
};
const seenIn = (channel: string, user = maya) =>
  bot.slack.messages(channel, user).filter(({ bot_id }) => bot_id !== null);
const dm = (user = maya) => seenIn(bot.slack.dm(user), user);
const newest = (messages: PageMessage[]) => {
  const found = messages.at(-1);
  if (!found) throw new Error('there is no message');
  return found;
};
const words = (message: PageMessage | undefined) => wordsOf(message).join('\n');
const account = (id = 'acme') =>
  database.db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const renewals = () => database.db.selectFrom('renewals').selectAll().orderBy('id').execute();
const changes = () => database.db.selectFrom('renewal_changes').selectAll().orderBy('id').execute();
const tasks = () => database.db.selectFrom('tasks').selectAll().orderBy('id').execute();
const segments = () => database.db.selectFrom('account_segments').selectAll().execute();

/** The newest message about a renewal as somebody sees it in a channel that it was not sent to. */
async function postedIn(channel: string): Promise<PageMessage> {
  const { id } = await database.db.selectFrom('messages').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow();
  const today = time.toISOString().slice(0, 10);
  const brief = await readBrief(database.db, id, { today, now: time, timeZone: 'UTC', settings: playbook.renewals });
  if (!brief) throw new Error('there is nothing to say');
  const ts = await postMessage(bot.deps.slack, channel, renewalMessage(brief, { pack: playbook, today }));
  const found = bot.slack.messages(channel, maya).find((message) => message.ts === ts);
  if (!found) throw new Error('Maya does not see the message');
  return found;
}

async function reminded(given = {}): Promise<PageMessage> {
  await acme(given);
  await remind();
  await deliver();
  return newest(dm());
}

describe('the first reminder', () => {
  test('puts the account into the segment, opens a task and sends the brief, all once', async () => {
    const message = await reminded({ slack_channel_id: acmeShared, traits: JSON.stringify({ active_champion: true }) });
    await remind();
    await deliver();
    expect(dm()).toHaveLength(1);
    expect(await segments()).toEqual([{ account_id: 'acme', segment: 'upcoming-renewal' }]);
    expect(await tasks()).toMatchObject([
      {
        key: 'renewal:acme:2027-08-31',
        assignee_email: mayasEmail,
        due: '2027-08-31',
        created_by: null,
        done_at: null,
      },
    ]);
    const said = words(message);
    for (const part of [
      '🔁 Renewal · Acme Corp',
      'Renews *31 Aug 2027 (in 62 days)*',
      'ARR *$120,000*',
      'Health: ⚪ no data',
      'Champion: active',
      `Shared channel: <#${acmeShared}>`,
      'Open alerts: none',
      'Open tickets: 0 · other open tasks: 0',
      `📌 Task for ${mayasEmail}, due 31 Aug 2027 (in 62 days)`,
      '*Events*: no data of the last 12 months',
    ])
      expect(said).toContain(part);
    expect(said).not.toContain('Quiet');
    expect(bot.failures).toEqual([]);
  });

  test('shows what was used, how it may go on, the score and its change, alerts and tasks', async () => {
    await acme();
    await database.db.insertInto('users').values({ account_id: 'acme', id: 'u1' }).execute();
    const months = Array.from({ length: 12 }, (_, index) => new Date(Date.UTC(2026, 5 + index, 10)).toISOString());
    await insertEvents(database.db, [
      { account_id: 'acme', id: 'login', name: 'login', occurred_at: '2027-03-01T00:00:00Z', user_id: 'u1' },
      ...months.map((occurred_at, index) => ({
        account_id: 'acme',
        id: `use ${index}`,
        name: 'usage reported',
        occurred_at,
        properties: { events: 1000 + index * 100 },
      })),
    ]);
    await countEvents(database.db, { metrics: equationsOf(playbook), timeZone: 'UTC', now: time });
    await insertScore(database.db, playbook, { account: 'acme', day: '2027-04-01', metrics: { logins_7d: 5 } });
    await insertScore(database.db, playbook, { account: 'acme', day: '2027-06-30', metrics: { logins_7d: 2 } });
    await insertAlert(database.db, {});
    await remind();
    await deliver();
    const said = words(newest(dm()));
    for (const part of [
      '⚠️ *Quiet*: nobody was seen and nobody talked with them in the last 30 days.',
      '*Events* in the 12 months to May 2027: *18,600*',
      '▄▅▅▅▆▆▆▇▇▇██  Jun 2026 to May 2027, last month 2,100',
      'Projected on a straight line through these months: *2,400* a month by the renewal date, *3,600* a month twelve months on',
      '(tried on the last three months it was wrong by 0%)',
      '/ 10 🟡 Concerning · ▼ 5.0 in 90 days',
      'Open alerts: 🔴 few_logins',
    ])
      expect(said).toContain(part);
  });

  test('goes to the fallback channel where the account has no CSM, and says why', async () => {
    await acme({ csm_email: null });
    await remind();
    await deliver();
    const said = words(newest(seenIn(csTeam)));
    expect(said).toContain('This is here because the account has no CSM.');
    expect(said).toContain('Task for nobody yet');
  });

  test('waits for the end of the quiet hours, and says what is so then', async () => {
    await acme();
    time = new Date('2027-06-30T03:00:00Z');
    await remind();
    await deliver();
    expect(dm()).toHaveLength(0);
    await database.db.updateTable('accounts').set({ arr: 90_000 }).execute();
    at('2027-06-30');
    await deliver();
    expect(words(newest(dm()))).toContain('ARR *$90,000*');
  });

  test('is not sent when the contract has ended before it could be', async () => {
    await acme();
    time = new Date('2027-06-30T03:00:00Z');
    await remind();
    await bot.ask(maya, csTeam, '/cs renew acme renewed');
    at('2027-06-30');
    await deliver();
    expect(dm()).toHaveLength(0);
    expect(await database.db.selectFrom('messages').select('status').execute()).toEqual([{ status: 'cancelled' }]);
  });
});

describe('later reminders', () => {
  test('are messages of their own, and the one before says so', async () => {
    const first = await reminded();
    at('2027-07-30');
    await remind();
    await deliver();
    expect(dm()).toHaveLength(2);
    const [before, now] = dm();
    expect(before?.ts).toBe(first.ts);
    expect(words(before)).toContain('There is a newer message about this renewal.');
    expect(words(now)).toContain('(in 32 days)');
    expect(await tasks()).toHaveLength(1);
  });

  test('stop with the task', async () => {
    const message = await reminded();
    expect(await bot.press(maya, message, FINISH_RENEWAL_TASK)).toEqual([]);
    await deliver();
    expect(words(newest(dm()))).toContain(`✅ Task for ${mayasEmail}, done by <@${maya}>; no more reminders`);
    for (const day of ['2027-07-30', '2027-08-17', '2027-08-24']) {
      at(day);
      await remind();
    }
    await deliver();
    expect(dm()).toHaveLength(1);
    const steps = await database.db.selectFrom('renewal_steps').select(['step', 'outcome']).orderBy('at').execute();
    expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      'first sent',
      '1 month skipped',
      '2 weeks skipped',
      '1 week skipped',
    ]);
  });

  test('and the task go to the new CSM when the account is given to another', async () => {
    await reminded();
    await database.db.updateTable('accounts').set({ csm_email: tomsEmail }).execute();
    time = new Date('2027-07-05T10:00:00Z');
    await remind();
    await remind();
    await deliver();
    expect(dm(tom)).toHaveLength(1);
    expect(words(newest(dm(tom)))).toContain(`Task for ${tomsEmail}`);
    expect(words(newest(dm()))).toContain(`Now with ${tomsEmail}.`);
    expect(dm()).toHaveLength(1);
  });

  test('and the task go to the new CSM at once when the account comes back after it churned', async () => {
    await reminded();
    const churned = { account_id: 'acme', segment: 'churned' };
    await database.db.insertInto('account_segments').values(churned).execute();
    await database.db.updateTable('accounts').set({ csm_email: tomsEmail }).execute();
    at('2027-07-05');
    await remind();
    expect(await renewals()).toMatchObject([{ state: 'churned' }]);
    await database.db.deleteFrom('account_segments').where('segment', '=', 'churned').execute();
    at('2027-07-06');
    await remind();
    expect(await tasks()).toMatchObject([{ done_at: null, assignee_email: tomsEmail }]);
    await remind();
    await deliver();
    expect(dm(tom)).toHaveLength(1);
    expect(dm()).toHaveLength(1);
  });

  test('after the date ask what became of it, without another message', async () => {
    await reminded();
    at('2027-09-01');
    await remind();
    await deliver();
    expect(dm()).toHaveLength(1);
    expect(words(newest(dm()))).toContain('The renewal date *31 Aug 2027 (1 day ago)* has passed. What became of it?');
    expect(await segments()).toEqual([]);
    expect(await tasks()).toMatchObject([{ done_at: null }]);
    const [list] = await bot.ask(maya, csTeam, '/cs renewals');
    expect(words(list)).toContain('what became of it?');
  });
});

describe('Renewed, Lost and Moved', () => {
  test('Renewed advances the date by a year, ends the task and leaves the segment; the second is told who was first', async () => {
    await acme({ csm_email: null });
    await remind();
    await deliver();
    const message = newest(seenIn(csTeam));
    const answers = await Promise.all([maya, tom].map((user) => bot.press(user, message, RENEWED)));
    expect(answers.flat().map(({ text }) => text)).toEqual([
      expect.stringMatching(/^<@U\w+> has said already that it is renewed\./),
    ]);
    expect(await account()).toMatchObject({ renewal_date: '2028-08-31' });
    expect(await renewals()).toMatchObject([{ state: 'renewed', renewal_date: '2027-08-31', next_date: '2028-08-31' }]);
    const [{ changed_by: by } = { changed_by: null }] = await renewals();
    expect([maya, tom]).toContain(by);
    expect((await changes()).map(({ state }) => state)).toEqual(['open', 'renewed']);
    expect(await tasks()).toMatchObject([{ done_by: by }]);
    expect(await segments()).toEqual([]);
    await deliver();
    // An answer for her eyes only may stand below it.
    const said = words(seenIn(csTeam).find(({ ts }) => ts === message.ts));
    expect(said).toContain(`*Renewed* by <@${by}>`);
    expect(said).toContain('The renewal date was 31 Aug 2027 and is now 31 Aug 2028.');
    expect(said).not.toContain('Lost');
    await remind();
    expect(await renewals()).toHaveLength(1);
    expect(bot.failures).toEqual([]);
  });

  test.each([
    ['renewed', '31 Aug 2028'],
    ['moved 2027-11-30', '30 Nov 2027'],
  ])('/cs renew acme %s shows the new date in open alerts, and no others', async (said, date) => {
    await acme();
    const open = await insertAlertMessage(database.db, { alertIds: [await insertAlert(database.db, {})] });
    const ended = await insertAlert(database.db, { indicator: 'other', state: 'resolved' });
    const before = await insertAlertMessage(database.db, { alertIds: [ended] });
    const foreign = await insertAlert(database.db, { account_id: 'globex' });
    const other = await insertAlertMessage(database.db, { alertIds: [foreign] });
    await deliver();
    const card = () => dm().find((message) => words(message).includes('renews *'));
    expect(words(card())).toContain('renews *31 Aug 2027*');
    const { ts } = card() ?? {};
    const versions = async () => {
      const rows = await database.db.selectFrom('messages').select(['id', 'version']).execute();
      return new Map(rows.map(({ id, version }) => [id, version]));
    };
    const was = await versions();
    await bot.ask(maya, csTeam, `/cs renew acme ${said}`);
    const is = await versions();
    expect(is.get(open.id)).toBe((was.get(open.id) ?? 0) + 1);
    for (const { id } of [before, other]) expect(is.get(id)).toBe(was.get(id));
    await deliver();
    expect(card()?.ts).toBe(ts);
    expect(words(card())).toContain(`renews *${date}*`);
  });

  test('Lost ends the reminders and leaves the date', async () => {
    const message = await reminded();
    expect(await bot.press(maya, message, LOST_RENEWAL)).toEqual([]);
    await deliver();
    expect(words(newest(dm()))).toContain(`*Lost* by <@${maya}>`);
    expect(await account()).toMatchObject({ renewal_date: '2027-08-31' });
    at('2027-07-30');
    await remind();
    await deliver();
    expect(dm()).toHaveLength(1);
  });

  test('the calendar moves the date; a week or more begins anew', async () => {
    const message = await reminded();
    const move = (date: string, { ts } = message, id = 1) =>
      bot.slack.act(
        maya,
        { channel: message.channel, ts },
        {
          block_id: writeRenewalPlace(id),
          action_id: MOVE_RENEWAL,
          selected_date: date,
        },
      );
    await move('2027-09-03');
    expect(await renewals()).toMatchObject([{ state: 'open', renewal_date: '2027-09-03', armed_for: '2027-08-31' }]);
    expect(await tasks()).toMatchObject([{ due: '2027-09-03', done_at: null }]);
    await move('2027-11-30');
    expect(await account()).toMatchObject({ renewal_date: '2027-11-30' });
    expect(await renewals()).toMatchObject([{ state: 'moved', next_date: '2027-11-30', changed_by: maya }]);
    await deliver();
    expect(words(newest(dm()))).toContain(`The renewal date was 3 Sep 2027 and is now 30 Nov 2027 by <@${maya}>`);
    expect(await segments()).toEqual([]);
    at('2027-09-30');
    await remind();
    await deliver();
    expect(dm()).toHaveLength(2);
    expect(await tasks()).toHaveLength(2);
    await move('2027-09-01', newest(dm()), 2);
    const told = () => bot.slack.ephemerals(message.channel, maya).at(-1)?.text ?? '';
    await bot.slack.waitFor(() => told() !== '', 5_000);
    expect(told()).toContain('2027-09-01 is past');
  });

  test.each([RENEWED, LOST_RENEWAL, FINISH_RENEWAL_TASK, SHOW_RENEWAL_USE])(
    '%s does nothing for a guest, nor in a channel that is shared with outsiders',
    async (id) => {
      await reminded();
      expect((await bot.press(guest, await postedIn(general), id))[0]?.text).toMatch(/^Sorry, .*guest/);
      const shared = await bot.press(maya, await postedIn(acmeShared), id);
      expect(shared[0]?.text).toMatch(/^Sorry, .*shared with people outside/);
      expect(await renewals()).toMatchObject([{ state: 'open' }]);
      expect(await tasks()).toMatchObject([{ done_at: null }]);
    },
  );

  test('may be pressed by any full member, and is done once by two at once', async () => {
    await reminded();
    const message = await postedIn(csTeam);
    const answers = await Promise.all([maya, tom].map((user) => bot.press(user, message, FINISH_RENEWAL_TASK)));
    expect(answers.flat().map(({ text }) => text)).toEqual([expect.stringContaining('did it already')]);
    const [{ done_by: by } = { done_by: null }] = await tasks();
    expect([maya, tom]).toContain(by);
  });

  test('that cannot be stored is not acknowledged to Slack', async () => {
    await reminded();
    const message = await postedIn(csTeam);
    await database.db.schema.alterTable('renewal_changes').renameTo('not_there').execute();
    const outcome = await bot.slack.press(maya, { channel: csTeam, ts: message.ts }, RENEWED);
    expect(outcome).toMatchObject({ ok: false });
    expect(await account()).toMatchObject({ renewal_date: '2027-08-31' });
    expect(bot.failures).toHaveLength(1);
  });

  test('of a contract that is gone is answered clearly', async () => {
    const message = await reminded();
    await database.db.deleteFrom('accounts').execute();
    for (const id of [RENEWED, LOST_RENEWAL, FINISH_RENEWAL_TASK])
      expect((await bot.press(maya, message, id)).at(-1)?.text).toMatch(/no longer there/);
    expect(bot.failures).toEqual([]);
  });
});

describe('Picture of use', () => {
  test('is uploaded into the thread of the person’s pictures, or says that there is none', async () => {
    const message = await reminded();
    expect((await bot.press(maya, message, SHOW_RENEWAL_USE))[0]?.text).toContain('no data of the last 12 months');
    await insertEvents(database.db, [
      {
        account_id: 'acme',
        id: '1',
        name: 'usage reported',
        occurred_at: '2027-05-10T00:00:00Z',
        properties: { events: 7 },
      },
    ]);
    await countEvents(database.db, { metrics: equationsOf(playbook), timeZone: 'UTC', now: time });
    const [answer] = await bot.press(maya, message, SHOW_RENEWAL_USE);
    expect(answer?.blocks.map(({ type }) => type)).toEqual(['context', 'image']);
    expect(bot.failures).toEqual([]);
  });
});

describe('/cs renewals', () => {
  test('lists one’s own of four months by date, with their ARR and tasks', async () => {
    await reminded();
    await acme({ id: 'later', name: 'Later', renewal_date: '2027-10-30', arr: 30_000 });
    await acme({ id: 'far', renewal_date: '2027-10-31' });
    await acme({
      id: 'euro',
      name: 'Euro',
      renewal_date: '2027-07-31',
      arr: 10,
      currency: 'EUR',
      csm_email: tomsEmail,
    });
    const ask = async (line: string) => wordsOf((await bot.ask(maya, csTeam, line))[0]);
    const mine = await ask('/cs renewals');
    expect(mine[0]).toBe('Your renewals in the next 4 months: 2');
    expect(mine).toContain('ARR: *$150,000*');
    expect(mine.filter((line) => line.startsWith('*')).slice(0, 2)).toEqual([
      '*Acme Corp* · 31 Aug 2027 (in 62 days)',
      '*Later* · 30 Oct 2027 (in 122 days)',
    ]);
    expect(mine.join()).toContain(`task for ${mayasEmail}`);
    expect(mine.join()).toContain('not begun');
    expect((await ask('/cs renewals all next 5 months'))[0]).toBe('All renewals in the next 5 months: 4');
    expect(await ask('/cs renewals all')).toContain('ARR: *$150,000* + *€10*');
    expect((await ask('/cs renewals next 1 month'))[0]).toBe('Your renewals in the next 1 month: none');
    expect((await ask('/cs renewals tomorrow'))[0]).toContain('I understand `/cs renewals`');
    expect((await ask('/cs renewals next 99 months'))[0]).toContain('from 1 to 36 months');
  });

  test('turns its pages', async () => {
    for (let number = 0; number <= RENEWALS_PAGE_SIZE; number += 1)
      await acme({ id: `a${number}`, name: `Account ${number}` });
    const [list] = await bot.ask(maya, csTeam, '/cs renewals');
    const [next] = await bot.press(maya, list!, NEXT_RENEWALS);
    expect(wordsOf(next).filter((line) => line.startsWith('*Account'))).toHaveLength(1);
  });

  test('is for full members only, and not in a channel with outsiders', async () => {
    await acme();
    for (const line of ['/cs renewals all', '/cs renew acme lost']) {
      expect((await bot.ask(guest, general, line))[0]?.text).toMatch(/^Sorry, .*guest/);
      expect((await bot.ask(maya, acmeShared, line))[0]?.text).toMatch(/^Sorry, /);
    }
    expect(await renewals()).toEqual([]);
  });
});

describe('/cs renew', () => {
  const ask = async (line: string, user = maya) => (await bot.ask(user, csTeam, line))[0]?.text ?? '';

  test('renewed, until a date if one is given, with a note', async () => {
    await acme();
    expect(await ask('/cs renew acme renewed 2029-08-31 two years, 5 % off')).toBe(
      '*Acme Corp* is noted as renewed: the renewal date was 31 Aug 2027 and is now 31 Aug 2029.\n📝 two years, 5 % off',
    );
    expect(await renewals()).toMatchObject([{ state: 'renewed', note: 'two years, 5 % off', next_date: '2029-08-31' }]);
    at('2029-06-29');
    await remind();
    await deliver();
    expect(words(newest(dm()))).toContain('Last renewed for 31 Aug 2027: two years, 5 % off');
  });

  test.each(['the command', 'the button'])('renewed again after %s adds no other year', async (first) => {
    const message = await reminded();
    if (first === 'the command') await ask('/cs renew acme renewed');
    else await bot.press(maya, message, RENEWED);
    const told = await ask('/cs renew acme renewed and again', tom);
    expect(told).toMatch(new RegExp(`^<@${maya}> has said already that it is renewed \\(<!date`));
    expect(told).toContain('the renewal date is now 31 Aug 2028. Nothing is changed.');
    expect(told).toContain('`/cs renew acme renewed 2029-08-31`');
    expect(await ask('/cs renew acme renewed')).toMatch(/^You have said already/);
    expect(await account()).toMatchObject({ renewal_date: '2028-08-31' });
    expect((await changes()).map(({ state }) => state)).toEqual(['open', 'renewed']);
    expect(await ask('/cs renew acme renewed 2029-08-31')).toContain('was 31 Aug 2028 and is now 31 Aug 2029');
  });

  test('renewed is for another year once the date was moved since, or the next contract has begun', async () => {
    await acme();
    await ask('/cs renew acme renewed');
    await ask('/cs renew acme moved 2028-10-15');
    expect(await ask('/cs renew acme renewed')).toContain('was 15 Oct 2028 and is now 15 Oct 2029');
    at('2029-08-20');
    await remind();
    expect(await ask('/cs renew acme renewed')).toContain('was 15 Oct 2029 and is now 15 Oct 2030');
  });

  test('renewed once more after it was taken back is told the same', async () => {
    await reminded();
    await ask('/cs renew acme renewed');
    await ask('/cs renew acme moved 2027-08-31');
    time = new Date(time.getTime() + 60_000);
    await remind();
    expect(await ask('/cs renew acme renewed')).toContain('is now 31 Aug 2028');
    expect(await ask('/cs renew acme renewed')).toContain('You have said already that it is renewed (');
    expect(await account()).toMatchObject({ renewal_date: '2028-08-31' });
  });

  test('twice is told, and can be taken back by moving the date there again', async () => {
    await reminded();
    await ask('/cs renew acme renewed');
    expect(await ask('/cs renew acme moved 2027-08-31')).toContain('is now 31 Aug 2027');
    await remind();
    await deliver();
    expect(await renewals()).toMatchObject([
      { state: 'open', armed_for: '2027-08-31' },
      { state: 'moved', armed_for: '2028-08-31', next_date: '2027-08-31' },
    ]);
    expect(await tasks()).toMatchObject([{ done_at: null, done_by: null }]);
    expect(dm()).toHaveLength(1);
    expect(words(newest(dm()))).toContain('Renews *31 Aug 2027');
    expect(await ask('/cs renew acme lost')).toContain('noted as lost');
    expect(await ask('/cs renew acme lost', tom)).toContain(`<@${maya}> has said already that it is lost.`);
  });

  test('knows names of several words, and names with such a word in them', async () => {
    await acme();
    await acme({ id: 'lb', name: 'The Lost Boys' });
    expect(await ask('/cs renew The Lost Boys lost')).toContain('*The Lost Boys* is noted as lost');
    expect(await ask('/cs renew "Acme Corp" moved to 2027-10-01')).toContain('is now 1 Oct 2027');
    expect(await account()).toMatchObject({ renewal_date: '2027-10-01' });
  });

  test.each([
    ['/cs renew', 'I understand `/cs renew acme renewed`'],
    ['/cs renew acme', 'I understand `/cs renew acme renewed`'],
    ['/cs renew acme moved', 'To which date?'],
    ['/cs renew acme moved 2027-02-30', 'There is no day 2027-02-30'],
    ['/cs renew acme moved 2027-06-29', '2027-06-29 is past'],
    ['/cs renew acme moved 2077-06-29', 'more than ten years ahead'],
    ['/cs renew acme moved 2027-08-31', 'That is the renewal date already.'],
    ['/cs renew acme renewed 2027-08-31', 'must be after the one that was, 31 Aug 2027'],
    ['/cs renew undated renewed', 'I know no renewal date of this account.'],
    ['/cs renew acma renewed', 'Did you mean `acme`?'],
    ['/cs renew nothing-like-it renewed', 'say it again'],
  ])('%s is answered clearly and changes nothing', async (line, expected) => {
    await acme();
    await acme({ id: 'undated', name: 'Undated', renewal_date: null });
    expect(await ask(line)).toContain(expected);
    expect(await account()).toMatchObject({ renewal_date: '2027-08-31' });
    expect(await renewals()).toEqual([]);
    expect(bot.failures).toEqual([]);
  });

  test('sets the date of an account that had none', async () => {
    await acme({ renewal_date: null });
    expect(await ask('/cs renew acme moved 2027-10-01')).toContain(
      'the renewal date was not known and is now 1 Oct 2027',
    );
  });
});
