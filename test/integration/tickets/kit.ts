import type { Kysely } from 'kysely';
import { zendeskRoute } from '../../../handlers/webhooks/zendesk.ts';
import type { PageMessage, SayOptions, SimulatorOptions } from '../../../simulator/types.ts';
import { createZendeskServer } from '../../../simulator/zendesk/server.ts';
import type { ZendeskOptions, ZendeskServer } from '../../../simulator/zendesk/types.ts';
import type { Database } from '../../../src/db/types.ts';
import { serve } from '../../../src/http/server.ts';
import { acmeShared, ana, startTestBot, type TestBot } from '../../bot.ts';
import { createTestDatabase } from '../../database.ts';
import { createTestPlaybook } from '../../playbook.ts';

export const support = 'C01SUPPORT0';
export const jonas = 'U02JONASWEB';
export const botUser = 'U01BELLBOT0';

const zendeskToken = 'zendesk-token';
const zendeskEmail = 'bot@bellwether.example';
export const webhookSecret = 'zendesk-webhook-secret';

/** A bot, its database, a Zendesk, and a clock that goes on while something waits. */
export type Support = TestBot & {
  db: Kysely<Database>;
  url: string;
  zendesk: ZendeskServer;
  agent: number;
  now: () => Date;
  /** Moves the clock on by so many milliseconds. */
  pass(ms: number): void;
  /** Runs what is due until nothing is that is due within the next seconds. */
  settle(): Promise<void>;
  /** What stands in a thread after its first message, as a colleague sees it. */
  thread(ts: string, channel?: string): PageMessage[];
  /** The webhook's address. */
  webhook: string;
  /** The comments of a ticket, oldest first. */
  comments(ticketId?: number): { public: boolean; author: string; body: string; files: string[] }[];
};

type Given = {
  env?: Record<string, string>;
  slack?: Partial<SimulatorOptions>;
  zendesk?: Partial<ZendeskOptions>;
};

/** Starts all of it. */
export async function startSupport(given: Given = {}): Promise<Support> {
  const { db, url, drop } = await createTestDatabase();
  let offset = 0;
  const now = () => new Date(Date.now() + offset);
  const zendesk = createZendeskServer({
    email: zendeskEmail,
    apiToken: zendeskToken,
    webhookSecret,
    now,
    ...given.zendesk,
  });
  const { url: zendeskUrl } = await zendesk.listen();
  zendesk.addGroup('Technical');
  const agent = zendesk.addPerson({ name: 'Ada Agent', email: 'ada@support.example', role: 'agent' });
  const env = {
    ZENDESK_URL: zendeskUrl,
    ZENDESK_EMAIL: zendeskEmail,
    ZENDESK_API_TOKEN: zendeskToken,
    ZENDESK_WEBHOOK_SECRET: webhookSecret,
    SUPPORT_CHANNEL: support,
    ...given.env,
  };
  // Jobs run within the answers to events, and a machine may be slow.
  const options = { answerTimeoutMs: 60_000, ...given.slack };
  const bot = await startTestBot({ db, playbook: createTestPlaybook(), now, env }, options);
  const { deps, slack } = bot;
  const { queue, log, desk } = deps;
  const route = zendeskRoute({ db, queue, log, now, desk: desk.name, secret: webhookSecret });
  const doors = await serve({ host: '127.0.0.1', port: 0, routes: { 'POST /webhooks/zendesk': route }, log });
  zendesk.connect(`http://127.0.0.1:${doors.port}/webhooks/zendesk`);

  /** When something is next to be done; null when nothing is. */
  const nextDue = async (): Promise<Date | null> => {
    const times = await Promise.all([
      db
        .selectFrom('slack_events')
        .select((is) => is.fn.min('due_at').as('at'))
        .where('handled_at', 'is', null)
        .executeTakeFirst(),
      db
        .selectFrom('tickets')
        .select((is) => is.fn.min('due_at').as('at'))
        .executeTakeFirst(),
      db
        .selectFrom('messages')
        .select((is) => is.fn.min('due_at').as('at'))
        .where((is) => is.or([is('status', '=', 'waiting'), is('shown_version', '<', is.ref('version'))]))
        .where('status', 'in', ['waiting', 'sent'])
        .executeTakeFirst(),
    ]);
    const all = times.flatMap((row) => (row?.at ? [row.at.getTime()] : []));
    return all.length === 0 ? null : new Date(Math.min(...all));
  };
  return {
    ...bot,
    db,
    url,
    zendesk,
    agent,
    webhook: `http://127.0.0.1:${doors.port}/webhooks/zendesk`,
    now,
    pass(ms) {
      offset += ms;
    },
    async settle() {
      for (let round = 0; round < 200; round += 1) {
        await slack.waitForIdle(15);
        await zendesk.waitForIdle(5);
        const next = await nextDue();
        if (next === null || next.getTime() > now().getTime() + 30_000) return;
        // Slack takes one post a second in a channel.
        offset += Math.max(1_000, next.getTime() - now().getTime());
        for (const job of ['handle-slack-events', 'work-on-tickets', 'deliver-messages'])
          await deps.queue.enqueue(job, {});
      }
      throw new Error('There is always something to do.');
    },
    thread: (ts, channel = acmeShared) => slack.messages(channel, ana, ts).slice(1),
    comments: (ticketId = 1) => zendesk.comments(ticketId),
    async close() {
      await slack.waitForIdle(20);
      await bot.close();
      await zendesk.close();
      await doors.close();
      await drop();
    },
  };
}

/** Somebody writes, in Acme's shared channel unless told; returns the message's ts. */
export function write(
  { slack }: Pick<Support, 'slack'>,
  user: string,
  text: string,
  { channel = acmeShared, ...rest }: SayOptions & { channel?: string } = {},
): string {
  const said = slack.say(user, channel, text, rest);
  if (!said.ok || !said.ts) throw new Error(`Slack does not take it: ${JSON.stringify(said)}`);
  return said.ts;
}

/** Somebody reacts, with the ticket emoji unless told. */
export function react(
  { slack }: Pick<Support, 'slack'>,
  user: string,
  ts: string,
  {
    channel = acmeShared,
    emoji = 'ticket',
    remove = false,
  }: { channel?: string; emoji?: string; remove?: boolean } = {},
): void {
  const reacted = slack.react(user, channel, ts, emoji, { remove });
  if (!reacted.ok) throw new Error(`Slack does not take it: ${JSON.stringify(reacted)}`);
}
