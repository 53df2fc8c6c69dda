import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { evaluateIndicators } from '../../../jobs/evaluate-indicators.ts';
import { upsertScores } from '../../../src/db/scores.ts';
import { type Evaluating, packWith, startEvaluating } from '../../alerting.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await insertAccount(database.db, { id: 'acme', csm_email: 'maya@bellwether.example' });
});
afterEach(() => database.drop());

const one = (more = '', when = 'metric("level") > 10') => `indicators:
  - id: level_high
    name: Level is high
    kind: risk
    severity: medium
    says: "Level {value}"
    action: Look
    when: ${when}
${more}`;

const start = '2026-11-02T09:00:00Z';
const day = (n: number, time = '09:00') => `2026-11-${String(n).padStart(2, '0')}T${time}:00Z`;

async function evaluating(indicators: string): Promise<Evaluating> {
  return startEvaluating(database.db, await packWith(indicators), start);
}

const alerts = () =>
  database.db
    .selectFrom('alerts')
    .select(['account_id', 'indicator', 'subject', 'state', 'resolution', 'evidence'])
    .orderBy('id')
    .execute();
const states = async () => (await alerts()).map(({ state, resolution }) => resolution ?? state);
const transitions = () =>
  database.db.selectFrom('alert_transitions').select(['from_state', 'to_state', 'by_user']).orderBy('id').execute();
const messages = () =>
  database.db
    .selectFrom('messages')
    .select(['key', 'owner_email', 'status', 'version', 'hold_id'])
    .orderBy('id')
    .execute();

