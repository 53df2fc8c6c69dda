import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { remindRenewals } from '../../../jobs/remind-renewals.ts';
import { addDays, addMonths, localDay } from '../../../src/days.ts';
import { countEvents } from '../../../src/db/count-events.ts';
import { decideRenewal } from '../../../src/db/renewal-outcomes.ts';
import { equationsOf } from '../../../src/playbook/equations.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { createTestDeps } from '../../deps.ts';
import { insertAccount, insertEvents } from '../../factories.ts';
import { type Account, expectedPings, makeAccount, runDay } from '../../renewals.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const workers = 3;
const years = 2;
const by = 'U01MAYALIND';

/** What happens to an account on the day of a number. */
type Story = {
  date: number;
  isQuiet?: boolean;
  events?: readonly [day: number, what: string, by?: number][];
  /** From which day on it is said that credit ends on which; `null`: no longer. */
  credit?: readonly [from: number, end: number | null][];
  expiring?: boolean;
};

/** Dates and events in days from the first. */
const stories: Record<string, Story> = {
  active: { date: 150, events: [[150, 'renew']] },
  quiet: {
    date: 200,
    isQuiet: true,
    events: [
      [190, 'renew'],
      [540, 'renew'],
    ],
  },
  undecided: { date: 170 },
  lost: { date: 240, events: [[205, 'lose']] },
  churned: { date: 260, events: [[215, 'churn']] },
  churnedAndBack: {
    date: 300,
    events: [
      [245, 'churn'],
      [280, 'return'],
    ],
  },
  nudged: {
    date: 330,
    events: [
      [280, 'move', 5],
      [310, 'renew'],
      [700, 'move', -3],
    ],
  },
  moved: {
    date: 360,
    events: [
      [320, 'move', 90],
      [420, 'move', -80],
      [440, 'move', 80],
    ],
  },
  done: { date: 380, events: [[340, 'done']] },
  monthly: { date: 60, events: Array.from({ length: 20 }, (_, index) => [55 + index * 30, 'renewMonth'] as const) },
  late: { date: 20, events: [[18, 'renew']] },
  creditFirst: { date: 600, credit: [[0, 330]] },
  creditWobbles: {
    date: 620,
    credit: Array.from({ length: 500 }, (_, day) => [day, 345 + ((day * 7) % 13)] as const),
  },
  creditBought: {
    date: 640,
    credit: [
      [30, 260],
      [215, null],
    ],
  },
  creditEndsSoon: { date: 500, credit: [[120, 128]] },
  creditEndsSoonWhileDown: { date: 505, credit: [[147, 151]] },
  creditEnded: { date: 580, credit: [[100, 60]] },
  creditEndsLater: { date: 440, credit: [[0, 470]] },
  creditExpires: { date: 450, expiring: true },
  creditEndsAndRenewed: {
    date: 430,
    credit: [
      [0, 280],
      [300, 700],
    ],
    events: [
      [250, 'renew'],
      [650, 'renew'],
    ],
  },
};
/** What is said of a story's credit on the day of a number. */
const creditOf = ({ credit = [] }: Story, number: number) => credit.findLast(([from]) => from <= number)?.[1] ?? null;
/** Nobody ran anything for ten days, three times. */
const downtimes = [145, 238, 405];
const isDown = (day: number) => downtimes.some((start) => day >= start && day < start + 10);

