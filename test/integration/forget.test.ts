import { sql } from 'kysely';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobs } from '../../jobs/index.ts';
import { insertLinkQuestion, moveChannel } from '../../src/db/account-channels.ts';
import { addAgentComment, createBuiltInDesk } from '../../src/db/built-in-desk.ts';
import { countEvents } from '../../src/db/count-events.ts';
import { forgetAccount } from '../../src/db/forget-account.ts';
import { forgetUser } from '../../src/db/forget-user.ts';
import { insertRecipients } from '../../src/db/recipients.ts';
import { decideRenewal } from '../../src/db/renewal-outcomes.ts';
import { remindAccount } from '../../src/db/renewals.ts';
import { dropEventsBefore } from '../../src/db/retention.ts';
import { insertSlackEvent } from '../../src/db/slack-events.ts';
import { createIngester } from '../../src/ingest/ingester.ts';
import type { Actor, Call, Fields } from '../../src/ingest/types.ts';
import { compileMetrics } from '../../src/metrics/compile.ts';
import { computeMetricsForDays } from '../../src/metrics/compute.ts';
import { createInlineQueue } from '../../src/queue/inline-queue.ts';
import { hashOfKey } from '../../src/series/codec.ts';
import { insertAlert, insertAlertMessage } from '../alert-factories.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { createTestDeps } from '../deps.ts';
import { insertAccount } from '../factories.ts';
import { importText } from '../import-file.ts';
import { createTestPlaybook } from '../playbook.ts';
import { runCli } from '../run-cli.ts';
import { insertTicket, insertTicketMessage, insertTicketPost } from '../ticket-factories.ts';

const now = new Date('2026-11-21T12:00:00Z');
const timeZone = 'Europe/Berlin';
const equations = [
  'count("login")',
  'count("login", 30)',
  'users_who("*")',
  'active_users(90)',
  'user_days("*", 90)',
  'sum("paid", "amount")',
  'maximum("paid", "amount")',
  'latest("paid", "amount")',
  'distinct("paid", "plan")',
  'days_since(first_seen("*"))',
  'days_since(last_seen())',
  'count("rare")',
  'count(by_users("*", {"role": "owner"}))',
  'users()',
  'user_sum("spent")',
  'users_with("role", "owner")',
];
const { metrics } = compileMetrics(
  equations.map((equation, index) => ({
    id: `m${index}`,
    name: equation,
    unit: 'number' as const,
    description: '',
    equation,
  })),
);
const days = ['2026-08-01', '2026-09-15', '2026-10-01', '2026-11-01', '2026-11-20', '2026-11-21'];

let made: TestDatabase[] = [];
beforeEach(() => {
  made = [];
});
afterEach(async () => {
  for (const database of made) await database.drop();
});

/** A database with the accounts acme and globex, to which `calls` came; all of them counted, but for the last. */
async function fill(calls: readonly Call[]): Promise<TestDatabase> {
  const database = await createTestDatabase();
  made.push(database);
  for (const id of ['acme', 'globex']) {
    await insertAccount(database.db, { id, created_at: '2026-01-01T00:00:00Z', aliases: [`${id} inc`] });
  }
  const ingester = createIngester({ db: database.db, log: pino({ level: 'silent' }), now: () => now, timeZone });
  await ingester.ingest('segment', { calls: calls.slice(0, -1), refusals: [] });
  await count(database);
  await ingester.ingest('segment', { calls: calls.slice(-1), refusals: [] });
  await ingester.close();
  return database;
}

const count = ({ db }: TestDatabase) => countEvents(db, { metrics, timeZone, now });

let sent = 0;
function event(user: string, account: string | null, name: string, at: string, properties: Fields = {}): Call {
  const actor: Actor = user.startsWith('anon-')
    ? { userId: null, anonymousId: user }
    : { userId: user, anonymousId: null };
  sent += 1;
  return { kind: 'event', messageId: `m${sent}`, name, occurredAt: new Date(at), properties, actor, account };
}
function identify(user: string, account: string | null, traits: Fields, anonymousId: string | null = null): Call {
  return { kind: 'user', at: new Date('2026-07-01T00:00:00Z'), actor: { userId: user, anonymousId }, account, traits };
}