describe('an alert', () => {
  test('begins when the value passes the threshold, and not exactly at it', async () => {
    const { set, evaluate } = await evaluating(one());
    await set('acme', 'level', 10);
    await evaluate();
    expect(await alerts()).toEqual([]);
    await set('acme', 'level', 10.001);
    expect(await evaluate()).toMatchObject({ opened: 1, ended: 0 });
    expect(await states()).toEqual(['active']);
    expect(await transitions()).toEqual([{ from_state: 'inactive', to_state: 'active', by_user: null }]);
  });

  test('keeps the evidence: value, threshold, the value of the day before, window and age of the data', async () => {
    const { set, evaluate, at } = await evaluating(one());
    await set('acme', 'level', 4);
    await evaluate();
    at(day(3));
    await set('acme', 'level', 12);
    await evaluate();
    const [alert] = await alerts();
    expect(alert?.evidence).toEqual({
      figures: [{ text: 'metric("level")', metric: 'level', unit: 'number', value: 12, operator: '>', threshold: 10 }],
      previous: 4,
      windowDays: null,
      dataAt: '2026-11-03T09:00:00.000Z',
      first: false,
      said: {},
    });
  });

  test('says that it was so already where the account had never been looked at', async () => {
    const { set, evaluate } = await evaluating(one());
    await set('acme', 'level', 12);
    await evaluate();
    expect((await alerts())[0]?.evidence).toMatchObject({ previous: null, first: true });
  });

  test('was so already, however many evaluations it takes to begin', async () => {
    const { set, evaluate, at } = await evaluating(one('    evaluations_in_a_row: 2'));
    await set('acme', 'level', 12);
    await evaluate();
    at(day(2, '10:00'));
    await evaluate();
    expect((await alerts())[0]?.evidence).toMatchObject({ first: true });
  });

  test('keeps what its sentence names as it was at that moment', async () => {
    const { set, evaluate } = await evaluating(one().replace('Level {value}', 'Level {value} of {other}'));
    await set('acme', 'other', 40);
    await set('acme', 'level', 12);
    await evaluate();
    expect((await alerts())[0]?.evidence).toMatchObject({ said: { other: 40 } });
  });

  test('is one alert and one message for fourteen days of the same', async () => {
    const { set, evaluate, at } = await evaluating(one());
    for (let n = 2; n <= 16; n += 1) {
      for (const time of ['09:00', '15:00', '23:00']) {
        at(day(n, time));
        await set('acme', 'level', 12 + n);
        await evaluate();
      }
    }
    expect(await states()).toEqual(['active']);
    expect(await messages()).toEqual([
      {
        key: expect.stringMatching(/^alert:\d+$/),
        owner_email: 'maya@bellwether.example',
        status: 'waiting',
        version: 1,
        hold_id: null,
      },
    ]);
  });

  test('ends as soon as the rule does not hold, and the message is to say so', async () => {
    const { set, evaluate, at, enqueued } = await evaluating(one());
    await set('acme', 'level', 12);
    await evaluate();
    at(day(2, '10:00'));
    await set('acme', 'level', 10);
    expect(await evaluate()).toMatchObject({ opened: 0, ended: 1 });
    expect(await states()).toEqual(['cleared']);
    expect(await messages()).toMatchObject([{ version: 2 }]);
    expect(enqueued).toEqual(['deliver-messages', 'deliver-messages']);
    at(day(2, '11:00'));
    await set('acme', 'level', 11);
    await evaluate();
    expect(await states()).toEqual(['cleared', 'active']);
  });

  test('neither begins nor ends without data', async () => {
    const { set, evaluate, at } = await evaluating(one());
    await evaluate();
    expect(await alerts()).toEqual([]);
    await set('acme', 'level', 12);
    await evaluate();
    await set('acme', 'level', null);
    for (const time of ['10:00', '11:00']) {
      at(day(2, time));
      expect(await evaluate()).toMatchObject({ opened: 0, ended: 0 });
    }
    expect(await states()).toEqual(['active']);
    await set('acme', 'level', 1);
    await evaluate();
    expect(await states()).toEqual(['cleared']);
  });

  test('ends at the clearing threshold, not between the two', async () => {
    const { set, evaluate } = await evaluating(one('    clears_when: metric("level") <= 8'));
    for (const [value, state] of [
      [12, 'active'],
      [9, 'active'],
      [8.1, 'active'],
      [8, 'cleared'],
    ] as const) {
      await set('acme', 'level', value);
      await evaluate();
      expect(await states()).toEqual([state]);
    }
    await set('acme', 'level', 9);
    await evaluate();
    expect(await states()).toEqual(['cleared']);
  });

  test('needs the minimum volume to begin and to end', async () => {
    const { set, evaluate } = await evaluating(one('    minimum_volume: metric("other") >= 20'));
    await set('acme', 'level', 12);
    await evaluate();
    await set('acme', 'other', 19);
    await evaluate();
    expect(await states()).toEqual([]);
    await set('acme', 'other', 20);
    await evaluate();
    expect(await states()).toEqual(['active']);
    await set('acme', 'other', 3);
    await set('acme', 'level', 1);
    await evaluate();
    expect(await states()).toEqual(['active']);
    await set('acme', 'other', 30);
    await evaluate();
    expect(await states()).toEqual(['cleared']);
  });

  test('waits for so many hourly evaluations in a row', async () => {
    const { set, evaluate, at } = await evaluating(one('    evaluations_in_a_row: 3'));
    await set('acme', 'level', 12);
    for (const [time, count] of [
      ['09:00', 0],
      ['09:10', 0],
      ['09:50', 0],
      ['10:05', 0],
      ['11:00', 1],
    ] as const) {
      at(day(2, time));
      await evaluate();
      expect(await alerts()).toHaveLength(count);
    }
  });

  test('counts evaluations anew after one that did not find it', async () => {
    const { set, evaluate, at } = await evaluating(one('    evaluations_in_a_row: 2'));
    for (const [time, value] of [
      ['09:00', 12],
      ['10:00', 2],
      ['11:00', 12],
    ] as const) {
      at(day(2, time));
      await set('acme', 'level', value);
      await evaluate();
    }
    expect(await alerts()).toEqual([]);
    at(day(2, '12:00'));
    await evaluate();
    expect(await states()).toEqual(['active']);
  });

  test('does not begin again before the cool-down is over, and then by itself', async () => {
    const { set, evaluate, at } = await evaluating(one('    cool_down_days: 3'));
    for (const [n, value] of [
      [2, 12],
      [3, 1],
      [4, 12],
    ] as const) {
      at(day(n));
      await set('acme', 'level', value);
      await evaluate();
    }
    expect(await states()).toEqual(['cleared']);
    at(day(6, '08:59'));
    await evaluate();
    expect(await states()).toEqual(['cleared']);
    at(day(6));
    await evaluate();
    expect(await states()).toEqual(['cleared', 'active']);
  });

  test('opens a task with it where the indicator says so', async () => {
    const { set, evaluate } = await evaluating(one('    task: Find out why'));
    await set('acme', 'level', 12);
    await evaluate();
    await evaluate();
    const tasks = await database.db
      .selectFrom('tasks')
      .select(['title', 'assignee_email', 'due', 'created_by'])
      .execute();
    expect(tasks).toEqual([
      { title: 'Find out why', assignee_email: 'maya@bellwether.example', due: '2026-11-04', created_by: null },
    ]);
  });

  test('is opened once by evaluations at the same time', async () => {
    const { set, deps } = await evaluating(one());
    await set('acme', 'level', 12);
    await Promise.all(Array.from({ length: 4 }, () => evaluateIndicators.run({}, deps)));
    expect(await states()).toEqual(['active']);
    expect(await messages()).toHaveLength(1);
  });

  test('is not changed by an evaluation that began before the one that is known', async () => {
    const { set, evaluate, at } = await evaluating(one());
    at(day(2, '12:00'));
    await set('acme', 'level', 12);
    await evaluate();
    at(day(2, '11:00'));
    await set('acme', 'level', 1);
    expect(await evaluate()).toMatchObject({ opened: 0, ended: 0 });
    expect(await states()).toEqual(['active']);
  });
});

