import { createServer } from 'node:net';
import type { Logger } from 'pino';
import { type Config, ConfigError, readConfig } from '../../src/config.ts';
import { type Ending, runUntilSignal } from '../../src/ending.ts';
import { loadEnvFile } from '../../src/env-file.ts';
import { UserError } from '../../src/errors.ts';
import { listen, portOf } from '../../src/http/server.ts';
import { createLog } from '../../src/log.ts';
import { type Bellwether, startBellwether } from '../../src/main.ts';
import { ignoreClosedOutput } from '../../src/output.ts';
import { createSimulator } from '../simulator.ts';
import { seedDemo } from './seed.ts';
import { forgetSlack } from './slack.ts';
import { forgetCustomers, playHistory, startDemoStripe } from './stripe.ts';
import { createDemoZendesk, forgetTickets } from './zendesk.ts';

const HOST = '127.0.0.1';
const BOT_TOKEN = 'xoxb-demo';
const SIGNING_SECRET = 'demo-signing-secret';
const WRITE_KEY = 'demo-write-key';
const CS_TEAM = 'C01CSTEAM00';
const SUPPORT = 'C01SUPPORT0';
/** How often the demo's Stripe looks for what falls due. */
const DUE_MS = 60_000;

/** The environment's settings, but for what the demo brings along. */
function readDemoConfig(): Config {
  const own = {
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_APP_TOKEN: undefined,
    SLACK_API_URL: undefined,
    ALERT_FALLBACK_CHANNEL: process.env.ALERT_FALLBACK_CHANNEL?.trim() || CS_TEAM,
    SUPPORT_CHANNEL: process.env.SUPPORT_CHANNEL?.trim() || SUPPORT,
    INGEST_WRITE_KEYS: process.env.INGEST_WRITE_KEYS?.trim() || WRITE_KEY,
    LOG_LEVEL: process.env.LOG_LEVEL?.trim() || 'warn',
  };
  return readConfig({ ...process.env, ...own }, ['bot', 'worker']);
}

/** The bot, its worker, a simulated Slack and, unless another is set, a simulated Zendesk in one process, on one port. */
async function startDemo(config: Config, log: Logger, ending: Ending): Promise<Bellwether> {
  // Held until it is served: a port that is taken is told at once, and two demos that start together get two.
  const door = await holdPort(process.env.PORT?.trim() ? [config.port] : [config.port, 0]);
  const url = `http://${HOST}:${door.port}`;
  const simulator = createSimulator({
    signingSecret: SIGNING_SECRET,
    botToken: BOT_TOKEN,
    baseUrl: url,
    eventsUrl: `${url}/slack/events`,
  });
  const zendesk = config.zendesk ? null : createDemoZendesk(url);
  const stripe = config.stripe.apiKey ? null : await startDemoStripe();
  const bellwether = await startBellwether({
    config: {
      ...config,
      port: door.port,
      slack: { ...config.slack, apiUrl: `${url}/api/` },
      zendesk: config.zendesk ?? zendesk?.settings,
      stripe: stripe?.settings ?? config.stripe,
    },
    roles: ['bot', 'worker'],
    log,
    host: HOST,
    fallback: async (request, response) =>
      (await zendesk?.server.handle(request, response)) || simulator.handle(request, response),
    prepare: async (deps, databaseUrl) => {
      await forgetSlack(deps.db, deps.now());
      if (stripe) {
        await playHistory(stripe.server, ending.asked);
        await forgetCustomers(deps.db);
      }
      await seedDemo(deps, databaseUrl, ending.asked);
      stripe?.server.connect(`${url}/webhooks/stripe`);
      if (zendesk) await forgetTickets(deps.db);
      // Else whoever tries the demo would see none until the minute of the hour at which it runs.
      await deps.queue.enqueue('remind-renewals', {}, { key: 'remind-renewals' });
      await door.release();
    },
    ending,
  });
  // What falls due at Stripe while the demo runs happens then.
  const due = setInterval(() => stripe?.server.advance(0).catch((error: unknown) => log.error({ err: error })), DUE_MS);
  const close = async () => {
    clearInterval(due);
    await simulator.close();
    await zendesk?.server.close();
    await stripe?.server.close();
    await bellwether.close();
  };
  return { ...bellwether, close };
}

type Door = { port: number; release(): Promise<void> };

/** Takes the first of `ports` that is free; 0 is any. */
async function holdPort([port = 0, ...others]: readonly number[]): Promise<Door> {
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, port, HOST);
  } catch (error) {
    if (others.length > 0) return holdPort(others);
    throw error;
  }
  return { port: portOf(server), release: () => new Promise((resolve) => server.close(() => resolve())) };
}

ignoreClosedOutput();
try {
  loadEnvFile();
  const config = readDemoConfig();
  const log = createLog(config.logLevel, 2);
  const { port } = await runUntilSignal((ending) => startDemo(config, log, ending), log);
  process.stdout.write(`ready http://${HOST}:${port}/\n`);
} catch (error) {
  const known = error instanceof ConfigError || error instanceof UserError;
  process.stderr.write(`${known ? error.message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(1);
}