const theirs = {
  acme: [
    identify('gone-4711', 'acme', { role: 'owner', spent: 40, email: 'gone@acme.example' }),
    event('gone-4711', 'acme', 'login', '2026-07-02T10:00:00Z'),
    event('gone-4711', 'acme', 'paid', '2026-09-30T22:30:00Z', { amount: 99, plan: 'gold' }),
    event('gone-4711', 'acme', 'rare', '2026-10-01T10:00:00Z'),
    event('anon-gone', 'acme', 'login', '2026-10-05T10:00:00Z'),
    identify('gone-4711', null, { spent: 41 }, 'anon-gone'),
    event('gone-4711', 'ghost', 'login', '2026-11-01T10:00:00Z'),
    identify('gone-4711', 'ghost', { role: 'guest' }),
  ],
  globex: [
    identify('gone-4711', 'globex', { role: 'owner' }),
    event('gone-4711', 'globex', 'login', '2026-11-19T10:00:00Z'),
  ],
  uncounted: event('gone-4711', 'acme', 'login', '2026-11-21T09:00:00Z'),
};
const others = [
  identify('ann', 'acme', { role: 'owner', spent: 1 }),
  event('ann', 'acme', 'login', '2026-08-02T10:00:00Z'),
  event('ann', 'acme', 'paid', '2026-09-30T10:00:00Z', { amount: 5, plan: 'free' }),
  event('ann', 'acme', 'rare', '2026-11-10T10:00:00Z'),
  identify('bob', 'globex', { role: 'user' }),
  event('bob', 'globex', 'login', '2026-10-02T10:00:00Z'),
  event('cem', 'ghost', 'login', '2026-10-02T10:00:00Z'),
];
const last = event('ann', 'acme', 'login', '2026-11-21T08:00:00Z');

async function valuesIn({ db }: TestDatabase) {
  const accounts = await db.selectFrom('accounts').select('id').orderBy('id').execute();
  const accountIds = accounts.map(({ id }) => id);
  const values = await computeMetricsForDays(db, metrics, { accountIds, days, now, timeZone });
  return [...values].map(([day, byAccount]) => [day, accountIds.map((id) => [id, byAccount.get(id)?.values])]);
}

async function seriesIn({ db }: TestDatabase) {
  const { rows } = await sql`
    select s.definition, m.account_id, m.month, m.cells::text, encode(m.presence, 'hex') as presence
    from series_months m join series s on s.id = m.series_id order by s.hash, m.account_id, m.month
  `.execute(db);
  return rows;
}