describe('an indicator', () => {
  test('watches several things, each by itself', async () => {
    const { set, evaluate } = await evaluating(`indicators:
  - id: products
    name: New product
    kind: opportunity
    says: "{subject}"
    action: Ask
    each:
      - { subject: Level, when: 'metric("level") > 10' }
      - { subject: Other, when: 'metric("other") > 10' }
`);
    await set('acme', 'level', 11);
    await evaluate();
    await set('acme', 'other', 11);
    await evaluate();
    expect((await alerts()).map(({ subject }) => subject)).toEqual(['Level', 'Other']);
  });

  test('looks only at accounts in its segments, and ends what is open when they leave', async () => {
    await database.db.insertInto('account_segments').values({ account_id: 'acme', segment: 'Startup' }).execute();
    await insertAccount(database.db, { id: 'grown' });
    const { set, evaluate } = await evaluating(one('    segments: [startup]'));
    for (const account of ['acme', 'grown']) await set(account, 'level', 12);
    await evaluate();
    expect((await alerts()).map(({ account_id }) => account_id)).toEqual(['acme']);
    await database.db.deleteFrom('account_segments').execute();
    await evaluate();
    expect(await states()).toEqual(['excluded']);
  });

  test.each([
    ['in the segment churned', { segment: 'churned', trait: null }, 0],
    ['with a churned_at that has passed', { segment: null, trait: '2026-10-01' }, 0],
    ['with a churned_at to come', { segment: null, trait: '2999-01-01' }, 1],
    ['with a churned_at that is no date', { segment: null, trait: 'soon' }, 1],
  ])('leaves out an account %s', async (_what, { segment, trait }, count) => {
    if (segment) await database.db.insertInto('account_segments').values({ account_id: 'acme', segment }).execute();
    if (trait)
      await database.db
        .updateTable('accounts')
        .set({ traits: JSON.stringify({ churned_at: trait }) })
        .execute();
    const { set, evaluate } = await evaluating(one());
    await set('acme', 'level', 12);
    await evaluate();
    expect(await alerts()).toHaveLength(count);
  });

  test('that the pack no longer has ends its alerts', async () => {
    const before = await evaluating(one());
    await before.set('acme', 'level', 12);
    await before.evaluate();
    const after = await evaluating(one().replace('level_high', 'another'));
    after.at(day(3));
    await after.evaluate();
    expect(await states()).toEqual(['retired', 'active']);
  });
});

describe('an indicator of the health score', () => {
  const health = one('', 'metric("health_bands_lost_7d") >= 1 || metric("health_points_lost_7d") > 1.5');
  const score = (on: string, value: number, model = 'plain', hash = 'a') => {
    const band = value >= 7 ? 'healthy' : value >= 4 ? 'concerning' : 'poor';
    const at = new Date(`${on}T08:00:00Z`);
    const row = {
      account: 'acme',
      model,
      modelHash: hash.repeat(64),
      reason: '',
      score: value,
      band,
      coverage: 1,
      dimensions: [],
      dataAt: at,
    };
    return upsertScores(database.db, on, [{ ...row, band: band as 'poor' }], at);
  };

  test.each([
    ['a band', 7.2, 6.9, 1],
    ['1.5 points, exactly', 9, 7.5, 0],
    ['1.5 points with the noise of decimals', 8.7, 7.2, 0],
    ['1.5 points with noise the other way', 8.8, 7.3, 0],
    ['more than 1.5 points', 9, 7.4, 1],
    ['less', 9, 8, 0],
    ['nothing but rose', 4, 9, 0],
  ])('fires when it fell by %s in 7 days', async (_what, before, after, count) => {
    const { evaluate, at } = await evaluating(health);
    at(day(9));
    await score('2026-11-02', before);
    await score('2026-11-09', after);
    await evaluate();
    expect(await alerts()).toHaveLength(count);
  });

  test('looks back seven days, and not further', async () => {
    const { evaluate, at } = await evaluating(health);
    at(day(10));
    await score('2026-11-02', 9);
    await score('2026-11-10', 5);
    await evaluate();
    expect(await alerts()).toEqual([]);
  });

  test('compares with the same model only: a change of model alone raises nothing', async () => {
    const { evaluate, at } = await evaluating(health);
    at(day(9));
    await score('2026-11-02', 9, 'young');
    await score('2026-11-08', 5);
    await score('2026-11-09', 5);
    await evaluate();
    expect(await alerts()).toEqual([]);
    at(day(10));
    await score('2026-11-10', 3);
    await evaluate();
    expect(await states()).toEqual(['active']);
  });

  test('nor does an edit of the model', async () => {
    const { evaluate, at } = await evaluating(health);
    at(day(9));
    await score('2026-11-08', 9, 'plain', 'a');
    await score('2026-11-09', 3, 'plain', 'b');
    await evaluate();
    expect(await alerts()).toEqual([]);
  });
});
