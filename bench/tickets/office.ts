import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { seedWorkspace } from '../../simulator/seed.ts';
import { createSimulator } from '../../simulator/simulator.ts';
import type { Simulator } from '../../simulator/types.ts';
import { createZendeskServer } from '../../simulator/zendesk/server.ts';
import type { ZendeskServer } from '../../simulator/zendesk/types.ts';
import { readConfig } from '../../src/config.ts';
import { startBellwether } from '../../src/main.ts';

const SIGNING_SECRET = 'bench-signing-secret';
const TOKEN = 'xoxb-bench';
const ZENDESK = { email: 'bench@bellwether.example', apiToken: 'bench-zendesk-token' };
const WEBHOOK_SECRET = 'bench-webhook-secret';
const CUSTOMER = 'U02PRIYANAI';

/** A bot with its worker, a workspace with many customers' channels, and a Zendesk, in one process as in the demo. */
export type TicketOffice = {
  simulator: Simulator;
  zendesk: ZendeskServer;
  channels: readonly string[];
  /** A customer writes in a channel and reacts to it; returns when that was, and the message's ts. */
  ask(channel: string): { ts: string; at: number };
  /** For each of these threads when it was told of its ticket; waits for all. */
  confirmed(threads: readonly { ts: string }[], patienceMs: number): Promise<Map<string, number>>;
  close(): Promise<void>;
};

/** Starts all of it. `rateLimits`: Slack keeps to its rates. */
export async function openTicketOffice({
  channels: count,
  rateLimits,
}: {
  channels: number;
  rateLimits: boolean;
}): Promise<TicketOffice> {
  const folder = await mkdtemp(join(tmpdir(), 'bellwether-bench-'));
  const { workspace, channels } = busyWorkspace(count);
  const simulator = createSimulator({ signingSecret: SIGNING_SECRET, botToken: TOKEN, workspace, rateLimits });
  const { apiUrl } = await simulator.listen();
  const zendesk = createZendeskServer({ ...ZENDESK, webhookSecret: WEBHOOK_SECRET });
  const { url } = await zendesk.listen();
  zendesk.addGroup('Support');
  const env = {
    PORT: '0',
    DATA_DIR: folder,
    SLACK_BOT_TOKEN: TOKEN,
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_API_URL: apiUrl,
    SUPPORT_CHANNEL: 'C01SUPPORT0',
    ALERT_FALLBACK_CHANNEL: 'C01CSTEAM00',
    ZENDESK_URL: url,
    ZENDESK_EMAIL: ZENDESK.email,
    ZENDESK_API_TOKEN: ZENDESK.apiToken,
    ZENDESK_WEBHOOK_SECRET: WEBHOOK_SECRET,
  };
  const config = readConfig(env, ['bot', 'worker']);
  const log = pino({ level: 'error' });
  const bellwether = await startBellwether({ config, roles: ['bot', 'worker'], log, host: '127.0.0.1' });
  simulator.connect(`http://127.0.0.1:${bellwether.port}/slack/events`);
  zendesk.connect(`http://127.0.0.1:${bellwether.port}/webhooks/zendesk`);
  const { db } = bellwether.deps;
  await db
    .insertInto('accounts')
    .values(channels.map((id, index) => ({ id: `account-${index}`, name: `Account ${index}`, slack_channel_id: id })))
    .execute();
  return {
    simulator,
    zendesk,
    channels,
    ask(channel) {
      const { ts = '' } = simulator.say(CUSTOMER, channel, 'The export fails');
      simulator.react(CUSTOMER, channel, ts, 'ticket');
      return { ts, at: Date.now() };
    },
    async confirmed(threads, patienceMs) {
      const deadline = Date.now() + patienceMs;
      for (;;) {
        const posts = new Map<string, number>();
        for (const entry of simulator.journal)
          if (entry.kind === 'post' && entry.thread_ts !== null)
            posts.set(entry.thread_ts, new Date(entry.at).getTime());
        const missing = threads.filter(({ ts }) => !posts.has(ts)).length;
        if (missing === 0) return posts;
        if (Date.now() > deadline)
          throw new Error(`${missing} of ${threads.length} threads were not told of their ticket.`);
        await sleep(200);
      }
    },
    async close() {
      await bellwether.close();
      await simulator.close();
      await zendesk.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The usual workspace with many more channels, shared with a customer each. */
function busyWorkspace(count: number) {
  const workspace = seedWorkspace();
  const model = workspace.channels.find(({ id }) => id === 'C01ACMESHRD');
  if (!model) throw new Error('The workspace has no shared channel.');
  const channels = Array.from({ length: count }, (_, index) => `C09BENCH${String(index).padStart(3, '0')}`);
  for (const [index, id] of channels.entries())
    workspace.channels.push({ ...model, id, name: `customer-${index}`, members: [...model.members] });
  return { workspace, channels };
}
