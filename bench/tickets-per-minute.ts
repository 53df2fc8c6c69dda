import { setTimeout as sleep } from 'node:timers/promises';
import { openTicketOffice } from './tickets/office.ts';
import type { Benchmark } from './types.ts';

const PER_MINUTE = 110;
const MINUTES = 2;
const CHANNELS = 10;
/** How long the last may take once all are asked for. */
const TAIL_MS = 30_000;

/**
 * Tickets a minute, from the first reaction to the last word in a thread, where customers of ten channels ask for somewhat
 * more than a hundred a minute and Slack keeps to its rates.
 */
export const ticketsPerMinute: Benchmark = {
  name: 'tickets_per_minute',
  goal: { atLeast: 100 },
  async run() {
    const office = await openTicketOffice({ channels: CHANNELS, rateLimits: true });
    try {
      const total = PER_MINUTE * MINUTES;
      const asked: { ts: string; at: number }[] = [];
      for (let number = 0; number < total; number += 1) {
        asked.push(office.ask(office.channels[number % CHANNELS] ?? ''));
        await sleep(60_000 / PER_MINUTE);
      }
      const posts = await office.confirmed(asked, TAIL_MS);
      const took = Math.max(...asked.map(({ ts }) => posts.get(ts) ?? 0)) - Math.min(...asked.map(({ at }) => at));
      const made = office.zendesk.ticketIds.length;
      if (made !== total) throw new Error(`${made} tickets were made for ${total} threads.`);
      const refused = office.simulator.journal.flatMap((entry) =>
        entry.kind === 'answer' && entry.status === 429 ? [entry.method] : [],
      );
      return { ratio: (total / took) * 60_000, detail: { tickets: total, refused: countEach(refused) } };
    } finally {
      await office.close();
    }
  },
};

function countEach(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}
