import { deliverSoon } from '../../jobs/deliver-messages.ts';
import type { Deps } from '../../src/deps.ts';

/** Has the messages that something has changed shown anew. What changed is stored; without a queue it is shown later. */
export async function showChanges({ queue, log }: Deps): Promise<void> {
  try {
    await queue.enqueue('deliver-messages', {}, deliverSoon);
  } catch (error) {
    log.warn({ err: error }, 'the delivery of changed messages could not be ordered');
  }
}
