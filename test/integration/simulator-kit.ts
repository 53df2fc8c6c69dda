import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, type Logger, LogLevel } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import { createSimulator } from '../../simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../../simulator/types.ts';

export const SIGNING_SECRET = 'the-signing-secret';
export const BOT_TOKEN = 'xoxb-the-bot';
export const APP_TOKEN = 'xapp-the-app';

/** Ids of the seeded workspace. */
export const MAYA = 'U01MAYALIND';
export const TOM = 'U01TOMOKAFO';
export const GIL = 'U01GILGUEST';
export const NORA = 'U01NORAHOLM';
export const PRIYA = 'U02PRIYANAI';
export const BOT = 'U01BELLBOT0';
export const CS_TEAM = 'C01CSTEAM00';
export const SHARED = 'C01ACMESHRD';
export const RANDOM = 'C01RANDOM00';
export const LEADS = 'C01LEADS000';
export const ARCHIVED = 'C01LAUNCH25';

export const SCOPES = [
  'channels:history',
  'channels:join',
  'channels:read',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:read',
  'im:history',
  'im:read',
  'im:write',
  'mpim:read',
  'reactions:read',
  'reactions:write',
  'team:read',
  'users:read',
  'users:read.email',
];

const silent = () => undefined;
/** Says nothing: these tests provoke errors on purpose. */
export const noLog: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  setLevel: silent,
  getLevel: () => LogLevel.ERROR,
  setName: silent,
};

/** A simulator of its own for the running test, and a client for it. */
export async function startSimulator(options: Partial<SimulatorOptions> = {}) {
  const simulator = createSimulator({
    signingSecret: SIGNING_SECRET,
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    scopes: SCOPES,
    events: [
      'message.channels',
      'message.im',
      'app_mention',
      'reaction_added',
      'app_home_opened',
      'member_joined_channel',
    ],
    commands: [{ command: '/health', description: 'How an account does' }],
    shortcuts: [
      { type: 'global', name: 'New ticket', callback_id: 'new_ticket', description: '' },
      { type: 'message', name: 'Make a ticket', callback_id: 'make_ticket', description: '' },
    ],
    eventRetryDelaysMs: [0, 20, 20],
    fileDelayMs: 20,
    ...options,
  });
  onTestFinished(() => simulator.close());
  const { url, apiUrl } = await simulator.listen();
  return { simulator, url, apiUrl, web: client(apiUrl) };
}

/** A WebClient as the product makes it: no retries of its own. */
export function client(slackApiUrl: string, token: string | undefined = BOT_TOKEN): WebClient {
  return new WebClient(token, {
    slackApiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 2000,
    logger: noLog,
  });
}

/** A real Bolt app over HTTP that the simulator talks to, for the running test. */
export async function startBolt(simulator: Simulator, apiUrl: string): Promise<App> {
  const receiver = new HTTPReceiver({ signingSecret: SIGNING_SECRET, processBeforeResponse: true, logger: noLog });
  const app = new App({ token: BOT_TOKEN, receiver, clientOptions: { slackApiUrl: apiUrl }, logger: noLog });
  app.error(async (error) => {
    throw error;
  });
  const server = (await app.start(0)) as Server;
  onTestFinished(async () => {
    await app.stop();
  });
  simulator.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
  return app;
}

/** The error code of a refused call. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const answer = await call.then(
    () => 'ok',
    (error: { data?: { error?: string }; message: string }) => error.data?.error ?? error.message,
  );
  return answer;
}
