import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import pino from 'pino';
import { connectDatabase } from '../src/db/connect.ts';
import { copyLine } from '../src/db/copy-format.ts';
import type { Database } from '../src/db/types.ts';
import { accountId, eventNames, insertAccounts } from './events/generate.ts';
import type { ServerMessage } from './ingest/server.ts';
import { median, round } from './measure.ts';
import type { Benchmark } from './types.ts';

const ACCOUNTS = 2000;
const BATCH = 1000;
const BATCHES = Number(process.env.BENCH_BATCHES ?? 400);
/** Requests under way at once. */
const CLIENTS = 8;
const COPIES = 3;
const MOST_MB = 350;
const MOST_LAG_MS = 5_000;
const KEY = 'bench';

/** One event, the same for the same number; the newest is of now. */
type Event = {
  id: string;
  account: string;
  user: string;
  name: string;
  at: string;
  properties: Record<string, unknown>;
};

/**
 * Events a second through Segment's /v1/batch, durable, deduplicated and counted into the series of twelve measures, as a
 * share of a bare COPY of the same events. Fails when the process takes too much memory or the series fall behind.
 */
export const ingestVsCopy: Benchmark = {
  name: 'ingest_vs_copy',
  goal: { atLeast: 0.1 },
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'bellwether-bench-'));
    const connection = await connectDatabase({ dataDir: folder }, pino({ level: 'silent' }));
    try {
      await insertAccounts(connection.db);
      const start = Date.now() - 20 * 60_000;
      const copies: number[] = [];
      for (let repeat = 0; repeat < COPIES; repeat += 1) copies.push(await copy(connection.url, start));
      const ours = await ingest(connection.db, connection.url, start);
      const met = ours.peakMb < MOST_MB && ours.lagMs < MOST_LAG_MS;
      const ratio = ours.perSecond / median(copies);
      return {
        ratio: met ? ratio : 0,
        detail: {
          eventsPerSecond: Math.round(ours.perSecond),
          copiedPerSecond: Math.round(median(copies)),
          ratioOfSpeeds: round(ratio),
          seriesBehindMs: Math.round(ours.lagMs),
          peakMb: Math.round(ours.peakMb),
          bytesAnEvent: JSON.stringify(toCall(eventOf(0, start))).length,
        },
      };
    } finally {
      await connection.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function eventOf(index: number, start: number): Event {
  const account = (index * 7919) % ACCOUNTS;
  return {
    id: `b3f1c6de-5a0e-4d5b-9c1e-${index.toString(16).padStart(12, '0')}`,
    account: accountId(account),
    user: `user-${(index * 104_729) % 20}`,
    name: eventNames[index % eventNames.length]!,
    at: new Date(start + index).toISOString(),
    properties: { source: 'web', amount: (index % 1000) / 4, destination: `airport ${index % 60}` },
  };
}

function toCall({ id, account, user, name, at, properties }: Event) {
  return {
    type: 'track',
    messageId: id,
    userId: user,
    event: name,
    timestamp: at,
    properties,
    context: { groupId: account, library: { name: 'analytics-node', version: '3.1.0' } },
  };
}

/** Events a second. */
async function copy(url: string, start: number): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(`
      drop table if exists bare;
      create table bare (
        account_id text, id text, user_id text, name text, occurred_at timestamptz, properties jsonb
      );
      create index on bare using brin (occurred_at)`);
    const parts: string[] = [];
    for (let batch = 0; batch < BATCHES; batch += 1) {
      let part = '';
      for (let index = batch * BATCH; index < (batch + 1) * BATCH; index += 1) {
        const { account, id, user, name, at, properties } = eventOf(index, start);
        part += copyLine([account, id, user, name, at, JSON.stringify(properties)]);
      }
      parts.push(part);
    }
    const begin = performance.now();
    await pipeline(parts, client.query(copyFrom('copy bare from stdin')));
    return (BATCHES * BATCH * 1000) / (performance.now() - begin);
  } finally {
    await client.end();
  }
}

/** Sends all events and waits until all are in the series. */
async function ingest(db: Kysely<Database>, url: string, start: number) {
  const child = fork(join(import.meta.dirname, 'ingest/server.ts'), [url, KEY], {
    execArgv: ['--max-semi-space-size=8'],
  });
  const [ready] = (await once(child, 'message')) as [ServerMessage];
  if (!('port' in ready)) throw new Error('The server did not start.');
  let sending = true;
  let lagMs = 0;
  const watching = (async () => {
    while (sending || (await oldest(db)) > 0) {
      lagMs = Math.max(lagMs, await oldest(db));
      await sleep(200);
    }
  })();
  const bodies = Array.from({ length: BATCHES }, (_, batch) =>
    Buffer.from(
      JSON.stringify({
        batch: Array.from({ length: BATCH }, (_, index) => toCall(eventOf(batch * BATCH + index, start))),
      }),
    ),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  let next = 0;
  const send = async () => {
    for (let body = bodies[next++]; body; body = bodies[next++]) await post(ready.port, body, agent);
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: CLIENTS }, send));
  const perSecond = (BATCHES * BATCH * 1000) / (performance.now() - begin);
  sending = false;
  await watching;
  agent.destroy();
  child.send('end');
  const [ended] = (await once(child, 'message')) as [ServerMessage];
  await checkAll(db);
  return { perSecond, lagMs, peakMb: 'peakMb' in ended ? ended.peakMb : Number.NaN };
}

/** Milliseconds since the oldest transaction began that is not in the series. */
async function oldest(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from clock_timestamp() - min(created_at)) * 1000)::float8 as ms from uncounted_batches
  `.execute(db);
  return rows[0]?.ms ?? 0;
}

function post(port: number, body: Buffer, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', method: 'POST', path: '/v1/batch', agent, auth: `${KEY}:` };
    const sent = request({ ...options, headers: { 'content-type': 'application/json' } }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`The answer was ${response.statusCode}.`)),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function checkAll(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ stored: number; counted: number }>`
    select (select count(*) from events) as stored,
      (select sum(count) from ingest_counts where outcome = 'stored') as counted
  `.execute(db);
  const { stored, counted } = rows[0]!;
  if (stored !== BATCHES * BATCH || counted !== stored) throw new Error(`${stored} events were stored.`);
}
