import { ZendeskRefusal } from './refusal.ts';
import type { Reply } from './routes.ts';
import type { State } from './state.ts';

const keptMs = 2 * 60 * 60_000;
const longestKey = 255;

/** Answers a request with a key as the first one with it was answered, for two hours; with another body it is a fault. */
export function once(state: State, key: string | undefined, body: unknown, run: () => Reply): Reply {
  if (key === undefined) return run();
  if (key.length > longestKey) throw fault('The idempotency key is too long');
  const sent = JSON.stringify(body);
  const known = state.remembered.get(key);
  if (known && known.expires > state.now().getTime()) {
    if (known.sent !== sent) throw fault("Request parameters don't match the given idempotency key");
    return { status: known.status, body: known.body, headers: { 'x-idempotency-lookup': 'hit' } };
  }
  const reply = run();
  const answered = structuredClone(reply.body);
  state.remembered.set(key, { sent, status: reply.status, body: answered, expires: state.now().getTime() + keptMs });
  return { ...reply, headers: { ...reply.headers, 'x-idempotency-lookup': 'miss' } };
}

const fault = (description: string) => new ZendeskRefusal(400, { error: 'IdempotentRequestError', description });
