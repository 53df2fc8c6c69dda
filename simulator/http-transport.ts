import { createHmac } from 'node:crypto';
import type { DeliveryKind } from './journal.ts';
import type { Reply, State, Transport } from './state.ts';

/** Sends signed requests to the bot's request URL, as Slack does without Socket Mode. */
export function httpTransport(state: State): Transport {
  return async ({ what, body, attempt, retryReason }) => {
    if (!state.eventsUrl) return { ok: false, reason: 'connection_failed', status: null, noRetry: false };
    const text = encode(what, body);
    const headers: Record<string, string> = {
      'content-type': what === 'event' ? 'application/json' : 'application/x-www-form-urlencoded',
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      ...sign(state, text),
    };
    if (attempt > 0) {
      headers['x-slack-retry-num'] = String(attempt);
      headers['x-slack-retry-reason'] = retryReason ?? 'http_error';
    }
    const timeout = AbortSignal.timeout(state.settings.answerTimeoutMs);
    try {
      const response = await fetch(state.eventsUrl, {
        method: 'POST',
        headers,
        body: text,
        redirect: 'manual',
        signal: AbortSignal.any([timeout, state.closing.signal]),
      });
      const answer = decode(await response.text());
      const noRetry = response.headers.get('x-slack-no-retry') === '1';
      const { status } = response;
      // Any 2xx takes an event; a person is waiting for the answer to the rest.
      const isTaken = what === 'event' ? response.ok : status === 200;
      if (!isTaken) return { ok: false, reason: 'http_error', status, noRetry };
      return { ok: true, status, body: answer, noRetry };
    } catch {
      const reason = timeout.aborted ? 'http_timeout' : 'connection_failed';
      return { ok: false, reason, status: null, noRetry: false } satisfies Reply;
    }
  };
}

function encode(what: DeliveryKind, body: Record<string, unknown>): string {
  if (what === 'event') return JSON.stringify(body);
  if (what === 'command') {
    return new URLSearchParams(Object.entries(body).map(([key, value]) => [key, String(value)])).toString();
  }
  return new URLSearchParams({ payload: JSON.stringify(body) }).toString();
}

function decode(text: string): unknown {
  try {
    return text === '' ? '' : JSON.parse(text);
  } catch {
    return text;
  }
}

function sign(state: State, body: string): Record<string, string> {
  const wrong = state.wrongSignatures.shift();
  const seconds = Math.floor(Date.now() / 1000) - (wrong === 'timestamp' ? 3600 : 0);
  const secret = wrong === 'secret' ? `not ${state.settings.signingSecret}` : state.settings.signingSecret;
  const digest = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': String(seconds), 'x-slack-signature': `v0=${digest}` };
}
