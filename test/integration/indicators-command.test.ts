import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays, localDay } from '../../src/days.ts';
import { insertAlert, insertAlertMessage } from '../alert-factories.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount, insertEvents } from '../factories.ts';
import { makePack } from '../pack.ts';
import { runCli } from '../run-cli.ts';

const today = localDay(new Date(), 'UTC');
const daysAgo = (days: number) => addDays(today, -days);

const files = {
  'metrics.yml': `metrics:
  - { id: logins, name: Logins, unit: number, equation: 'count("login", 3)' }
  - { id: mood, name: Mood, unit: text }
  - { id: champion, name: Champion, unit: boolean }
  - { id: drop, name: Drop, unit: percent }
`,
  'indicators.yml': `indicators:
  - id: many_logins
    name: Many logins
    kind: opportunity
    severity: low
    when: metric("logins") > 1
    clears_when: metric("logins") == 0
    minimum_volume: users() >= 1
    says: "{value} logins in 3 days."
    action: Ask why.
    except_segments: [trial]
  - id: bad_mood
    name: Bad mood
    kind: risk
    each:
      - { subject: Mood, when: metric("mood") == "bad" }
      - { subject: Champion, when: '!metric("champion")' }
    says: Something is wrong.
    action: Ask what.
`,
};

let database: TestDatabase;
let pack: string;
const bellwether = (...args: string[]) => {
  pack = makePack(files);
  return runCli(['indicators', ...args], { env: { DATABASE_URL: database.url, PLAYBOOK: pack, TIMEZONE: 'UTC' } });
};
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await bellwether(...args, '--json');
  return { code, stderr, answer: stdout === '' ? null : JSON.parse(stdout) };
};

