import { App } from '@slack/bolt';
import type { Kysely } from 'kysely';
import pino from 'pino';
import { registerHandlers } from '../handlers/index.ts';
import { jobs } from '../jobs/index.ts';
import { createSimulator } from '../simulator/simulator.ts';
import type { PageMessage, Simulator, SimulatorOptions } from '../simulator/types.ts';
import { readConfig } from '../src/config.ts';
import { createBilling } from '../src/create-billing.ts';
import { createDesk } from '../src/create-desk.ts';
import type { Database } from '../src/db/types.ts';
import type { Deps } from '../src/deps.ts';
import { serve } from '../src/http/server.ts';
import { slackRoute } from '../src/http/slack-route.ts';
import type { Playbook } from '../src/playbook/types.ts';
import { createInlineQueue } from '../src/queue/inline-queue.ts';
import { createSlackClient } from '../src/slack/client.ts';
import { createReceiver, type SlackReceiver } from '../src/slack/receiver.ts';

const botToken = 'xoxb-test-token';
const signingSecret = '0123456789abcdef';

/** People and channels of the simulated workspace. */
export const maya = 'U01MAYALIND';
export const tom = 'U01TOMOKAFO';
export const ana = 'U01ANARUIZ0';
export const guest = 'U01GILGUEST';
export const outsider = 'U02PRIYANAI';
export const csTeam = 'C01CSTEAM00';
export const general = 'C01GENERAL0';
export const random = 'C01RANDOM00';
export const acmeShared = 'C01ACMESHRD';

/** A bot in a simulated workspace. `failures` are what its listeners threw. */
export type TestBot = {
  slack: Simulator;
  deps: Deps;
  failures: unknown[];
  /** Where Slack's requests go. */
  eventsUrl: string;
  /** Runs a command, lets all that follows from it happen, and returns what the person newly sees as ephemerals. */
  ask(user: string, channel: string, line: string): Promise<PageMessage[]>;
  /** The same for a button; `seen` is the message that it stands in. */
  press(user: string, seen: PageMessage, actionId: string, value?: string): Promise<PageMessage[]>;
  /** The same for a menu. */
  choose(user: string, seen: PageMessage, actionId: string, value: string): Promise<PageMessage[]>;
  close(): Promise<void>;
};

/** Starts a bot whose jobs run at once, in a workspace of its own. `now` is what the bot takes for today, unless told the real one; `env` adds settings. */
export async function startTestBot(
  {
    env: own = {},
    ...given
  }: { db: Kysely<Database>; playbook: Playbook; now?: () => Date; env?: Record<string, string> },
  options: Partial<SimulatorOptions> = {},
): Promise<TestBot> {
  const slack = createSimulator({ signingSecret, botToken, fileDelayMs: 0, ...options });
  const { apiUrl } = await slack.listen();
  const log = pino({ level: 'silent' });
  const env = { SLACK_API_URL: apiUrl, SLACK_BOT_TOKEN: botToken, ALERT_FALLBACK_CHANNEL: csTeam, ...own };
  const config = readConfig(env, ['cli']);
  const now = given.now ?? (() => new Date());
  const unqueued = {
    config,
    log,
    desk: createDesk(config, { db: given.db, log, now }),
    billing: createBilling(config, { metadataKey: 'account_id', log, now }),
    slack: createSlackClient({ token: botToken, apiUrl, log }),
    now: () => new Date(),
    ...given,
  };
  const deps: Deps = { ...unqueued, queue: createInlineQueue(jobs, unqueued) };
  const failures: unknown[] = [];
  const receiver = createReceiver((error) => failures.push(error));
  const underWay = new Set<Promise<void>>();
  const app = new App({ receiver, authorize: async () => ({ botToken }), clientOptions: { slackApiUrl: apiUrl } });
  registerHandlers(app, deps);
  const tracked: SlackReceiver = {
    ...receiver,
    receive(payload, reply) {
      const work = receiver.receive(payload, reply).finally(() => underWay.delete(work));
      underWay.add(work);
      return work;
    },
  };
  const routes = { 'POST /slack/events': slackRoute(tracked, signingSecret, () => new Date()) };
  const server = await serve({ host: '127.0.0.1', port: 0, routes, log });
  const eventsUrl = `http://127.0.0.1:${server.port}/slack/events`;
  slack.connect(eventsUrl);

  /** What the person sees in the channel after `act` that they did not see before. */
  async function fresh(user: string, channel: string, act: () => Promise<{ ok: boolean }>): Promise<PageMessage[]> {
    const before = slack.ephemerals(channel, user).map((message) => JSON.stringify(message));
    const outcome = await act();
    if (!outcome.ok) throw new Error(`Slack's client would show an error: ${JSON.stringify(outcome)}`);
    while (underWay.size > 0) await Promise.all(underWay);
    return slack.ephemerals(channel, user).filter((message) => !before.includes(JSON.stringify(message)));
  }

  return {
    slack,
    deps,
    failures,
    eventsUrl,
    ask: (user, channel, line) => fresh(user, channel, () => slack.command(user, channel, line)),
    press: (user, seen, actionId, value) =>
      fresh(user, seen.channel, () => slack.press(user, { channel: seen.channel, ts: seen.ts }, actionId, value)),
    choose: (user, seen, actionId, value) =>
      fresh(user, seen.channel, () => slack.select(user, { channel: seen.channel, ts: seen.ts }, actionId, value)),
    async close() {
      await slack.close();
      await server.close();
    },
  };
}

/** Everything a person reads in a message, a line each. */
export function wordsOf(message: PageMessage | undefined): string[] {
  const texts = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    if ('type' in value && 'text' in value && typeof value.text === 'string') return value.text.split('\n');
    return Object.values(value).flatMap(texts);
  };
  if (!message) return [];
  return message.blocks.length > 0 ? message.blocks.flatMap(texts) : message.text.split('\n');
}
