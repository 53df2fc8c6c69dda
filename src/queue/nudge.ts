import type { Logger } from 'pino';
import type { JobQueue } from './types.ts';

/** Asks for a job, however often it is told to, once in a while. */
export type Nudge = { nudge(): void; close(): Promise<void> };

/** `close` asks at once for what was still to be asked for. */
export function createNudge(queue: JobQueue, job: string, { everyMs, log }: { everyMs: number; log: Logger }): Nudge {
  let timer: NodeJS.Timeout | null = null;
  let asking: Promise<void> = Promise.resolve();
  const ask = () => {
    timer = null;
    // Nothing is lost: the job's schedule finds the work later.
    asking = queue
      .enqueue(job, {}, { key: job })
      .catch((error: unknown) =>
        log.warn({ err: error, job }, 'a job could not be asked for; its schedule will run it'),
      );
  };
  return {
    nudge() {
      timer ??= setTimeout(ask, everyMs);
    },
    async close() {
      if (timer) {
        clearTimeout(timer);
        ask();
      }
      await asking;
    },
  };
}