describe('bellwether indicators', () => {
  beforeAll(async () => {
    database = await createTestDatabase();
    await insertAccount(database.db, { id: 'acme', name: 'Acme Corp', aliases: ['initech'] });
    await insertAccount(database.db, { id: 'globex', traits: JSON.stringify({ churned_at: daysAgo(5) }) });
    await insertAccount(database.db, { id: 'silent' });
    await database.db
      .insertInto('users')
      .values(['acme', 'globex'].map((account_id) => ({ account_id, id: 'ada', traits: '{}' })))
      .execute();
    const login = (account_id: string, days: number, hour: number) => ({
      ...{ account_id, id: `${days} ${hour}`, name: 'login', user_id: 'ada' },
      occurred_at: `${daysAgo(days)}T0${hour}:00:00Z`,
    });
    await insertEvents(database.db, [
      ...[20, 2].flatMap((days) => [login('acme', days, 1), login('acme', days, 2)]),
      ...[9, 8].map((days) => login('globex', days, 1)),
    ]);
  });
  afterAll(() => database.drop());

  const counts = async () => {
    const tables = ['alerts', 'messages', 'indicator_readings', 'metric_values', 'metric_definitions'] as const;
    const found = tables.map((table) =>
      database.db
        .selectFrom(table)
        .select(({ fn }) => fn.countAll().as('n'))
        .executeTakeFirst(),
    );
    return (await Promise.all(found)).map((row) => row?.n);
  };

  describe('try', () => {
    test('tells how often an indicator would have fired, for whom, and who of them churned', async () => {
      const before = await counts();
      const { code, stderr, answer } = await json('try', 'many_logins', '--days', '30');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(answer).toMatchObject({
        rule: {
          id: 'many_logins',
          rules: [{ when: 'metric("logins") > 1', clearsWhen: 'metric("logins") == 0', minimumVolume: 'users() >= 1' }],
          inARow: 1,
          coolDownDays: 0,
        },
        days: 30,
        from: daysAgo(29),
        to: today,
        accounts: 3,
        withData: 2,
        fired: { times: 3, accounts: 2, already: 0, open: 1, medianDays: 3 },
        churn: { all: 1, firedBefore: 1, undated: 0, precision: 0.5, recall: 1, medianNotice: 3 },
        really: { times: 0, sent: 0, accounts: 0, both: 0 },
        interrupted: false,
      });
      const shown = answer.firings.map(
        ({ account, from, to }: { account: { id: string }; from: string; to: string }) => [account.id, from, to],
      );
      expect(shown).toEqual([
        ['acme', daysAgo(2), null],
        ['globex', daysAgo(8), daysAgo(5)],
        ['acme', daysAgo(20), daysAgo(17)],
      ]);
      expect(await counts()).toEqual(before);
    });

    test('is read by people as sentences', async () => {
      const { code, stdout } = await bellwether('try', 'many_logins', '--days', '30', '--most', '2');
      expect(code).toBe(0);
      expect(stdout).toBe(`many_logins: metric("logins") > 1
30 days, ${daysAgo(29)} to ${today}; 3 accounts, 2 of them with data.

It would have fired 3 times, for 2 accounts.
1 would be open now. Those that ended lasted 3 days at the median.
Of the 2 accounts that it fired for, 1 churned (50%).
Of the 1 account that churned, it fired for 1 (100%), 3 days before at the median.
Really it did not fire in these days.

  ${daysAgo(2)} to now         Acme Corp (acme)  2 (> 1)
  ${daysAgo(8)} to ${daysAgo(5)}  globex  2 (> 1)
  and 1 more; --most lists them
`);
    });

    test('takes an equation, for one account, with another end and row', async () => {
      const rule = 'count("login", 3) > 1';
      const { answer } = await json(
        'try',
        rule,
        '--account',
        'initech',
        '--days',
        '25',
        '--clears-when',
        'count("login", 9) == 0',
        '--in-a-row',
        '2',
      );
      expect(answer).toMatchObject({ rule: { id: null, inARow: 2 }, accounts: 1, fired: { times: 2 }, really: null });
      expect(answer.firings.at(-1)).toMatchObject({ from: daysAgo(19), to: daysAgo(11) });
      const { stdout } = await bellwether('try', 'users() > 99', '--days', '5');
      expect(stdout).toContain('Rule: users() > 99\n');
      expect(stdout).toContain('It would never have fired.\n');
    });

    test('says what was so already on the first day, and tells subjects apart', async () => {
      const row = { account_id: 'acme', day: daysAgo(9), value: 'false', metric: 'champion' };
      await database.db.insertInto('imported_metric_values').values(row).execute();
      const { stdout } = await bellwether('try', 'bad_mood', '--days', '5');
      expect(stdout).toContain('bad_mood (Mood): metric("mood") == "bad"\nbad_mood (Champion): !metric("champion")\n');
      expect(stdout).toContain('Of these it was so already on the first day 1 time.\n');
      expect(stdout).toContain('  …          to now         Acme Corp (acme)  Champion  no (== no)\n');
      await database.db.deleteFrom('imported_metric_values').execute();
    });

    test('compares with the alerts that there were', async () => {
      const alert = { indicator: 'many_logins', opened_at: `${daysAgo(2)}T05:00:00Z` };
      const acme = await insertAlert(database.db, { account_id: 'acme', ...alert });
      await insertAlert(database.db, { account_id: 'silent', ...alert, state: 'resolved' });
      await insertAlert(database.db, {
        account_id: 'silent',
        ...alert,
        opened_at: `${daysAgo(31)}T05:00:00Z`,
        state: 'resolved',
      });
      const sent = { status: 'sent', channel_id: 'D1', ts: '1.1', posted_at: `${today}T00:00:00Z` } as const;
      await insertAlertMessage(database.db, { alertIds: [acme], ...sent });
      const { answer } = await json('try', 'many_logins', '--days', '30');
      expect(answer.really).toEqual({ times: 2, sent: 1, accounts: 2, both: 1 });
      const { stdout } = await bellwether('try', 'many_logins', '--days', '30');
      expect(stdout).toContain(
        'Really it fired 2 times, for 2 accounts; 1 went out.\nIn both: 1 account; in the replay alone: 1; really alone: 1.\n',
      );
      await database.db.deleteFrom('alert_messages').execute();
      await database.db.deleteFrom('alerts').execute();
      await database.db.deleteFrom('messages').execute();
    });

    test('ends with 1 and the nearest names when there is no such account', async () => {
      const { code, stdout, stderr } = await bellwether('try', 'many_logins', '--account', 'zzzzzzzzzzz');
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/There is no account "zzzzzzzzzzz"\. The nearest are:/);
    });

    test.each([
      [['try', 'many_login'], /has no indicator "many_login"; did you mean many_logins\?/],
      [['try', 'users() >'], /The rule cannot be read: [\s\S]*users\(\) >/],
      [['try', 'users() > 3', '--clears-when', 'users('], /--clears-when cannot be read/],
      [['try'], /missing required argument 'rule'/],
      [['try', 'many_logins', '--days', '0'], /whole number from 1 to 1100/],
      [['try', 'many_logins', '--cool-down', '-1'], /./],
      [['try', 'many_logins', '--in-a-row', 'two'], /whole number from 1 to 100/],
      [['try', 'many_logins', '--playbook', 'nowhere'], /There is no playbook "nowhere"/],
      [['release'], /missing required argument 'id'/],
      [['release', 'x'], /whole number above 0/],
      [['trie'], /Did you mean try\?/],
    ])('refuses %j as wrong use', async (args, message) => {
      const { code, stdout, stderr } = await bellwether(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
    });

    test('has help with examples and how it ends', async () => {
      const { code, stdout } = await bellwether('try', '--help');
      expect(code).toBe(0);
      expect(stdout).toMatch(/Examples:\n {2}bellwether indicators try query_failure_rate --days 180/);
      expect(stdout).toContain(
        'Exit status: 0 replayed, 1 no such account, 2 wrong use or a rule that cannot be read.',
      );
    });
  });

  describe('list', () => {
    test('tells of each indicator its rule, when it fired last, and whether it is dead', async () => {
      const opened_at = `${daysAgo(100)}T05:00:00.000Z`;
      await insertAlert(database.db, { account_id: 'acme', indicator: 'many_logins', opened_at, state: 'resolved' });
      await insertAlert(database.db, { account_id: 'acme', indicator: 'gone_rule', opened_at });
      await database.db
        .insertInto('indicator_readings')
        .values([
          {
            ...{ account_id: 'acme', indicator: 'many_logins', subject: '', met: false, once_unmet: true, streak: 1 },
            value: '1',
            day: today,
            previous: null,
            read_at: opened_at,
          },
        ])
        .execute();
      const { code, answer } = await json('list');
      expect(code).toBe(0);
      expect(answer.indicators).toMatchObject([
        {
          id: 'many_logins',
          kind: 'opportunity',
          severity: 'low',
          accounts: 1,
          times: 1,
          lastAt: opened_at,
          open: 0,
          dead: true,
        },
        { id: 'bad_mood', rules: [{ subject: 'Mood' }, { subject: 'Champion' }], accounts: 0, times: 0, lastAt: null },
      ]);
      expect(answer.retired).toMatchObject([{ id: 'gone_rule', times: 1, open: 1 }]);
      const { stdout } = await bellwether('list');
      expect(stdout).toContain(`many_logins: Many logins, opportunity, low severity
  when       metric("logins") > 1
  clears     metric("logins") == 0
  volume     users() >= 1
  segments   not trial
  fired      1 time, last ${opened_at}, 0 open, data for 1 account; dead, not once in 90 days
bad_mood: Bad mood, risk, medium severity
  when       Mood: metric("mood") == "bad"
  when       Champion: !metric("champion")
  fired      never: there was no data for any account
gone_rule: no longer in the playbook
`);
      await database.db.deleteFrom('alerts').execute();
    });

    test('says which rule is read of each invoice, and which of accounts without any', async () => {
      const invoices = `indicators:
  - id: failed
    name: Failed
    kind: risk
    for_each: invoice
    when: metric("invoice_is_failed")
    without_invoices: { when: 'metric("champion")' }
    says: It failed.
    action: Call.
`;
      const own = makePack({ ...files, 'indicators.yml': invoices });
      const env = { DATABASE_URL: database.url, PLAYBOOK: own, TIMEZONE: 'UTC' };
      const { stdout } = await runCli(['indicators', 'list'], { env });
      expect(stdout).toContain(`failed: Failed, risk, medium severity
  when       each invoice: metric("invoice_is_failed")
  when       account without invoices: metric("champion")
`);
      const tried = await runCli(['indicators', 'try', 'failed'], { env });
      expect(tried).toMatchObject({ code: 2 });
      expect(tried.stderr).toContain('how invoices were on past days is not known, so it cannot be tried.');
    });

    test('takes another playbook', async () => {
      const { answer } = await json('list', '--playbook', 'by-segment');
      expect(answer.indicators.length).toBeGreaterThan(15);
    });
  });

  describe('holds', () => {
    const hold = async () => {
      const row = {
        at: '2026-11-21T10:00:00Z',
        changed: 9,
        accounts: 12,
        indicators: JSON.stringify({ many_logins: 3, bad_mood: 9 }),
        floods: '[]',
      };
      const { id } = await database.db.insertInto('alert_holds').values(row).returning('id').executeTakeFirstOrThrow();
      await insertAlertMessage(database.db, { hold_id: id });
      return id;
    };
    const statusOf = async (id: number) => {
      const rows = await database.db
        .selectFrom('messages')
        .select(['status', 'hold_id'])
        .where('key', 'like', 'test:%')
        .orderBy('id', 'desc')
        .limit(1)
        .execute();
      return { id, ...rows[0] };
    };

    test('ends with 0 when nothing is held back, with 1 and the runs when there is', async () => {
      expect(await bellwether('holds')).toMatchObject({ code: 0, stdout: 'Nothing is held back.\n' });
      const id = await hold();
      const { code, stdout } = await bellwether('holds');
      expect(code).toBe(1);
      expect(stdout).toBe(`${id}: 2026-11-21T10:00:00.000Z, 9 of 12 accounts changed at once
  waiting    1 message
          9  bad_mood
          3  many_logins
  to send them: \`bellwether indicators release ${id}\`; never: \`bellwether indicators discard ${id}\`
`);
      const { answer } = await json('holds');
      expect(answer).toMatchObject([{ id, changed: 9, accounts: 12, indicators: { bad_mood: 9 }, messages: 1 }]);
    });

    test('release sends the messages of one', async () => {
      const id = await hold();
      const { code, stdout } = await bellwether('release', String(id));
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^The held run ${id} is released\\. Its messages go out`));
      expect(await statusOf(id)).toMatchObject({ status: 'waiting', hold_id: null });
      const again = await bellwether('discard', String(id));
      expect(again).toMatchObject({ code: 1, stdout: '', stderr: `The held run ${id} was ended before.\n` });
    });

    test('discard sends none, ever', async () => {
      const id = await hold();
      expect(await json('discard', String(id))).toMatchObject({ code: 0, answer: { id, outcome: 'discarded' } });
      expect(await statusOf(id)).toMatchObject({ status: 'cancelled' });
    });

    test('there is none of this number', async () => {
      const { code, stderr } = await json('release', '99999');
      expect(code).toBe(1);
      expect(JSON.parse(stderr).error).toEqual({ code: 'no_hold', message: 'There is no held run 99999.' });
    });
  });
});
