import { WebClient } from '@slack/web-api';
import pino from 'pino';
import { createSimulator } from '../../../simulator/simulator.ts';
import type { PageMessage, Simulator, SimulatorOptions } from '../../../simulator/types.ts';
import type { Db } from '../../../src/db/types.ts';
import type { DeliverySettings } from '../../../src/indicators/types.ts';
import { createSlackClient } from '../../../src/slack/client.ts';
import { type Delivered, type DeliverOptions, deliverDue } from '../../../src/slack/deliver.ts';
import type { Render } from '../../../src/slack/delivery.ts';
import { alertsAt } from '../../alert-factories.ts';
import { createTestDatabase } from '../../database.ts';
import { renderPlainly } from './render.ts';

export const botToken = 'xoxb-test-token';
export const fallback = 'C01SUPPORT0';

/** No quiet times, so that a test says which it wants. */
const settings: DeliverySettings = {
  quietHours: null,
  quietWeekend: false,
  digestAt: '09:00',
  holdAbovePercent: 20,
  holdFromAccounts: 10,
};

/** A database, a workspace, and a clock that both go by. */
export type Office = {
  db: Db;
  url: string;
  apiUrl: string;
  slack: Simulator;
  now: () => Date;
  /** Moves the clock to a time, or on by so many milliseconds. */
  turnTo(time: Date | string | number): void;
  /** One run of the delivery, as the job does it. */
  deliver(options?: Partial<DeliverOptions>): Promise<Delivered>;
  /** A client that does something before each of its calls, or when the answer is here. */
  client(before: (method: string) => Promise<void>, after?: (method: string) => Promise<void>): WebClient;
  /** Runs until nothing is to be done within the next hour; the clock goes on. */
  deliverAll(options?: Partial<DeliverOptions>): Promise<void>;
  /** What stands in a person's direct messages, or in a channel, oldest first. */
  seen(where: string): string[];
  messages(where: string): PageMessage[];
  /** Posts that were not taken back, in the order in which they were made. */
  posts(): { channel: string; ts: string; text: string }[];
  close(): Promise<void>;
};

export async function openOffice(options: Partial<SimulatorOptions> = {}): Promise<Office> {
  const { db, url, drop } = await createTestDatabase();
  let time = alertsAt.getTime();
  const now = () => new Date(time);
  const slack = createSimulator({ signingSecret: '0123456789abcdef', botToken, now, ...options });
  const { apiUrl } = await slack.listen();
  const log = pino({ level: 'silent' });
  const web = createSlackClient({ token: botToken, apiUrl, log });
  const render: Render = (message) => renderPlainly(db, message);
  const deliver: Office['deliver'] = (given = {}) =>
    deliverDue({ db, slack: web, log, now, render, settings, timeZone: 'UTC', fallbackChannel: fallback, ...given });
  const messages = (where: string) => {
    const channel = where.startsWith('U') ? slack.dm(where) : where;
    return slack
      .messages(channel, where.startsWith('U') ? where : 'U01SAMODUYA')
      .filter(({ bot_id }) => bot_id !== null);
  };
  return {
    db,
    url,
    apiUrl,
    slack,
    now,
    turnTo(to) {
      time = typeof to === 'number' ? time + to : new Date(to).getTime();
    },
    deliver,
    client: (before, after) =>
      new WebClient(botToken, {
        slackApiUrl: apiUrl,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        fetch: async (url, init) => {
          const method = String(url).slice(apiUrl.length);
          await before(method);
          const response = await fetch(url, init);
          await after?.(method);
          return response;
        },
      }),
    async deliverAll(given) {
      for (let runs = 0; runs < 500; runs += 1) {
        const { next } = await deliver(given);
        if (next === null || next.getTime() > time + 60 * 60_000) return;
        time = Math.max(time, next.getTime());
      }
      throw new Error('There is always something to deliver.');
    },
    messages,
    seen: (where) => messages(where).map(({ text }) => text),
    posts() {
      const deleted = new Set(slack.journal.flatMap((entry) => (entry.kind === 'delete' ? [entry.ts] : [])));
      return slack.journal.flatMap((entry) =>
        entry.kind === 'post' && !deleted.has(entry.ts)
          ? [{ channel: entry.channel, ts: entry.ts, text: entry.text }]
          : [],
      );
    },
    async close() {
      await slack.close();
      await drop();
    },
  };
}
