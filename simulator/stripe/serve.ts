import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { readBody, send, sendJson } from '../http.ts';
import { API_VERSION } from './events.ts';
import { expandAll } from './expand.ts';
import { takeFault } from './faults.ts';
import { readForm } from './params.ts';
import { StripeRefusal, tooMany, trouble, unauthorized, unknownPath } from './refusal.ts';
import { nouns, routes } from './routes.ts';
import { nextId, type State } from './state.ts';
import type { Fault } from './types.ts';

type Answer = { status: number; body: unknown };

/** Serves one request to the API. False: it is for no noun of it; others may have paths below /v1 too. */
export async function serve(state: State, url: URL, req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  const path = url.pathname;
  if (!nouns.has(/^\/v1\/(\w+)/.exec(path)?.[1] ?? '')) return false;
  const method = req.method ?? 'GET';
  const body = (await readBody(req)).toString();
  const params = readForm(method === 'GET' ? url.search.slice(1) : body);
  const key = /^Bearer (.*)$/.exec(req.headers.authorization ?? '')?.[1] ?? null;
  const auth = key === null ? 'none' : key === state.apiKey ? 'right' : 'wrong';
  const version = req.headers['stripe-version']?.toString() ?? null;
  const of = state.journal.add({ kind: 'request', method, path, params, auth, version });

  const fault = takeFault(state, `${method} ${path}`);
  const answer = attempt(() => {
    if (fault?.kind === 'error') throw trouble(fault.status ?? 500, fault.code, fault.message);
    if (fault?.kind === 'rate_limited') throw tooMany();
    if (auth !== 'right') throw unauthorized(key);
    return run(state, method, path, params);
  });
  if (fault?.kind === 'slow') await sleep(fault.ms ?? 1000, null, { signal: state.closing.signal }).catch(() => null);
  if (fault?.kind === 'held') await new Promise<void>((resolve) => state.holding.push(resolve));
  const isLost = fault?.kind === 'lost';
  state.journal.add({ kind: 'answer', of, status: answer.status, lost: isLost });
  const headers = headersOf(state, fault, version);
  if (isLost) res.destroy();
  else if (fault?.kind === 'garbage') send(res, 200, '<html>Bad gateway', headers);
  else sendJson(res, answer.status, answer.body, headers);
  return true;
}

/** Sends a refusal. */
export function refuse({ status, error }: StripeRefusal, res: ServerResponse): void {
  sendJson(res, status, { error });
}

function attempt(answer: () => unknown): Answer {
  try {
    return { status: 200, body: answer() };
  } catch (error) {
    if (error instanceof StripeRefusal) return { status: error.status, body: { error: error.error } };
    throw error;
  }
}

function run(state: State, method: string, path: string, params: Record<string, unknown>): unknown {
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (!match) continue;
    const ids = match.slice(1).map(decodeURIComponent);
    const json = route.run(state, { ids, path, params });
    return expandAll(state, json, (params.expand as string[] | undefined) ?? []);
  }
  throw unknownPath(method, path);
}

const headersOf = (state: State, fault: Fault | null, version: string | null): Record<string, string> => ({
  'request-id': nextId(state, 'req'),
  'stripe-version': version ?? API_VERSION,
  ...(fault?.shouldRetry !== undefined && { 'stripe-should-retry': String(fault.shouldRetry) }),
});
