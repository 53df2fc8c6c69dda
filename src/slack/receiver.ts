import { createHmac, timingSafeEqual } from 'node:crypto';
import type { App, Receiver } from '@slack/bolt';

const MAX_CLOCK_SKEW_SECONDS = 300;

/** A request of Slack's, whichever way it came. */
export type SlackPayload = { body: Record<string, unknown>; retryNum?: number; retryReason?: string };

/** Answers Slack once: 200 with what a listener acknowledged with, or a status that makes Slack try again. */
type Reply = (status: number, body?: unknown) => void;

/** Bolt's receiver without a server of its own: HTTP and Socket Mode both hand their payloads to `receive`. */
export type SlackReceiver = Receiver & { receive(payload: SlackPayload, reply: Reply): Promise<void> };

/**
 * Commands and interactions are answered when a listener acknowledges. Events are answered after their listeners are
 * done, since Bolt acknowledges them before: an event whose listener failed is answered 500, and Slack sends it again.
 */
export function createReceiver(onError: (error: unknown) => void): SlackReceiver {
  let app: App | undefined;
  return {
    init(initialised) {
      app = initialised;
    },
    start: async () => undefined,
    stop: async () => undefined,
    async receive(payload, reply) {
      if (!app) throw new Error('The receiver was used before Bolt initialised it');
      const isEvent = payload.body.type === 'event_callback';
      let answered = false;
      const answer: Reply = (status, body) => {
        if (answered) return;
        answered = true;
        reply(status, body);
      };
      try {
        await app.processEvent({
          ...payload,
          ack: async (response?: unknown) => {
            if (!isEvent) answer(200, response);
          },
        });
        // What nobody acknowledged nobody knows: for events that is fine, for a command or a button it is a fault.
        answer(isEvent ? 200 : 404);
      } catch (error) {
        onError(error);
        answer(500);
      }
    },
  };
}

/** Whether Slack signed this body within five minutes of now, either way. `timestamp` is in seconds, as Slack sends it. */
export function isSignedBySlack(
  request: { body: Buffer; timestamp: string | undefined; signature: string | undefined },
  signingSecret: string,
  now: Date,
): boolean {
  const { body, timestamp, signature } = request;
  if (!timestamp || !signature || !/^\d+$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > MAX_CLOCK_SKEW_SECONDS) return false;
  const expected = `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
  const [given, wanted] = [Buffer.from(signature), Buffer.from(expected)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Reads what Slack posts: JSON for events, a form for commands, a form with a JSON `payload` for interactions; null if it is none. */
export function parseSlackBody(body: Buffer, contentType: string | undefined): Record<string, unknown> | null {
  const text = body.toString('utf8');
  try {
    if (!contentType?.startsWith('application/x-www-form-urlencoded')) return asObject(JSON.parse(text));
    const form = new URLSearchParams(text);
    const payload = form.get('payload');
    return payload === null ? Object.fromEntries(form) : asObject(JSON.parse(payload));
  } catch {
    return null;
  }
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
