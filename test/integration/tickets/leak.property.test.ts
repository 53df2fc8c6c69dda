import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverMessages } from '../../../jobs/deliver-messages.ts';
import { handleSlackEvents } from '../../../jobs/handle-slack-events.ts';
import { workOnTickets } from '../../../jobs/work-on-tickets.ts';
import type { Deps } from '../../../src/deps.ts';
import { createSlackClient } from '../../../src/slack/client.ts';
import { createZendesk } from '../../../src/sources/zendesk.ts';
import { acmeShared, ana, maya, outsider } from '../../bot.ts';
import { jonas, react, type Support, startSupport, support, write } from './kit.ts';

let office: Support;
beforeAll(async () => {
  office = await startSupport();
  // Jobs run when the test says so.
  office.deps.queue = { enqueue: async () => undefined };
});
afterAll(() => office.close());

type Step =
  | {
      do:
        | 'customer'
        | 'other'
        | 'staff'
        | 'public'
        | 'internal'
        | 'card'
        | 'edit'
        | 'take back'
        | 'solve'
        | 'work'
        | 'wait';
    }
  | { do: 'webhooks'; order: number[] }
  | { do: 'work killed'; at: number }
  | { do: 'trouble'; kind: 'lost' | 'dropped' | 'status'; of: 'slack' | 'desk'; after: number };

const simple = fc.constantFrom(
  'customer',
  'other',
  'staff',
  'public',
  'internal',
  'card',
  'edit',
  'take back',
  'solve',
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: simple }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('work', 'wait') }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('webhooks' as const), order: fc.array(fc.nat(20), { maxLength: 8 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('work killed' as const), at: fc.integer({ min: 1, max: 10 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('trouble' as const),
      kind: fc.constantFrom('lost', 'dropped', 'status'),
      of: fc.constantFrom('slack', 'desk'),
      after: fc.nat(3),
    }),
  },
);

/** A worker's run; `killAt`: it stands still for ever at that call of Slack's or of the help desk's. */
async function work(killAt = Number.POSITIVE_INFINITY): Promise<void> {
  let calls = 0;
  let isDead = false;
  const { promise: killed, resolve } = Promise.withResolvers<void>();
  const calling: typeof fetch = (url, init) => {
    calls += 1;
    if (calls < killAt) return fetch(url, init);
    isDead = true;
    resolve();
    // Half of the calls were under way.
    if (calls % 2 === 0) void fetch(url, init).catch(() => undefined);
    return new Promise(() => undefined);
  };
  const { config, log } = office.deps;
  const now = () => {
    // Whatever else it was about to do, it does not.
    if (isDead) throw new Error('dead');
    return office.now();
  };
  const slack = createSlackClient({ token: config.slack.botToken ?? '', apiUrl: config.slack.apiUrl, log });
  Object.assign(slack, { fetchFn: calling });
  const zendesk = config.zendesk ?? { url: '', email: '', apiToken: '' };
  const deps: Deps = { ...office.deps, now, slack, desk: createZendesk({ ...zendesk, now, log, fetch: calling }) };
  const jobs = async () => {
    await handleSlackEvents.run({}, deps);
    await workOnTickets.run({}, deps);
    await deliverMessages.run({}, deps);
  };
  const ended = jobs().catch((error: unknown) => {
    if (!isDead) throw error;
  });
  await Promise.race([ended, killed]);
}

async function idle(): Promise<void> {
  await office.slack.waitForIdle(15);
  await office.zendesk.waitForIdle(5);
}

let number = 0;

