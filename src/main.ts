import { App } from '@slack/bolt';
import type { Logger } from 'pino';
import { registerHandlers } from '../handlers/index.ts';
import { ingestRoutes } from '../handlers/ingest/index.ts';
import { createStrangers } from '../handlers/ingest/strangers.ts';
import { stripeRoute } from '../handlers/webhooks/stripe.ts';
import { zendeskRoute } from '../handlers/webhooks/zendesk.ts';
import { jobs } from '../jobs/index.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { createBilling } from './create-billing.ts';
import { createDesk } from './create-desk.ts';
import { connectDatabase } from './db/connect.ts';
import { findDeliveryFigures } from './db/delivery-figures.ts';
import { ping } from './db/ping.ts';
import type { Deps } from './deps.ts';
import { type Ending, runUntilSignal } from './ending.ts';
import { loadEnvFile } from './env-file.ts';
import { UserError } from './errors.ts';
import { findHalfSet } from './half-set.ts';
import { createTelemetry, operationsRoutes, type Telemetry, watchDelivery } from './http/operations.ts';
import { type Routes, serve } from './http/server.ts';
import { slackRoute } from './http/slack-route.ts';
import { createWriteKeys } from './http/write-keys.ts';
import { createHorizon } from './ingest/horizon.ts';
import { createIngester } from './ingest/ingester.ts';
import { createLog } from './log.ts';
import { ignoreClosedOutput } from './output.ts';
import { readPlaybook } from './playbook/read.ts';
import { createNudge } from './queue/nudge.ts';
import { createQueue } from './queue/queue.ts';
import { startWorker } from './queue/worker.ts';
import { createSlackClient } from './slack/client.ts';
import { slackLogger } from './slack/logger.ts';
import { createReceiver, type SlackReceiver } from './slack/receiver.ts';
import { startSocketMode } from './slack/socket-mode.ts';

const roles = ['bot', 'worker'] as const;
type ProcessRole = (typeof roles)[number];
type Fallback = Parameters<typeof serve>[0]['fallback'];

/** A running Bellwether. `close` drains: requests and jobs under way are finished, then everything is let go. */
export type Bellwether = { port: number; deps: Deps; close(): Promise<void> };

/** Jobs at once. Each may hold one connection for a lock beside the one it works with; doors and commands need theirs, too. */
const JOBS_AT_ONCE = 4;
const CONNECTIONS = 20;

/** How long what is under way may take to end, and of that the jobs. */
const DRAIN_MS = 25_000;
const DRAIN_JOBS_MS = 20_000;

/** How long after an event is stored the job is asked for that counts it into the series. */
const COUNT_AFTER_MS = 1_000;

/**
 * Starts the roles asked for and resolves when all is up. `fallback` answers the HTTP requests that no route takes;
 * `prepare` runs before anything is served. When `ending` asks, it lets go of what it has and throws.
 * @throws {UserError} when something that a person must mend is in the way
 */
