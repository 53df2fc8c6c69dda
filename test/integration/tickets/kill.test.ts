import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomNumbers } from '../../../simulator/demo/random.ts';
import type { SayOptions } from '../../../simulator/types.ts';
import { createZendeskServer } from '../../../simulator/zendesk/server.ts';
import type { ZendeskServer } from '../../../simulator/zendesk/types.ts';
import { addWish } from '../../../src/db/ticket-wishes.ts';
import { createZendesk } from '../../../src/sources/zendesk.ts';
import { acmeShared, ana, maya, outsider } from '../../bot.ts';
import { buildVictim, moments, untilGone, type Victim } from '../../kill-process.ts';
import type { Kill } from '../../killable.ts';
import type { TicketOrders } from '../../ticket-child.ts';
import { botToken, type Office, openOffice } from '../delivery/kit.ts';
import { runTickets } from './run-tickets.ts';

const runs = 60;
const lanes = 3;
const support = 'C01SUPPORT0';
const credentials = { email: 'bot@bellwether.example', apiToken: 'zendesk-token' };

type Lane = { office: Office; zendesk: ZendeskServer; url: string; events: number };

let victim: Victim<TicketOrders>;
const all: Lane[] = [];
beforeAll(async () => {
  victim = await buildVictim('ticket-child.ts');
  for (let lane = 0; lane < lanes; lane += 1) {
    const office = await openOffice();
    const zendesk = createZendeskServer({ ...credentials, now: office.now });
    const { url } = await zendesk.listen();
    zendesk.addPerson({ name: 'Ada Agent', email: 'ada@support.example', role: 'agent' });
    all.push({ office, zendesk, url, events: 0 });
  }
});
afterAll(async () => {
  for (const { office, zendesk } of all) {
    await office.close();
    await zendesk.close();
  }
  await victim.remove();
});

/** What there must be in the end. */
type Expected = {
  threadTs: string;
  /** Bodies of the comments of the thread's newest ticket at the help desk, without what stands below the first; one of these. */
  comments: string[] | { either: string[][] };
  /** How many tickets the thread has had. */
  tickets: number;
  /** What agents said, in the thread. */
  replies: string[];
  status?: string;
};

const say = ({ office }: Lane, user: string, words: string, options: SayOptions & { channel?: string } = {}) => {
  const { channel = acmeShared, ...rest } = options;
  office.turnTo(10);
  return office.slack.say(user, channel, words, rest).ts ?? '';
};

/** An event as Slack would tell of it, stored by the door. */
async function tell(lane: Lane, type: string, event: object): Promise<void> {
  lane.events += 1;
  const at = lane.office.now();
  const body = JSON.stringify({ event: { type, ...event } });
  const row = { event_id: `Ev${lane.events}`, type, channel_id: acmeShared, body, received_at: at, due_at: at };
  await lane.office.db.insertInto('slack_events').values(row).execute();
}

const react = (lane: Lane, user: string, ts: string) =>
  tell(lane, 'reaction_added', { user, reaction: 'ticket', item: { type: 'message', channel: acmeShared, ts } });

function resume({ office, url }: Lane): Promise<void> {
  const slack = office.client(async () => undefined);
  const log = { debug() {}, info() {}, warn() {}, error() {} } as never;
  const desk = createZendesk({ ...credentials, url, now: office.now, log });
  return runTickets({ db: office.db, slack, desk, now: office.now, turnTo: office.turnTo, atOnce: 4 });
}

/** A thread that is a ticket already. */
async function opened(lane: Lane): Promise<{ threadTs: string; id: number }> {
  const threadTs = say(lane, outsider, 'It fails');
  await react(lane, outsider, threadTs);
  await resume(lane);
  return { threadTs, id: lane.zendesk.ticketIds.at(-1) ?? 0 };
}

/** Sets something up to be done. */
const scenarios: Record<string, (lane: Lane) => Promise<Expected>> = {
  'two people react in a thread of four': async (lane) => {
    const threadTs = say(lane, outsider, 'First');
    const bytes = Buffer.from('a log');
    const reply = say(lane, outsider, 'Second', {
      thread_ts: threadTs,
      files: [{ name: 'log.txt', type: 'text/plain', bytes }],
    });
    say(lane, maya, 'Third', { thread_ts: threadTs });
    say(lane, outsider, 'Fourth', { thread_ts: threadTs });
    await react(lane, outsider, reply);
    await react(lane, maya, threadTs);
    const third = 'Maya Lindqvist:\n\nThird';
    // Whose reaction is handled first says what the ticket begins with.
    const either = [
      ['Second', 'First', third, 'Fourth'],
      ['First', 'Second', third, 'Fourth'],
    ];
    return { threadTs, comments: { either }, tickets: 1, replies: [] };
  },
  'a message, and a reply beside the card': async (lane) => {
    const { threadTs } = await opened(lane);
    const ts = say(lane, outsider, 'More', { thread_ts: threadTs });
    await tell(lane, 'message', { channel: acmeShared, user: outsider, text: 'More', ts, thread_ts: threadTs });
    const card = lane.office.messages(support).at(-1)?.ts ?? '';
    const note = say(lane, ana, 'A note', { channel: support, thread_ts: card });
    await tell(lane, 'message', { channel: support, user: ana, text: 'A note', ts: note, thread_ts: card });
    return { threadTs, comments: ['It fails', 'More', 'Ana Ruiz:\n\nA note'], tickets: 1, replies: [] };
  },
  'an agent answers in public and otherwise': async (lane) => {
    const { threadTs, id } = await opened(lane);
    lane.zendesk.reply(id, 'An answer');
    lane.zendesk.reply(id, 'Secret', { public: false });
    lane.zendesk.reply(id, 'Another');
    await lane.office.db
      .updateTable('tickets')
      .set({ due_at: lane.office.now() })
      .where('thread_ts', '=', threadTs)
      .execute();
    return {
      threadTs,
      comments: ['It fails', 'An answer', 'Secret', 'Another'],
      tickets: 1,
      replies: ['An answer', 'Another'],
    };
  },
  'somebody solves it': async (lane) => {
    const { threadTs } = await opened(lane);
    const { id } = await lane.office.db
      .selectFrom('tickets')
      .select('id')
      .where('thread_ts', '=', threadTs)
      .executeTakeFirstOrThrow();
    await addWish(lane.office.db, id, { status: 'solved', severity: 'high' }, lane.office.now());
    return { threadTs, comments: ['It fails'], tickets: 1, replies: [], status: 'solved' };
  },
  'a customer writes when it is closed': async (lane) => {
    const { threadTs, id } = await opened(lane);
    lane.zendesk.closeTicket(id);
    const ts = say(lane, outsider, 'Again', { thread_ts: threadTs });
    await tell(lane, 'message', { channel: acmeShared, user: outsider, text: 'Again', ts, thread_ts: threadTs });
    return { threadTs, comments: ['Again'], tickets: 2, replies: [] };
  },
};

