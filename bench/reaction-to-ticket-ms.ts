import { setTimeout as sleep } from 'node:timers/promises';
import { median, round } from './measure.ts';
import { openTicketOffice } from './tickets/office.ts';
import type { Benchmark } from './types.ts';

const TICKETS = 30;
const GAP_MS = 400;

/**
 * Milliseconds from a reaction to the word in the thread that its ticket is made, at the median, in one process with bot,
 * worker, simulated Slack and local Zendesk as in the demo.
 */
export const reactionToTicketMs: Benchmark = {
  name: 'reaction_to_ticket_ms',
  goal: { atMost: 1000 },
  async run() {
    const office = await openTicketOffice({ channels: TICKETS, rateLimits: false });
    try {
      const asked: { ts: string; at: number }[] = [];
      for (const channel of office.channels) {
        asked.push(office.ask(channel));
        await sleep(GAP_MS);
      }
      const posts = await office.confirmed(asked, 30_000);
      const waits = asked.map(({ ts, at }) => (posts.get(ts) ?? 0) - at);
      const sorted = waits.toSorted((one, other) => one - other);
      const detail = { tickets: waits.length, fastest: sorted[0], slowest: round(sorted.at(-1) ?? 0) };
      return { ratio: median(waits), detail };
    } finally {
      await office.close();
    }
  },
};
