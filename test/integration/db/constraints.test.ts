import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../database.ts';

const hash = 'a'.repeat(64);
const accounts = (values: string) =>
  `insert into accounts (id, name, ${values.replace(': ', ") values ('new', 'New', ")})`;
const into = (table: string, columns: string, values: string) => `insert into ${table} (${columns}) values (${values})`;
const user = (values: string) => into('users', 'account_id, id, traits, created_at', values);
const named = (values: string) => into('users', 'account_id, id, email, name', values);
const event = (values: string) => into('events', 'account_id, id, user_id, name, occurred_at, properties', values);
const imported = (values: string) => into('imported_metric_values', 'account_id, metric, day, value', values);
const computed = (values: string) => into('metric_values', 'account_id, metric, day, value, computed_at', values);
const score = (values: string) =>
  into('scores', 'account_id, day, model, model_hash, reason, score, band, coverage, breakdown, computed_at', values);
const picture = (values: string) => into('trend_pictures', 'account_id, slack_user_id, fingerprint, file_id', values);
const thread = (values: string) => into('picture_threads', 'slack_user_id, channel_id, thread_ts', values);
const run = (values: string) => into('job_runs', 'name, local_day, started_at, finished_at, error, result', values);

const good = [
  accounts("arr, currency, domain: 10.5, 'EUR', 'new.example'"),
  user(`'acme', 'bo', '{"role": "admin"}', now()`),
  event(`'acme', 'e2', null, 'login', now(), '{}'`),
  imported(`'acme', 'seats', '2026-11-02', '5'`),
  computed(`'acme', 'seats', '2026-11-02', null, now()`),
  score(`'acme', '2026-11-02', 'standard', '${hash}', 'all others', null, null, 0, '[]', now()`),
  picture(`'acme', 'U123', 'x', 'F123'`),
  thread(`'U123', 'D123', '1700000000.000100'`),
  run(`'compute-health', current_date, now(), now(), null, '{}'`),
];

const bad: Record<string, string[]> = {
  accounts: [
    into('accounts', 'id, name', "'', 'Empty id'"),
    into('accounts', 'id, name', `'${'x'.repeat(256)}', 'Long id'`),
    into('accounts', 'id, name', "'acme', 'Twice'"),
    into('accounts', 'id, name', "' ', 'Blank id'"),
    into('accounts', 'id, name', "'new', ''"),
    into('accounts', 'id, name', "'new', ' '"),
    into('accounts', 'id, name', "'new', null"),
    accounts('arr: -1'),
    accounts("arr: 'NaN'"),
    accounts("arr: 'Infinity'"),
    accounts("mrr: 'NaN'"),
    accounts("currency: 'usd'"),
    accounts("currency: 'EURO'"),
    accounts("domain: 'Acme.example'"),
    accounts("domain: ''"),
    accounts("domain: 'https://new.example'"),
    accounts("domain: 'new example'"),
    accounts("csm_email: 'nobody'"),
    accounts("csm_email: 'Ana@x.example'"),
    accounts("created_at: 'infinity'"),
    accounts("renewal_date: '-infinity'"),
    accounts("stripe_customer_id: 'cus_acme'"),
    accounts("stripe_customer_id: ''"),
    accounts("slack_channel_id: '#general'"),
    accounts("slack_channel_id: 'C0ACME'"),
    accounts("traits: '[]'"),
    accounts("traits: 'null'"),
  ],
  account_aliases: [
    into('account_aliases', 'alias, account_id', "'Acme', 'acme'"),
    into('account_aliases', 'alias, account_id', "'', 'acme'"),
    into('account_aliases', 'alias, account_id', "' ', 'acme'"),
    into('account_aliases', 'alias, account_id', "'acme inc', 'other'"),
    into('account_aliases', 'alias, account_id', "'ghost', 'nobody'"),
  ],
  account_segments: [
    into('account_segments', 'account_id, segment', "'acme', ''"),
    into('account_segments', 'account_id, segment', "'acme', ' '"),
    into('account_segments', 'account_id, segment', "'acme', 'startup'"),
    into('account_segments', 'account_id, segment', "'nobody', 'startup'"),
  ],
  users: [
    user(`'acme', '', '{}', null`),
    user(`'acme', ' ', '{}', null`),
    user(`'acme', 'al', '{}', null`),
    named(`'acme', 'bo', 'Bo@x.example', null`),
    named(`'acme', 'bo', 'nobody', null`),
    named(`'acme', 'bo', null, ' '`),
    user(`'nobody', 'bo', '{}', null`),
    user(`'acme', 'bo', '"text"', null`),
    user(`'acme', 'bo', '{}', 'infinity'`),
  ],
  events: [
    event(`'acme', '', null, 'login', now(), '{}'`),
    event(`'acme', 'e1', null, 'login', now(), '{}'`),
    event(`'nobody', 'e2', null, 'login', now(), '{}'`),
    event(`'acme', 'e2', 'stranger', 'login', now(), '{}'`),
    event(`'other', 'e2', 'al', 'login', now(), '{}'`),
    event(`'acme', 'e2', null, '', now(), '{}'`),
    event(`'acme', 'e2', null, 'login', null, '{}'`),
    event(`'acme', 'e2', null, 'login', 'infinity', '{}'`),
    event(`'acme', 'e2', null, 'login', now(), '3'`),
  ],
  imported_metric_values: [
    imported(`'acme', 'Seats', '2026-11-02', '5'`),
    imported(`'acme', 'seats', '2026-11-01', '5'`),
    imported(`'acme', 'seats', 'infinity', '5'`),
    imported(`'acme', 'seats', '2026-11-02', 'null'`),
    imported(`'acme', 'seats', '2026-11-02', '{}'`),
    imported(`'nobody', 'seats', '2026-11-02', '5'`),
  ],
  metric_values: [
    computed(`'acme', '', '2026-11-02', '5', now()`),
    computed(`'acme', 'seats', '2026-11-02', 'null', now()`),
    computed(`'acme', 'seats', '2026-11-02', '[1]', now()`),
    computed(`'acme', 'seats', null, '5', now()`),
    computed(`'acme', 'seats', '2026-11-02', '5', '2026-11-01T09:59Z'`),
    computed(`'acme', 'seats', '2026-11-02', '5', 'infinity'`),
    computed(`'nobody', 'seats', '2026-11-02', '5', now()`),
  ],
  scores: [
    score(`'acme', '2026-11-01', 'standard', '${hash}', 'twice', 5, 'healthy', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'above', 10.1, 'healthy', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'below', -0.1, 'poor', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'NaN', 'NaN', 'poor', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'no band', 5, null, 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'no score', null, 'poor', 0, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'no such band', 5, 'good', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'coverage', 5, 'poor', 1.5, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'coverage', 5, 'poor', 'NaN', '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'of nothing', 5, 'poor', 0, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'in spite of data', null, null, 0.5, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'the day before', 5, 'poor', 1, '[]', '2026-11-01T09:59Z'`),
    score(`'acme', '2026-11-02', 'standard', 'short', 'hash', 5, 'poor', 1, '[]', now()`),
    score(`'acme', '2026-11-02', '', '${hash}', 'model', 5, 'poor', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'breakdown', 5, 'poor', 1, '{}', now()`),
    score(`'nobody', '2026-11-02', 'standard', '${hash}', 'account', 5, 'poor', 1, '[]', now()`),
  ],
  trend_pictures: [
    picture(`'acme', 'ana', 'x', 'F123'`),
    picture(`'acme', 'U123', '', 'F123'`),
    picture(`'acme', 'U123', 'x', 'file'`),
    picture(`'nobody', 'U123', 'x', 'F123'`),
  ],
  picture_threads: [
    thread(`'ana', 'D123', '1700000000.000100'`),
    thread(`'U123', 'C123', '1700000000.000100'`),
    thread(`'U123', 'D123', 'now'`),
  ],
  job_runs: [
    run(`'', current_date, now(), null, null, null`),
    run(`'compute-health', current_date, now(), now() - interval '1 s', null, null`),
    run(`'compute-health', current_date, now(), null, 'it failed before its end', null`),
    run(`'compute-health', current_date, now(), null, null, '{}'`),
    run(`'compute-health', current_date, now(), now(), 'it failed', '{}'`),
    run(`'compute-health', current_date - 2, now(), null, null, null`),
    run(`'compute-health', current_date, 'infinity', null, null, null`),
  ],
};