/** Runs the steps in a thread of its own, then lets all be done, and tells what was said by whom. */
async function play(steps: readonly Step[]) {
  number += 1;
  let said = 0;
  const words: Record<string, string[]> = { customer: [], staff: [], public: [], internal: [], card: [] };
  const next = (what: string) => {
    said += 1;
    const marker = `${what}-${number}-${said}-`;
    words[what]?.push(marker);
    return marker;
  };
  const threadTs = write(office, outsider, next('customer'));
  react(office, outsider, threadTs);
  await idle();
  await work();
  const id = office.zendesk.ticketIds.at(-1) ?? 0;
  const own: string[] = [];
  office.zendesk.holdWebhooks();
  for (const each of steps) {
    const thread_ts = threadTs;
    if (each.do === 'customer') own.push(write(office, outsider, next('customer'), { thread_ts }));
    if (each.do === 'other') write(office, jonas, next('customer'), { thread_ts });
    if (each.do === 'staff') write(office, maya, next('staff'), { thread_ts });
    if (each.do === 'public') office.zendesk.reply(id, next('public'));
    if (each.do === 'internal') office.zendesk.reply(id, next('internal'), { public: false });
    if (each.do === 'card') {
      const card = office.slack.messages(support, ana).findLast(({ text }) => text.includes(`#${id}`));
      if (card) write(office, ana, next('card'), { channel: support, thread_ts: card.ts });
    }
    if (each.do === 'edit' && own.length > 0) office.slack.rewrite(outsider, acmeShared, own.at(-1) ?? '', 'changed');
    if (each.do === 'take back' && own.length > 0) office.slack.takeBack(outsider, acmeShared, own.shift() ?? '');
    if (each.do === 'solve') office.zendesk.setStatus(id, 'solved');
    if (each.do === 'work') await work();
    if (each.do === 'wait') {
      await idle();
      office.pass(1_500);
    }
    if (each.do === 'work killed') {
      await idle();
      if (each.at % 3 > 0) await handleSlackEvents.run({}, office.deps);
      office.pass(1_500);
      await work(each.at);
    }
    if (each.do === 'webhooks') {
      // Some twice, some not at all, and in any order.
      await office.zendesk.releaseWebhooks((held) => each.order.flatMap((index) => held[index] ?? []));
      office.zendesk.holdWebhooks();
    }
    if (each.do === 'trouble') {
      const { kind, after } = each;
      if (each.of === 'desk') office.zendesk.fault({ request: '*', kind, after });
      else office.slack.fault({ method: 'chat.postMessage', kind: kind === 'dropped' ? 'status' : kind, after });
    }
  }
  await office.zendesk.releaseWebhooks();
  office.slack.clearFaults();
  office.zendesk.clearFaults();
  // Leases end, tickets of which nothing was told are asked about, and posts go out one a second.
  office.pass(6 * 60_000);
  let before = '';
  for (let round = 0; round < 60; round += 1) {
    await idle();
    await work();
    office.pass(round % 10 === 9 ? 6 * 60_000 : 1_500);
    const state = JSON.stringify([office.zendesk.comments(id), office.thread(threadTs)]);
    if (state === before && round > 12) break;
    before = state;
  }
  return { threadTs, id, words };
}

const countIn = (texts: readonly string[], marker: string) => texts.filter((text) => text.includes(marker)).length;

test('whatever happens in whatever order, no internal note reaches a thread, and everything else arrives once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
      const { threadTs, id, words } = await play(steps);
      const { customer = [], staff = [], public: replies = [], internal = [], card = [] } = words;
      // Everything that was ever written to Slack, blocks and names included, but for the support channel.
      const written = office.slack.journal.flatMap((entry) =>
        entry.kind === 'call' && entry.args.channel !== support ? [JSON.stringify(entry.args)] : [],
      );
      const answers = office.slack.journal.flatMap((entry) =>
        ['post', 'edit', 'ephemeral'].includes(entry.kind) && 'channel' in entry && entry.channel !== support
          ? [JSON.stringify(entry)]
          : [],
      );
      for (const marker of [...internal, ...card]) {
        expect(countIn(written, marker), `${marker} in a call`).toBe(0);
        expect(countIn(answers, marker), `${marker} in a channel`).toBe(0);
      }
      const stored = await office.db
        .selectFrom('ticket_messages')
        .select('text')
        .where('origin', '=', 'desk')
        .execute();
      for (const marker of internal)
        expect(
          countIn(
            stored.map(({ text }) => text),
            marker,
          ),
        ).toBe(0);
      const fromBot = office
        .thread(threadTs)
        .flatMap(({ bot_id, ...message }) => (bot_id === null ? [] : [JSON.stringify(message)]));
      for (const marker of replies) expect(countIn(fromBot, marker), `${marker} in the thread`).toBe(1);
      const comments = office.comments(id);
      const open = comments.filter((comment) => comment.public).map(({ body }) => body);
      const notes = comments.filter((comment) => !comment.public).map(({ body }) => body);
      for (const marker of [...customer, ...staff]) expect(countIn(open, marker), `${marker} at the desk`).toBe(1);
      for (const marker of card) {
        expect(countIn(notes, marker), `${marker} as a note`).toBe(1);
        expect(countIn(open, marker), `${marker} in public`).toBe(0);
      }
      expect(fromBot.filter((message) => message.includes(`#${id}`))).toHaveLength(1);
    }),
    { numRuns: 12, seed: 5, interruptAfterTimeLimit: 60_000 },
  );
  expect(office.failures).toEqual([]);
}, 90_000);
