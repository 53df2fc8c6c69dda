import { deliverSoon } from '../../jobs/deliver-messages.ts';
import { workSoon } from '../../jobs/work-on-tickets.ts';
import type { Deps } from '../../src/deps.ts';

/** Has somebody look what is to be done for tickets, and say it. What changed is stored; without a queue it is done later. */
export async function workOnTickets({ queue, log }: Deps): Promise<void> {
  try {
    await queue.enqueue('work-on-tickets', {}, workSoon);
    await queue.enqueue('deliver-messages', {}, deliverSoon);
  } catch (error) {
    log.warn({ err: error }, 'work on tickets could not be ordered');
  }
}