test.each([
  ['Europe/Berlin', '2026-11-01'],
  ['America/Santiago', '2026-11-01'],
  ['Pacific/Apia', '2011-01-01'],
])(
  'two years of daily runs of three workers at once in %s send exactly what is to be sent',
  async (timeZone, from) => {
    const { db } = database;
    let time = new Date(`${from}T12:00:00Z`);
    const queue = { enqueue: async () => {} };
    const deps = await createTestDeps({ db, queue, timeZone, now: () => time });
    const accounts = new Map<string, Account>();
    const csmEmail = 'maya@bellwether.example';
    for (const [id, { date, isQuiet = false, expiring = false }] of Object.entries(stories)) {
      const renewalDate = addDays(from, date);
      // Told by Stripe as by the deployment itself.
      const traits = JSON.stringify(expiring ? { stripe_credit_expiring: 250.5 } : { credit_expiring: 0 });
      await insertAccount(db, { id, csm_email: csmEmail, renewal_date: renewalDate, traits });
      accounts.set(id, makeAccount({ date: renewalDate, isQuiet, hasExpiringCredit: expiring }));
      // Whoever is not quiet does something every twenty days.
      const events = Array.from({ length: isQuiet ? 0 : 40 }, (_, index) => ({
        account_id: id,
        id: `${id} ${index}`,
        name: 'login',
        user_id: 'u1',
        occurred_at: `${addDays(from, index * 20 - 20)}T00:00:00Z`,
      }));
      await db.insertInto('users').values({ account_id: id, id: 'u1' }).execute();
      if (events.length > 0) await insertEvents(db, events);
    }
    await countEvents(db, { metrics: equationsOf(deps.playbook), timeZone, now: time });

    const expected: string[] = [];
    const runs: { number: number; day: string }[] = [];
    for (let number = 0; number < years * 365; number += 1) {
      // At another hour each day, so that the clocks change before, in and after a run.
      time = new Date(Date.parse(`${addDays(from, number)}T00:00:00Z`) + (number % 24) * 3_600_000);
      const today = localDay(time, timeZone);
      for (const [id, account] of accounts) {
        for (const [day, what, days = 0] of stories[id]?.events ?? []) {
          if (day === number) await happen(id, account, { what, days, today });
        }
        await tellCredit(id, account, number);
      }
      if (isDown(number)) continue;
      runs.push({ number, day: today });
      await Promise.all(Array.from({ length: workers }, () => remindRenewals.run({}, deps)));
      for (const [id, account] of accounts) {
        const sent = runDay(account, today, deps.playbook.renewals);
        if (!isToldApart(id))
          expected.push(...sent.map(({ contract, step }) => `${id} ${contract} ${step} on ${today}`));
      }
    }

    for (const id of Object.keys(stories).filter(isToldApart)) {
      const { date, expiring, ...story } = stories[id]!;
      const known = runs.map(({ number, day }) => {
        const end = creditOf({ date, ...story }, number);
        return { day, creditEndsOn: end === null ? null : addDays(from, end) };
      });
      const told = { date: addDays(from, date), runs: known, firstMonths: expiring ? 3 : 2 };
      expected.push(...expectedPings(told).map(({ day, contract, step }) => `${id} ${contract} ${step} on ${day}`));
    }
    const { renewals } = deps.playbook;
    expect(renewals.steps).toHaveLength(3);
    expect((await sentOf(timeZone)).toSorted()).toEqual(expected.toSorted());
    // The story is worth telling: each account had something to be told, the undecided in full.
    expect(new Set(expected.map((line) => line.split(' ')[0])).size).toBe(Object.keys(stories).length);
    expect(expected.filter((line) => line.startsWith('undecided'))).toHaveLength(4);
    for (const id of Object.keys(stories).filter(isToldApart))
      expect(expected.filter((line) => line.startsWith(`${id} `)).length).toBeGreaterThanOrEqual(3);
    const segment = await db
      .selectFrom('account_segments')
      .select('account_id')
      .where('segment', '=', 'upcoming-renewal')
      .execute();
    const open = [...accounts].filter(([, { renewals: all }]) => all.some(({ state }) => state === 'open'));
    expect(segment.map(({ account_id: id }) => id).toSorted()).toEqual(open.map(([id]) => id).toSorted());
    const states = await db.selectFrom('renewals').select(['account_id', 'armed_for', 'state']).execute();
    expect(states.map((row) => `${row.account_id} ${row.armed_for} ${row.state}`).toSorted()).toEqual(
      [...accounts]
        .flatMap(([id, account]) => account.renewals.map(({ armedFor, state }) => `${id} ${armedFor} ${state}`))
        .toSorted(),
    );

    async function tellCredit(id: string, account: Account, number: number): Promise<void> {
      const story = stories[id];
      const end = story ? creditOf(story, number) : null;
      const on = end === null ? null : addDays(from, end);
      if (account.creditEndsOn === on) return;
      account.creditEndsOn = on;
      const name = id === 'creditBought' ? 'credit_ends_on' : 'stripe_credit_ends_on';
      await sql`
        update accounts set traits = traits - ${name}::text || jsonb_strip_nulls(jsonb_build_object(${name}::text, ${on}::text))
        where id = ${id}
      `.execute(db);
    }

    async function sentOf(zone: string): Promise<string[]> {
      const rows = await db
        .selectFrom('messages as m')
        .innerJoin('renewals as r', 'r.id', 'm.renewal_id')
        .select(['r.account_id', 'r.armed_for', 'm.key', 'm.created_at'])
        .execute();
      return rows.map(
        ({ account_id: id, armed_for: armed, key, created_at: at }) =>
          `${id} ${armed} ${key.split(':').at(-1)} on ${localDay(at, zone)}`,
      );
    }

    async function happen(
      id: string,
      account: Account,
      { what, days, today }: { what: string; days: number; today: string },
    ): Promise<void> {
      const running = account.renewals.find(({ state }) => state === 'open' || state === 'past');
      const date = account.date ?? today;
      if (what === 'move') {
        account.date = addDays(date, days);
        await db.updateTable('accounts').set({ renewal_date: account.date }).where('id', '=', id).execute();
      }
      const segments = { account_id: id, segment: 'churned' };
      if (what === 'churn') {
        account.isChurned = true;
        await db.insertInto('account_segments').values(segments).execute();
      }
      if (what === 'return') {
        account.isChurned = false;
        await db.deleteFrom('account_segments').where('account_id', '=', id).where('segment', '=', 'churned').execute();
      }
      if (what === 'done' && running) {
        running.isTaskOpen = false;
        await db.updateTable('tasks').set({ done_at: time, done_by: by }).where('account_id', '=', id).execute();
      }
      const given = { of: { accountId: id }, by, note: null, today, now: time };
      if (what === 'lose' && running) {
        running.state = 'lost';
        await decideRenewal(db, { ...given, outcome: { state: 'lost' } });
      }
      if (what.startsWith('renew')) {
        const next = addMonths(date, what === 'renew' ? 12 : 1);
        if (running) running.state = 'renewed';
        else account.renewals.push({ ...contract(account, date), state: 'renewed' });
        account.date = next;
        const decided = await decideRenewal(db, {
          ...given,
          outcome: { state: 'renewed', date: what === 'renew' ? null : next },
        });
        expect(decided).toMatchObject({ outcome: 'changed', was: date, is: next });
      }
    }
  },
  240_000,
);

/** Whether what is expected is told by the docs' rules for one contract, and not by those of the plan. */
function isToldApart(id: string): boolean {
  const { credit, expiring = false, events = [] } = stories[id] ?? {};
  return (credit !== undefined || expiring) && events.length === 0;
}

function contract(account: Account, date: string): Account['renewals'][number] {
  return {
    id: account.renewals.length + 1,
    armedFor: date,
    date,
    state: 'open',
    steps: [],
    isTaskOpen: false,
    ownerEmail: null,
    isInSegment: false,
  };
}