/** Where any of the words stands in any table of any schema: `table: word`. */
async function tracesIn({ db }: TestDatabase, words: readonly string[]): Promise<string[]> {
  const tables = await sql<{ name: string }>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') order by 1
  `.execute(db);
  const traces: string[] = [];
  for (const { name } of tables.rows) {
    for (const word of words) {
      const { rows } = await sql`
        select from ${sql.raw(name)} t where position(lower(${word}) in lower(t::text)) > 0 limit 1
      `.execute(db);
      if (rows.length > 0) traces.push(`${name}: ${word}`);
    }
  }
  return traces;
}

const ofUser = ['gone-4711', 'anon-gone', 'gone@acme.example', hashOfKey('gone-4711').toString('hex')];
const forgetThem = (database: TestDatabase, options: { account?: string; rehearsed?: boolean } = {}) =>
  forgetUser(database.db, 'gone-4711', { account: null, rehearsed: false, timeZone, ...options });

describe('forgetUser', () => {
  it('leaves a database as if the user had never been in it', async () => {
    const database = await fill([...theirs.acme, ...others, ...theirs.globex, last, theirs.uncounted]);
    await sql`
      insert into ingest_refusals (at, door, reason, sample) values
        (now(), 'segment', 'is too old', '{"userId":"gone-4711","event":"login"}'),
        (now(), 'segment', 'is too old', '{"userId":"ann","event":"gone-47110"}')
    `.execute(database.db);
    expect(await tracesIn(database, ofUser)).not.toEqual([]);
    expect(await forgetThem(database)).toEqual({
      ids: ['gone-4711', 'anon-gone'],
      accounts: ['acme', 'globex'],
      counted: [],
      removed: { users: 2, events: 6, waiting: 2, aliases: 1, refusals: 1 },
    });
    await count(database);
    expect(await tracesIn(database, ['"gone-4711"', ...ofUser.slice(1)])).toEqual([]);

    const never = await fill([...others, last]);
    await count(never);
    expect(await valuesIn(database)).toEqual(await valuesIn(never));
    expect(await seriesIn(database)).toEqual(await seriesIn(never));
    const names = ({ db }: TestDatabase) => db.selectFrom('event_names').selectAll().orderBy('name').execute();
    expect(await names(database)).toEqual(await names(never));
    expect(await forgetThem(database)).toBeNull();
  });

  it('is out of the stored values of all days once what is stale is computed', async () => {
    const compute = async (calls: readonly Call[], forget: boolean) => {
      const database = await fill(calls);
      const queue = { enqueue: () => Promise.reject(new Error('This queue is not used.')) };
      const base = await createTestDeps({ db: database.db, queue, now: () => now, timeZone });
      const jobQueue = createInlineQueue(jobs, { ...base, playbook: { ...base.playbook, metrics } });
      await jobQueue.enqueue('compute-health', { from: '2026-06-01', to: '2026-11-21' });
      const found = forget ? await forgetThem(database) : null;
      await jobQueue.enqueue('count-events', {});
      for (const { account, from } of found?.counted ?? []) {
        await jobQueue.enqueue('score-accounts', { from, to: '2026-11-21', accountIds: [account] });
      }
      const values = database.db.selectFrom('metric_values').select(['account_id', 'metric', 'day', 'value']);
      return values.orderBy('account_id').orderBy('metric').orderBy('day').execute();
    };
    const without = await compute([...others, last], false);
    expect(without.length).toBeGreaterThan(1000);
    expect(await compute([...theirs.acme, ...others, ...theirs.globex, last], true)).toEqual(without);
  }, 60_000);

  it('is also found by another id of theirs', async () => {
    const database = await fill([...theirs.acme, last]);
    const found = await forgetUser(database.db, 'anon-gone', { account: null, rehearsed: false, timeZone });
    expect(found?.ids).toEqual(['gone-4711', 'anon-gone']);
    expect(await tracesIn(database, ['gone-4711'])).toEqual([]);
  });

  it('asks for metrics to be computed anew from the first day on that the user counted', async () => {
    const database = await fill([...others, ...theirs.globex, last]);
    await database.db.deleteFrom('stale_accounts').execute();
    await forgetThem(database);
    const stale = await database.db.selectFrom('stale_accounts').select(['account_id', 'from_day']).execute();
    expect(stale).toEqual([{ account_id: 'globex', from_day: '2026-07-01' }]);
  });

  it('of one account stays in the others, with what waits and the other ids', async () => {
    const alias: Call = { kind: 'alias', at: now, previousId: 'anon-gone', userId: 'gone-4711' };
    const inAcme = theirs.acme.filter((call) => call.kind !== 'user' || call.account !== null);
    const database = await fill([...others, ...inAcme, ...theirs.globex, alias, last]);
    const found = await forgetThem(database, { account: 'acme' });
    expect(found).toMatchObject({ accounts: ['acme'], removed: { users: 1, events: 4, waiting: 0, aliases: 0 } });
    await count(database);
    const without = await fill([...others, ...theirs.globex, alias, last]);
    await count(without);
    expect(await valuesIn(database)).toEqual(await valuesIn(without));
    expect(await database.db.selectFrom('user_aliases').select('alias').execute()).toEqual([{ alias: 'anon-gone' }]);
    const homes = await database.db
      .selectFrom('user_accounts')
      .selectAll()
      .where('user_id', '=', 'gone-4711')
      .execute();
    expect(homes).toMatchObject([{ account_id: 'globex' }]);
    expect(await forgetThem(database, { account: 'acme' })).toBeNull();
  });

  it('is no longer among the users of days whose events are gone', async () => {
    const calls = [
      event('gone-4711', 'acme', 'login', '2025-03-01T10:00:00Z'),
      event('ann', 'acme', 'login', '2025-03-01T10:00:00Z'),
    ];
    const database = await fill([...calls, last]);
    await count(database);
    expect(await dropEventsBefore(database.db, new Date('2025-10-01T00:00:00Z'))).toBe(1);
    expect(await forgetThem(database)).toMatchObject({ removed: { users: 1, events: 0 } });
    await count(database);
    expect(await tracesIn(database, ofUser)).toEqual([]);
    const values = await computeMetricsForDays(database.db, metrics, { accountIds: ['acme'], days, now, timeZone });
    // The events still count; who did them does not.
    expect(values.get('2026-11-21')?.get('acme')?.values).toMatchObject({ m0: 3, m2: 1 });
  });

  it('stays when it is only rehearsed', async () => {
    const database = await fill([...theirs.acme, ...others, last]);
    const before = await tracesIn(database, ofUser);
    const planned = await forgetThem(database, { rehearsed: true });
    expect(await tracesIn(database, ofUser)).toEqual(before);
    expect(await forgetThem(database)).toEqual(planned);
  });
});

describe('forgetAccount', () => {
  const ofAccount = ['acme', 'ann', 'anon-gone', 'gone@'];
  const words = ['secret', 'wanda', 'u0wanda', '1790000001.', 'c0shared'];

  /** What is stored of a thread of the built-in help desk, all of it with the `words` in it. */
  async function fillTicket({ db }: TestDatabase, account: string | null): Promise<number> {
    const channel = 'C0SHARED';
    const ts = '1790000001.000100';
    const desk = createBuiltInDesk(db, () => now);
    const request = {
      externalId: `bellwether:T01BELLWTHR:${channel}:${ts}`,
      subject: 'The secret export fails',
      body: 'A secret, says Wanda',
      isPublic: true,
      requester: { name: 'Wanda', email: 'wanda@example.com', externalId: 'slack:T01BELLWTHR:U0WANDA' },
      groupId: null,
      severity: null,
      fields: {},
      tags: [],
      attachments: [],
      followUpOf: null,
    };
    const first = await desk.createTicket(request, { isRetry: false });
    await desk.updateTicket(first.id, { status: 'closed' });
    const again = { ...request, externalId: `${request.externalId}:2`, followUpOf: first.id };
    const { id: deskTicketId } = await desk.createTicket(again, { isRetry: false });
    await addAgentComment(db, deskTicketId, { key: '1', isPublic: false, authorName: 'Ada', body: 'Secret note' }, now);
    const id = await insertTicket(db, {
      account_id: account,
      channel_id: channel,
      thread_ts: ts,
      reported_by: 'U0WANDA',
      requester_slack_id: 'U0WANDA',
      requester_name: 'Wanda',
      subject: request.subject,
      desk: desk.name,
      desk_ticket_id: deskTicketId,
      generation: 2,
      previous_ticket_id: first.id,
      request: again,
      escalated_at: now,
      escalated_by: 'U0WANDA',
      escalation: { why: 'Secret', tried: 'Secret', reproduction: 'Secret' },
    });
    const said = { ticket_id: id, author_name: 'Wanda', text: 'Secret' };
    const place = { origin: 'thread' as const, author_kind: 'customer' as const, channel_id: channel, ts };
    await insertTicketMessage(db, { ...said, ...place, key: `slack:${channel}:${ts}` });
    const reply = await insertTicketMessage(db, said);
    const sent = { status: 'sent' as const, posted_at: now, posting_at: now };
    await insertTicketPost(db, { kind: 'ticket', ticket_id: id });
    await insertTicketPost(db, { kind: 'ticket_reply', ticket_id: id, ticket_message_id: reply });
    const card = { channel_id: 'C01SUPPORT0', ts: '1790000001.000900' };
    await insertTicketPost(db, { kind: 'ticket_mirror', ticket_id: id, ...card, ...sent });
    await insertRecipients(db);
    const events = [
      // Of the thread, of the card for colleagues, of the channel, a press, and one of the channel itself.
      ['message', channel, { event: { channel, ts: '1790000001.000200', thread_ts: ts, text: 'Secret' } }],
      ['message', card.channel_id, { event: { ts: '1790000001.000910', thread_ts: card.ts, text: 'A secret' } }],
      ['reaction_added', channel, { event: { user: 'U0WANDA', item: { channel, ts: '1790000009.000100' } } }],
      ['shortcut', channel, { userId: 'U0WANDA', channelId: channel, ts }],
      ['channel_rename', null, { event: { channel: { id: channel, name: 'secret-shared' } } }],
    ] as const;
    for (const [index, [type, channelId, body]] of events.entries()) {
      await insertSlackEvent(db, { id: `${ts}:${index}`, type, channelId, body }, now);
    }
    await insertLinkQuestion(db, { channelId: channel, channelName: 'secret-shared', recipient: null, now });
    return id;
  }

  /** What is there of others is as much with the account as without it. */
  async function countAll({ db }: TestDatabase) {
    const tables = [
      'tickets',
      'ticket_messages',
      'messages',
      'slack_events',
      'built_in_tickets',
      'built_in_comments',
      'recipients',
    ] as const;
    const counts = tables.map(async (table) => {
      const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(db);
      return [table, rows[0]?.count];
    });
    return Object.fromEntries(await Promise.all(counts));
  }

  it('leaves a database as if the account had never been in it', async () => {
    const database = await fill([...theirs.acme.slice(0, 6), ...others, last]);
    await importText(database.url, 'metrics', 'account,day,metric,value\nacme,2026-11-01,nps,9\n');
    await sql`
      insert into waiting_events (key, id, account, user_id, name, occurred_at)
        values (md5('w')::uuid, 'w', 'Acme INC', 'zed', 'login', now());
      insert into ingest_refusals (at, door, reason, sample) values
        (now(), 'segment', 'is too old', '{"userId":"zed","context":{"groupId":"acme"}}'),
        (now(), 'segment', 'is too old', '{"userId":"ann"}'), (now(), 'segment', 'is too old', '{"userId":"bob"}')
    `.execute(database.db);
    await insertAlertMessage(database.db, { alertIds: [await insertAlert(database.db, { account_id: 'acme' })] });
    const task = { account_id: 'acme', title: 'Call Ann', created_at: new Date() };
    await database.db.insertInto('tasks').values(task).execute();
    await fillTicket(database, 'acme');
    const settings = createTestPlaybook().renewals;
    await database.db.updateTable('accounts').set({ renewal_date: '2026-12-15' }).where('id', '=', 'acme').execute();
    await remindAccount(database.db, 'acme', { today: '2026-11-21', now, timeZone, firstMonths: 2, settings });
    const said = { outcome: { state: 'lost' as const }, by: 'U0WANDA', note: 'Secret', today: '2026-11-21', now };
    expect((await decideRenewal(database.db, { of: { accountId: 'acme' }, ...said })).outcome).toBe('changed');
    expect((await tracesIn(database, words)).length).toBeGreaterThan(15);
    const found = await forgetAccount(database.db, 'acme', { timeZone, rehearsed: false });
    expect(found).toEqual({
      name: 'acme',
      removed: {
        users: 2,
        events: 8,
        waiting: 1,
        aliases: 1,
        metricValues: 0,
        importedValues: 1,
        scores: 0,
        alerts: 1,
        tasks: 2,
        tickets: 1,
        refusals: 2,
      },
    });
    await count(database);
    expect(await tracesIn(database, [...ofAccount, ...words])).toEqual([]);

    const never = await fill(others.slice(4));
    await never.db.deleteFrom('accounts').where('id', '=', 'acme').execute();
    await count(never);
    expect(await valuesIn(database)).toEqual(await valuesIn(never));
    expect(await forgetAccount(database.db, 'acme', { timeZone, rehearsed: false })).toBeNull();
  });

  it("takes no other's tickets with it", async () => {
    const database = await fill([last]);
    await fillTicket(database, 'globex');
    const before = await countAll(database);
    // Of the same channel, when it was acme's, and of another help desk that has the same numbers.
    const place = { account_id: 'acme', channel_id: 'C0SHARED', status: 'solved' as const };
    const theirs = await insertTicket(database.db, { ...place, thread_ts: '1790000002.000100', desk_ticket_id: '1' });
    await insertTicketMessage(database.db, { ticket_id: theirs });
    const body = { event: { ts: '1790000002.000200', thread_ts: '1790000002.000100' } };
    await insertSlackEvent(database.db, { id: 'Ev1', type: 'message', channelId: 'C0SHARED', body }, now);
    const found = await forgetAccount(database.db, 'acme', { timeZone, rehearsed: false });
    expect(found?.removed).toMatchObject({ tickets: 1 });
    expect(await countAll(database)).toEqual(before);
  });

  it('takes those of its channel with it that have no account yet, and no others of none', async () => {
    const database = await fill([last]);
    await database.db.updateTable('accounts').set({ slack_channel_id: 'C0SHARED' }).where('id', '=', 'acme').execute();
    await fillTicket(database, null);
    const other = await insertTicket(database.db, { account_id: null, channel_id: 'C0OTHER' });
    const found = await forgetAccount(database.db, 'acme', { timeZone, rehearsed: false });
    expect(found?.removed).toMatchObject({ tickets: 1 });
    expect(await tracesIn(database, words)).toEqual([]);
    expect(await database.db.selectFrom('tickets').select('id').execute()).toEqual([{ id: other }]);
  });

  it('takes those with it whose channel Slack calls otherwise since', async () => {
    const database = await fill([last]);
    await fillTicket(database, 'acme');
    await moveChannel(database.db, { from: 'C0SHARED', to: 'C0NEXT', now });
    await forgetAccount(database.db, 'acme', { timeZone, rehearsed: false });
    expect(await tracesIn(database, [...words, 'c0next'])).toEqual([]);
  });

  it('that is imported again is there again', async () => {
    const database = await fill([last]);
    const file = 'account,user,event,timestamp,id\nacme,ann,login,2026-11-01,e1\n';
    await importText(database.url, 'events', file);
    await forgetAccount(database.db, 'acme', { timeZone, rehearsed: false });
    expect(await importText(database.url, 'events', file)).toMatchObject({ inserted: 1, createdAccounts: 1 });
  });
});

describe('bellwether forget', () => {
  const run = ({ url }: TestDatabase, ...args: string[]) =>
    runCli(['forget', ...args], { env: { DATABASE_URL: url, TIMEZONE: timeZone } });

  it('shows what it would remove, and asks for --yes', async () => {
    const database = await fill([...theirs.globex, last]);
    const { code, stdout, stderr } = await run(database, 'user', 'gone-4711');
    expect(code).toBe(2);
    expect(stdout).toBe('This would remove the user gone-4711 of globex: 1 record of a user, 1 event.\n');
    expect(stderr).toBe('Nothing was removed. Give --yes to remove it; it cannot be undone.\n');
    expect((await run(database, 'user', 'gone-4711', '--dry-run', '--yes')).code).toBe(0);
    expect(await tracesIn(database, ['gone-4711'])).not.toEqual([]);
  });

  it('removes a user with --yes, and has the figures follow', async () => {
    const database = await fill([...theirs.globex, last]);
    const { code, stdout } = await run(database, 'user', 'gone-4711', '--account', 'Globex Inc', '--yes', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      kind: 'user',
      id: 'gone-4711',
      ids: ['gone-4711'],
      accounts: ['globex'],
      removed: { users: 1, events: 1, waiting: 0, aliases: 0, refusals: 0 },
      dryRun: false,
    });
    expect(await tracesIn(database, ofUser.slice(0, 3))).toEqual([]);
    const { rows } = await sql`select from bullmq.job where name = 'count-events'`.execute(database.db);
    expect(rows).toHaveLength(1);
  });

  it('removes an account with --yes', async () => {
    const database = await fill([...others, last]);
    await insertTicket(database.db);
    const { code, stdout } = await run(database, 'account', 'acme', '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Removed the account acme: 1 record of a user, 4 events, 1 ticket\.\nThe figures follow when the bot runs/,
    );
    expect(await database.db.selectFrom('accounts').select('id').execute()).toEqual([{ id: 'globex' }]);
  });

  it.each([
    [['user', 'gone-4712', '--yes'], 'There is no user gone-4712. Did you mean gone-4711?\n'],
    [['user', 'GONE@acme.example'], 'There is no user GONE@acme.example. Did you mean gone-4711?\n'],
    [['user', 'ann', '--account', 'globex'], 'There is no user ann in the account globex.\n'],
    [['account', 'Acme Inc', '--yes'], 'There is no account with the id Acme Inc. Did you mean acme?\n'],
  ])('ends with 1 and a hint when there is no such thing: %j', async (args, message) => {
    const database = await fill([theirs.acme[0]!, ...others, last]);
    expect(await run(database, ...args)).toEqual({ code: 1, stdout: '', stderr: message });
  });

  it.each([
    [['user'], /missing required argument/],
    [['user', 'ann', '--account', 'nowhere'], /--account nowhere: there is no account of this id or alias/],
    [['everything'], /unknown command|forget/],
  ])('ends with 2 on wrong use: %j', async (args, message) => {
    const database = await fill([last]);
    const { code, stderr } = await run(database, ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