async function runChild({ office, url }: Lane, kill: Kill | null): Promise<{ killed: boolean; steps: string[] }> {
  return victim.run({
    databaseUrl: office.url,
    apiUrl: office.apiUrl,
    token: botToken,
    zendesk: { ...credentials, url },
    now: office.now().getTime(),
    kill,
  });
}

/** What the dead process had asked for may still be under way. */
async function settled({ office, zendesk }: Lane): Promise<void> {
  await untilGone(office.db, 'ticket-child');
  await office.slack.waitForIdle(10);
  await zendesk.waitForIdle(10);
}

async function faultsOf({ office, zendesk }: Lane, expected: Expected): Promise<string[]> {
  const faults: string[] = [];
  const { threadTs, comments, tickets, replies, status } = expected;
  const own = zendesk.ticketIds.filter((id) => String(zendesk.ticket(id).external_id).includes(threadTs));
  if (own.length !== tickets) faults.push(`${own.length} tickets`);
  const newest = own.at(-1) ?? 0;
  const bodies = own.length === 0 ? [] : zendesk.comments(newest).map(({ body }) => body.split('\n\n--\n')[0]);
  const possible = 'either' in comments ? comments.either : [comments];
  if (!possible.some((each) => JSON.stringify(each) === JSON.stringify(bodies)))
    faults.push(`the comments ${JSON.stringify(bodies)}`);
  if (status && zendesk.ticket(newest).status !== status) faults.push(`the status ${zendesk.ticket(newest).status}`);
  const inThread = office.slack
    .messages(acmeShared, ana, threadTs)
    .flatMap(({ bot_id, text: words }) => (bot_id === null ? [] : [words]));
  const wanted = [`ticket ${newest}`, ...replies.map((reply) => `reply ${reply}`)];
  if (JSON.stringify(inThread) !== JSON.stringify(wanted)) faults.push(`the thread ${JSON.stringify(inThread)}`);
  const cards = office.messages(support).filter(({ text: words }) => words === `card ${newest}`);
  if (cards.length !== 1) faults.push(`${cards.length} cards`);
  const rows = await office.db
    .selectFrom('ticket_messages')
    .select('key')
    .where('state', 'in', ['waiting', 'failed'])
    .execute();
  if (rows.length > 0) faults.push(`${rows.length} messages wait`);
  return faults;
}

type Plan = { scenario: string; what: string; kill: Kill };

/** What writes to Slack or the help desk at every moment, and of the rest as many as make up the runs. */
async function planRuns(): Promise<Plan[]> {
  const pick = randomNumbers(5);
  const plans: Plan[] = [];
  const rest: Plan[] = [];
  const [lane] = all as [Lane];
  for (const [scenario, setUp] of Object.entries(scenarios)) {
    const expected = await setUp(lane);
    const { steps } = await runChild(lane, null);
    const faults = await faultsOf(lane, expected);
    if (faults.length > 0) throw new Error(`${scenario}, not killed: ${faults.join('; ')}`);
    for (const [index, what] of steps.entries()) {
      const planned = moments.map((when) => ({ scenario, what, kill: { step: index + 1, when } }));
      if (/^(?:POST|PUT) \/api\/(?:v2\/tickets|v2\/uploads|chat\.postMessage)/.test(what)) plans.push(...planned);
      else rest.push(...planned);
    }
  }
  while (plans.length < runs) plans.push(...rest.splice(Math.floor(pick() * rest.length), 1));
  return plans;
}

test('a worker killed at any step leaves one complete ticket, and everything that was said told once', async () => {
  const plans = await planRuns();
  const waiting = [...plans];
  const faults: string[] = [];
  let killed = 0;
  await Promise.all(
    all.map(async (lane) => {
      for (let plan = waiting.pop(); plan; plan = waiting.pop()) {
        const { scenario, what, kill } = plan;
        const expected = await scenarios[scenario]?.(lane);
        if (!expected) continue;
        if ((await runChild(lane, kill)).killed) killed += 1;
        await settled(lane);
        lane.office.turnTo(60_000);
        await resume(lane);
        const found = await faultsOf(lane, expected);
        faults.push(...found.map((fault) => `${scenario}, killed ${kill.when} ${what} (${kill.step}): ${fault}`));
      }
    }),
  );
  expect(faults).toEqual([]);
  expect(killed).toBe(plans.length);
}, 120_000);
