import { createServer } from 'node:net';
import pino, { type Logger } from 'pino';
import { ConfigError, readConfig } from '../../src/config.ts';
import { loadEnvFile } from '../../src/env-file.ts';
import { UserError } from '../../src/errors.ts';
import { type Bellwether, closeOnSignal, startBellwether } from '../../src/main.ts';
import { createSimulator } from '../simulator.ts';
import { seedDemo } from './seed.ts';

const HOST = '127.0.0.1';
const BOT_TOKEN = 'xoxb-demo';
const SIGNING_SECRET = 'demo-signing-secret';

/** The bot, its worker and a simulated Slack in one process, on one port. */
async function startDemo(port: number, log: Logger): Promise<Bellwether> {
  const url = `http://${HOST}:${port}`;
  const config = readConfig(
    {
      ...process.env,
      PORT: String(port),
      SLACK_BOT_TOKEN: BOT_TOKEN,
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_APP_TOKEN: undefined,
      SLACK_API_URL: `${url}/api/`,
    },
    ['bot', 'worker'],
  );
  const simulator = createSimulator({
    signingSecret: SIGNING_SECRET,
    botToken: BOT_TOKEN,
    baseUrl: url,
    eventsUrl: `${url}/slack/events`,
  });
  const bellwether = await startBellwether({
    config,
    roles: ['bot', 'worker'],
    log,
    host: HOST,
    fallback: simulator.handle,
    prepare: seedDemo,
  });
  const close = async () => {
    await simulator.close();
    await bellwether.close();
  };
  return { ...bellwether, close };
}

/** PORT, else 3000, else any that is free. */
async function choosePort(): Promise<number> {
  const wanted = process.env.PORT?.trim();
  if (wanted) return Number(wanted) || freePort(0);
  return freePort(3000).catch(() => freePort(0));
}

function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}

try {
  loadEnvFile();
  const log = pino({ level: process.env.LOG_LEVEL || 'warn' }, pino.destination(2));
  const starting = choosePort().then((port) => startDemo(port, log));
  closeOnSignal(async () => (await starting).close(), log);
  const { port } = await starting;
  process.stdout.write(`ready http://${HOST}:${port}/\n`);
} catch (error) {
  const known = error instanceof ConfigError || error instanceof UserError;
  process.stderr.write(`${known ? error.message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(1);
}
