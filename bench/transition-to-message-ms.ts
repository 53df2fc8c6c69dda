import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { seedWorkspace } from '../simulator/seed.ts';
import { createSimulator } from '../simulator/simulator.ts';
import type { Simulator } from '../simulator/types.ts';
import { readConfig } from '../src/config.ts';
import { upsertPreferences } from '../src/db/alert-preferences.ts';
import type { Db } from '../src/db/types.ts';
import { startBellwether } from '../src/main.ts';
import { median, round } from './measure.ts';
import type { Benchmark } from './types.ts';

const SECRET = 'bench-signing-secret';
const TOKEN = 'xoxb-bench';
const WRITE_KEY = 'bench-write-key';
/** One alert each: more to one person would be grouped. */
const PEOPLE = 30;
const GAP_MS = 400;
const PATIENCE_MS = 30_000;

/**
 * Milliseconds from the transition of an alert to its message in Slack, at the median, in one process with bot, worker and
 * simulated Slack as in the demo, while events of payments that fail come in one after the other.
 */
export const transitionToMessageMs: Benchmark = {
  name: 'transition_to_message_ms',
  goal: { atMost: 1000 },
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'bellwether-bench-'));
    const simulator = createSimulator({ signingSecret: SECRET, botToken: TOKEN, workspace: crowded() });
    const { apiUrl } = await simulator.listen();
    const env = {
      PORT: '0',
      DATA_DIR: folder,
      SLACK_BOT_TOKEN: TOKEN,
      SLACK_SIGNING_SECRET: SECRET,
      SLACK_API_URL: apiUrl,
      INGEST_WRITE_KEYS: WRITE_KEY,
    };
    const config = readConfig(env, ['bot', 'worker']);
    const log = pino({ level: 'error' });
    const bellwether = await startBellwether({ config, roles: ['bot', 'worker'], log, host: '127.0.0.1' });
    try {
      const { db } = bellwether.deps;
      await fill(db);
      for (let person = 0; person < PEOPLE; person += 1) {
        await failPayment(bellwether.port, person);
        await sleep(GAP_MS);
      }
      const waits = await waitForMessages(db, simulator);
      const sorted = waits.toSorted((a, b) => a - b);
      return {
        ratio: median(waits),
        detail: { alerts: waits.length, fastest: sorted[0], slowest: round(sorted.at(-1) ?? 0) },
      };
    } finally {
      await bellwether.close();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const emailOf = (person: number) => `csm${person}@bellwether.example`;

/** The usual workspace with many more CSMs. */
function crowded() {
  const workspace = seedWorkspace();
  const [model] = workspace.users;
  if (!model) throw new Error('The workspace is empty.');
  for (let person = 0; person < PEOPLE; person += 1) {
    workspace.users.push({ ...model, id: `U09CSM${person}`, name: `csm${person}`, email: emailOf(person) });
  }
  return workspace;
}

async function fill(db: Db): Promise<void> {
  const people = Array.from({ length: PEOPLE }, (_, person) => person);
  const accounts = people.map((person) => ({
    id: `account-${person}`,
    name: `Account ${person}`,
    csm_email: emailOf(person),
  }));
  await db.insertInto('accounts').values(accounts).execute();
  for (const { csm_email } of accounts)
    await upsertPreferences(db, csm_email, { quietHours: null, quietWeekend: false, digestAt: null }, new Date());
}

async function failPayment(port: number, person: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/track`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${WRITE_KEY}:`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      userId: `user-${person}`,
      event: 'payment failed',
      properties: { amount: 100 },
      context: { groupId: `account-${person}` },
    }),
  });
  if (!response.ok) throw new Error(`The event was refused: ${response.status} ${await response.text()}`);
}

/** For each alert the milliseconds from its transition to the post in the simulator's journal. */
async function waitForMessages(db: Db, simulator: Simulator): Promise<number[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const rows = await db
      .selectFrom('messages')
      .innerJoin('alerts', 'alerts.message_id', 'messages.id')
      .innerJoin('alert_transitions', 'alert_transitions.alert_id', 'alerts.id')
      .select(['messages.channel_id', 'messages.ts', 'alert_transitions.at'])
      .where('messages.status', '=', 'sent')
      .execute();
    if (rows.length >= PEOPLE) {
      const posts = simulator.journal.flatMap((entry) => (entry.kind === 'post' ? [entry] : []));
      return rows.map(({ channel_id, ts, at }) => {
        const post = posts.find((entry) => entry.channel === channel_id && entry.ts === ts);
        if (!post) throw new Error(`The message ${ts} is not in the journal.`);
        return new Date(post.at).getTime() - at.getTime();
      });
    }
    if (Date.now() > deadline) throw new Error(`Only ${rows.length} of ${PEOPLE} messages came in time.`);
    await sleep(200);
  }
}