export async function startBellwether(options: {
  config: Config;
  roles: readonly ProcessRole[];
  log: Logger;
  host?: string;
  fallback?: Fallback;
  prepare?: (deps: Deps, databaseUrl: string) => Promise<void>;
  ending?: Ending;
}): Promise<Bellwether> {
  const { config, log, ending } = options;
  const goOn = () => ending?.asked.throwIfAborted();
  const playbook = await readPlaybook(config.playbook);
  goOn();
  for (const warning of findHalfSet(config, playbook)) log.warn(warning);
  const connection = await connectDatabase(config, log, { instance: options.roles.includes('bot'), max: CONNECTIONS });
  const closers: (() => Promise<unknown>)[] = [];
  let closed: Promise<void> | undefined;
  const closeAll = async () => {
    const cutOff = untilAborted([AbortSignal.timeout(DRAIN_MS), ...(ending ? [ending.hurry] : [])]);
    for (const closer of closers.reverse()) await Promise.race([closer(), cutOff]);
    await connection.close();
  };
  const close = () => (closed ??= closeAll());
  try {
    goOn();
    const queueSettings = { databaseUrl: connection.url, redisUrl: config.redisUrl, log };
    const queue = await createQueue(queueSettings);
    closers.push(queue.close);
    goOn();
    const slack = createSlackClient({ token: config.slack.botToken, apiUrl: config.slack.apiUrl, log });
    const now = () => new Date();
    const desk = createDesk(config, { db: connection.db, log, now });
    const billing = createBilling(config, { metadataKey: playbook.sources.stripe.metadata, now, log });
    const deps: Deps = { config, db: connection.db, log, playbook, slack, desk, billing, queue, now };
    await options.prepare?.(deps, connection.url);
    goOn();
    const telemetry = createTelemetry();
    watchDelivery(telemetry, () => findDeliveryFigures(deps.db, deps.now()));

    const routes = operationsRoutes(telemetry, {
      database: () => ping(deps.db),
      queue: queue.ping,
      slack: () => slack.auth.test(),
    });
    const isBot = options.roles.includes('bot');
    const receiver = isBot ? createBot(deps, telemetry) : null;
    const doors = isBot ? createDoors(deps, telemetry) : null;
    if (doors) closers.push(doors.close);
    const server = await serve({
      host: options.host ?? '0.0.0.0',
      port: config.port,
      routes: {
        ...routes,
        ...(receiver && slackRoutes(receiver, deps)),
        ...doors?.routes,
        ...(isBot && deskRoutes(deps)),
        ...(isBot && billingRoutes(deps)),
      },
      log,
      fallback: options.fallback,
    });
    closers.push(server.close);
    if (receiver && config.slack.appToken) {
      const socket = await startSocketMode({
        appToken: config.slack.appToken,
        apiUrl: config.slack.apiUrl,
        receiver,
        log,
      });
      closers.push(socket.close);
    }
    if (options.roles.includes('worker')) {
      const worker = await startWorker({ ...queueSettings, jobs, deps, concurrency: JOBS_AT_ONCE });
      closers.push(() => worker.close(DRAIN_JOBS_MS));
    }
    return { port: server.port, deps, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Bolt with our handlers and our doors. */
function createBot(deps: Deps, telemetry: Telemetry): SlackReceiver {
  const receiver = createReceiver((error) => deps.log.error({ err: error }, 'a listener failed'));
  const app = new App({
    receiver,
    // Without asking Slack who we are: handlers look up whom they may answer, and tell the asker when that fails. So Bolt
    // does not know the bot's own events when it sees them.
    authorize: async () => ({ botToken: deps.config.slack.botToken }),
    clientOptions: { slackApiUrl: deps.config.slack.apiUrl },
    logger: slackLogger(deps.log),
  });
  app.use(async ({ body, next }) => {
    const kind = 'command' in body ? 'command' : 'type' in body ? String(body.type) : 'other';
    try {
      await next();
      telemetry.slackRequests.inc({ kind, outcome: 'done' });
    } catch (error) {
      telemetry.slackRequests.inc({ kind, outcome: 'failed' });
      throw error;
    }
  });
  registerHandlers(app, deps);
  return receiver;
}

/** Where events come in. `close` is for when no request is under way any more. */
function createDoors(deps: Deps, telemetry: Telemetry): { routes: Routes; close(): Promise<void> } {
  const { config, db, log, now } = deps;
  const count = createNudge(deps.queue, 'count-events', { everyMs: COUNT_AFTER_MS, log });
  const ingester = createIngester({
    db,
    log,
    now,
    timeZone: config.timeZone,
    owners: deps.playbook.sources.owners,
    onStored: count.nudge,
  });
  const routes = ingestRoutes({
    keys: createWriteKeys(config.ingestWriteKeys),
    ingester,
    strangers: createStrangers({ ingester, log, now }),
    findHorizon: createHorizon(db, config.eventRetentionMonths),
    counter: telemetry.ingestCalls,
    log,
    now,
  });
  return {
    routes,
    close: async () => {
      await ingester.close();
      await count.close();
    },
  };
}

function slackRoutes(receiver: SlackReceiver, deps: Deps): Routes {
  const secret = deps.config.slack.signingSecret;
  return secret ? { 'POST /slack/events': slackRoute(receiver, secret, deps.now) } : {};
}

/** Where the help desk tells of what happens there. */
function deskRoutes({ db, queue, log, now, desk, config }: Deps): Routes {
  const { zendesk } = config;
  if (!zendesk) return {};
  const secret = zendesk.webhookSecret;
  return { 'POST /webhooks/zendesk': zendeskRoute({ db, queue, log, now, desk: desk.name, secret }) };
}

/** Where Stripe tells of what happens to invoices and the like. */
function billingRoutes({ db, queue, log, now, config }: Deps): Routes {
  return { 'POST /webhooks/stripe': stripeRoute({ db, queue, log, now, secret: config.stripe.webhookSecret }) };
}

function untilAborted(signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  return new Promise((resolve) => (any.aborted ? resolve() : any.addEventListener('abort', () => resolve())));
}

function readRoles(args: string[]): ProcessRole[] {
  const unknown = args.filter((name) => !roles.includes(name as ProcessRole));
  if (unknown.length > 0)
    throw new UserError(`There is no role ${unknown.join(', ')}; use bot, worker, or none for both.`);
  return args.length > 0 ? (args as ProcessRole[]) : [...roles];
}

if (import.meta.main) {
  ignoreClosedOutput();
  try {
    loadEnvFile();
    const asked = readRoles(process.argv.slice(2));
    const config = readConfig(process.env, asked);
    const log = createLog(config.logLevel, 1);
    const bellwether = await runUntilSignal((ending) => startBellwether({ config, roles: asked, log, ending }), log);
    log.info({ port: bellwether.port, roles: asked }, 'ready');
  } catch (error) {
    const known = error instanceof ConfigError || error instanceof UserError;
    process.stderr.write(`${known ? error.message : ((error as Error).stack ?? String(error))}\n`);
    process.exit(1);
  }
}
