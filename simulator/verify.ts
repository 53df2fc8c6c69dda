import { deliver, VERIFICATION_TOKEN } from './deliver.ts';
import { nextId, type State } from './state.ts';
import type { Outcome } from './types.ts';

/** Asks the request URL to prove itself, as Slack does when one enters it: it must answer with the challenge. */
export async function verifyUrl(state: State): Promise<Outcome> {
  const id = nextId(state, 'challenge-');
  const body = { token: VERIFICATION_TOKEN, challenge: id, type: 'url_verification' };
  const reply = await deliver(state, 'event', id, body);
  if (!reply.ok) return { ok: false, error: reply.reason };
  const answer = reply.body as { challenge?: unknown } | string | null;
  const isProven = answer === id || (typeof answer === 'object' && answer?.challenge === id);
  return isProven ? { ok: true } : { ok: false, error: 'challenge_failed' };
}