describe('a row that cannot be true is refused by the database', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await sql`
      insert into accounts (id, name, stripe_customer_id, slack_channel_id)
        values ('acme', 'Acme', 'cus_acme', 'C0ACME'), ('other', 'Other', null, null);
      insert into account_aliases (alias, account_id) values ('acme inc', 'acme');
      insert into account_segments (account_id, segment) values ('acme', 'startup');
      insert into users (account_id, id) values ('acme', 'al');
      insert into event_keys (key, occurred_at) values (md5('e1')::uuid, now());
      insert into imported_metric_values (account_id, metric, day, value) values ('acme', 'seats', '2026-11-01', '5');
      insert into scores (account_id, day, model, model_hash, reason, score, band, coverage, breakdown, computed_at)
        values ('acme', '2026-11-01', 'standard', ${sql.lit(hash)}, 'all others', 5, 'poor', 1, '[]', now());
    `.execute(database.db);
  });
  afterAll(() => database.drop());

  /** Tries a statement and takes it back. */
  const attempt = (statement: string) =>
    database.db.transaction().execute(async (transaction) => {
      await sql.raw(statement).execute(transaction);
      throw new Error('accepted');
    });

  test.each(good)('while a good one is accepted: %s', async (statement) => {
    await expect(attempt(statement)).rejects.toThrow('accepted');
  });

  for (const [table, statements] of Object.entries(bad)) {
    test.each(statements)(`${table}: %s`, async (statement) => {
      await expect(attempt(statement)).rejects.toThrow(/violates|overflow/);
    });
  }

  test('no table is left out', async () => {
    const tables = await database.db.introspection.getTables();
    expect(Object.keys(bad).sort()).toEqual(tables.map(({ name }) => name).sort());
  });
});

test('days come as text, whole and decimal numbers as numbers', async () => {
  const { db, drop } = await createTestDatabase();
  const { rows } = await sql`select date '2026-03-29' as day, 12.5::numeric as money, count(*) as n`.execute(db);
  expect(rows).toEqual([{ day: '2026-03-29', money: 12.5, n: 1 }]);
  await expect(sql`select 9007199254740993::bigint as n`.execute(db)).rejects.toThrow(/beyond the whole numbers/);
  await drop();
});
