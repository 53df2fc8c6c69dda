import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { readJson, readText } from '../../src/http/json-body.ts';
import type { Telemetry } from '../../src/http/operations.ts';
import { type Route, sendJson } from '../../src/http/server.ts';
import type { WriteKeys } from '../../src/http/write-keys.ts';
import type { Door, Ingester, Refusal } from '../../src/ingest/types.ts';
import { cutSample, type ParsedBody } from '../../src/sources/calls.ts';
import { RequestFault } from '../../src/sources/faults.ts';
import type { Receipt } from '../../src/sources/times.ts';
import type { Strangers } from './strangers.ts';

const MAX_BODY_BYTES = 500 * 1024;
const RETRY_AFTER_SECONDS = '5';

const noKeys =
  'No write keys are set here, so nothing is taken: whoever runs this Bellwether must set INGEST_WRITE_KEYS.';
const wrongKey = 'The write key is missing or wrong: it must be one of INGEST_WRITE_KEYS.';
const notStored = 'The events could not be stored; send them again.';

/** What the doors work with. */
export type DoorDeps = {
  keys: WriteKeys;
  ingester: Ingester;
  strangers: Strangers;
  /** The earliest time that an event may have. */
  findHorizon(now: Date): Promise<Date>;
  counter: Telemetry['ingestCalls'];
  log: Logger;
  now: () => Date;
};

/** One way in for events: how a request shows its key, how its body reads, and what it is told when all is taken. */
export type DoorDefinition = {
  door: Door;
  keyInHeaders(headers: IncomingHttpHeaders): string | null;
  /** Asked when the headers have no key; null when they must have it. */
  keyInBody: ((body: unknown) => unknown) | null;
  /** @throws {RequestFault} */
  parse(body: unknown, receipt: Receipt): ParsedBody;
  success: object;
};

/** A refusal as the caller is told of it; of the whole request when it has no index. */
type ToldRefusal = { index: number | null; messageId: string | null; reason: string };

/** The database does not do its part now. */
class StorageFault extends Error {
  readonly code = 'storage_fault';
  override readonly name = 'StorageFault';
}

/** The route of a door. It answers when all that it takes is durable. */
export function doorRoute(definition: DoorDefinition, deps: DoorDeps): Route {
  const { door } = definition;

  async function refuseKey(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // What has not been read is not looked at.
    request.resume();
    const reason = deps.keys.any ? wrongKey : noKeys;
    await deps.strangers.note(door, reason, request);
    deps.counter.inc({ door, outcome: 'unauthorized' });
    response.setHeader('www-authenticate', 'Basic realm="bellwether"');
    tell(response, 401, 0, [wholeRequest(reason)]);
  }

  /** Stores what was read and says how that went. */
  async function take({ calls, refusals, received }: ParsedBody, response: ServerResponse): Promise<void> {
    const hidden = refusals.map((refusal) => ({ ...refusal, sample: deps.keys.hide(refusal.sample) }));
    if (received > 0) await stored(deps.ingester.ingest(door, { calls, refusals: hidden }));
    const accepted = received - refusals.length;
    deps.counter.inc({ door, outcome: 'accepted' }, accepted);
    deps.counter.inc({ door, outcome: 'refused' }, refusals.length);
    if (refusals.length === 0) return sendJson(response, 200, definition.success);
    const told = refusals.map(({ index, messageId, reason }) => ({ index, messageId, reason }));
    tell(response, 400, accepted, told);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const shown = definition.keyInHeaders(request.headers);
    const mayBeInBody = shown === null && definition.keyInBody !== null;
    if (!deps.keys.any || !(mayBeInBody || deps.keys.includes(shown))) return refuseKey(request, response);
    if (deps.ingester.isFull()) {
      request.resume();
      throw new StorageFault('too much waits to be stored');
    }
    let isKnown = shown !== null;
    let text = '';
    let parsed: ParsedBody;
    try {
      text = await readText(request, MAX_BODY_BYTES);
      const body = readJson(text);
      isKnown ||= deps.keys.includes(definition.keyInBody?.(body));
      if (!isKnown) return await refuseKey(request, response);
      const receivedAt = deps.now();
      parsed = definition.parse(body, { receivedAt, earliest: await stored(deps.findHorizon(receivedAt)) });
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
      const { message } = error;
      // Of a body that cannot be read nobody knows whether it has a key.
      if (!isKnown) await deps.strangers.note(door, message, request);
      else
        await stored(
          deps.ingester.ingest(door, { calls: [], refusals: [wholeRefusal(message, deps.keys.hide(text))] }),
        );
      deps.counter.inc({ door, outcome: 'refused' });
      return tell(response, 400, 0, [wholeRequest(message)]);
    }
    await take(parsed, response);
  }

  return async (request, response) => {
    try {
      await answer(request, response);
    } catch (error) {
      if (!(error instanceof StorageFault)) throw error;
      deps.log.error({ err: error.cause, door }, 'events could not be stored; the caller is asked to send them again');
      deps.counter.inc({ door, outcome: 'failed' });
      response.setHeader('retry-after', RETRY_AFTER_SECONDS);
      tell(response, 503, 0, [wholeRequest(notStored)]);
    }
  };
}

async function stored<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw new StorageFault('the database did not take or tell something', { cause: error });
  }
}

const wholeRequest = (reason: string): ToldRefusal => ({ index: null, messageId: null, reason });

const wholeRefusal = (reason: string, text: string): Refusal => ({
  index: 0,
  messageId: null,
  reason,
  sample: cutSample(text),
});

function tell(response: ServerResponse, status: number, accepted: number, errors: readonly ToldRefusal[]): void {
  sendJson(response, status, { success: false, accepted, errors });
}
