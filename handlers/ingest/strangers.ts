import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Door, Ingester } from '../../src/ingest/types.ts';
import { cutSample } from '../../src/sources/calls.ts';

const MAX_NOTED_IN_A_MINUTE = 60;

/** Notes refused requests of callers who showed no right key, for `bellwether ingest status`. */
export type Strangers = { note(door: Door, reason: string, request: IncomingMessage): Promise<void> };

/** Anybody can send such requests, so not all are noted, and the log has one line for each reason. */
export function createStrangers(deps: { ingester: Ingester; log: Logger; now: () => Date }): Strangers {
  const logged = new Set<string>();
  let minute = 0;
  let noted = 0;
  return {
    async note(door, reason, request) {
      // What follows may be a key.
      const [path] = (request.url ?? '').split('?', 1);
      const sample = cutSample(`${request.method} ${path} from ${request.headers['user-agent'] ?? 'nobody named'}`);
      if (!logged.has(reason)) deps.log.warn({ door, sample }, `a request was refused: ${reason}`);
      logged.add(reason);
      const current = Math.floor(deps.now().getTime() / 60_000);
      if (current !== minute) noted = 0;
      minute = current;
      if (noted >= MAX_NOTED_IN_A_MINUTE) return;
      noted += 1;
      const refusal = { index: 0, messageId: null, reason, sample };
      // The caller is refused with or without our note.
      await deps.ingester
        .ingest(door, { calls: [], refusals: [refusal] })
        .catch((error: unknown) => deps.log.warn({ err: error }, 'a refused request could not be noted'));
    },
  };
}
