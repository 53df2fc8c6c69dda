import type { IncomingMessage, ServerResponse } from 'node:http';
import { takeFault } from './faults.ts';
import { parseJson, readBody, send, sendJson, urlOf } from './http.ts';
import { METHODS } from './methods/index.ts';
import type { Method } from './methods/method.ts';
import { overRate } from './rates.ts';
import { pause, SlackRefusal, type State } from './state.ts';
import type { Fault } from './types.ts';

type Answer = { status: number; body: Record<string, unknown>; headers: Record<string, string> };

/** Serves one Web API call at /api/<method>. */
export async function serveApi(state: State, name: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const read = await readArgs(req);
  const { token: given, ...args } = typeof read === 'string' ? {} : read;
  const token = bearer(req) ?? (typeof given === 'string' ? given : null);
  const of = state.journal.add({ kind: 'call', method: name, args });
  const fault = takeFault(state, name);
  if (fault && fault.kind !== 'lost') {
    await fail(state, name, of, fault, res);
    return;
  }
  const answer = typeof read === 'string' ? refuse(read) : await answerCall(state, name, token, args);
  const { status, body, headers } = answer;
  const error = typeof body.error === 'string' ? body.error : null;
  const lost = fault !== null;
  state.journal.add({ kind: 'answer', of, method: name, status, ok: body.ok === true, error, lost });
  if (lost) res.destroy();
  else sendJson(res, status, body, headers);
}

const refuse = (error: string, rest: Record<string, unknown> = {}, status = 200, headers = {}): Answer => ({
  status,
  body: { ok: false, error, ...rest },
  headers,
});

async function answerCall(
  state: State,
  name: string,
  token: string | null,
  args: Record<string, unknown>,
): Promise<Answer> {
  const method = METHODS.get(name);
  if (!method) return refuse('unknown_method', { req_method: name });
  const tokenProblem = checkToken(state, method, token);
  if (tokenProblem) return refuse(tokenProblem);
  try {
    const needed = method.scopes(state, args);
    const provided = state.settings.scopes;
    const missing = needed.filter((scope) => !provided.includes(scope));
    const headers = { 'x-oauth-scopes': provided.join(','), 'x-accepted-oauth-scopes': needed.join(',') };
    if (missing.length > 0) {
      return refuse('missing_scope', { needed: missing.join(','), provided: provided.join(',') }, 200, headers);
    }
    const wait = state.settings.rateLimits ? overRate(state, rateKey(method, args), method.rate) : null;
    if (wait !== null) return refuse('ratelimited', {}, 429, { 'retry-after': String(wait) });
    const body = await method.run(state, args);
    return { status: 200, body: { ok: true, ...body }, headers };
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    const { error: code, ...rest } = error.answer;
    return refuse(code, rest);
  }
}

function checkToken(state: State, method: Method, token: string | null): string | null {
  if (method.token === 'none') return null;
  if (!token) return 'not_authed';
  const { botToken, appToken } = state.settings;
  if (token !== botToken && token !== appToken) return 'invalid_auth';
  return token === (method.token === 'app' ? appToken : botToken) ? null : 'not_allowed_token_type';
}

const rateKey = ({ name, rate }: Method, args: Record<string, unknown>) =>
  rate.by ? `${name} ${String(args[rate.by])}` : name;

async function fail(state: State, name: string, of: number, fault: Fault, res: ServerResponse): Promise<void> {
  const note = (status: number, error: string, lost = false) =>
    state.journal.add({ kind: 'answer', of, method: name, status, ok: false, error, lost });
  switch (fault.kind) {
    case 'hang':
      await pause(state, fault.ms ?? 60_000);
      note(0, 'hang', true);
      res.destroy();
      return;
    case 'rate_limited':
      note(429, 'ratelimited');
      sendJson(res, 429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(fault.retryAfter ?? 1) });
      return;
    case 'status':
      note(fault.status ?? 500, 'status');
      send(res, fault.status ?? 500, 'Internal Server Error');
      return;
    default: {
      const error = fault.error ?? 'internal_error';
      note(200, error);
      sendJson(res, 200, { ok: false, error });
    }
  }
}

const bearer = (req: IncomingMessage) => /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1] ?? null;

/** The arguments of a call from query, form or JSON; a refusal for a body that is none of these. */
async function readArgs(req: IncomingMessage): Promise<Record<string, unknown> | string> {
  const query = Object.fromEntries(urlOf(req).searchParams);
  const type = req.headers['content-type'] ?? '';
  const body = await readBody(req);
  if (body.length === 0) return query;
  switch (type.split(';')[0]?.trim().toLowerCase()) {
    case 'application/json': {
      const value = parseJson(body.toString());
      if (value === undefined) return 'invalid_json';
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'json_not_object';
      return { ...query, ...value };
    }
    case 'multipart/form-data': {
      const response = new Response(new Uint8Array(body), { headers: { 'content-type': type } });
      const form = await response.formData().catch(() => null);
      return form === null ? 'invalid_form_data' : { ...query, ...Object.fromEntries(form) };
    }
    case 'application/x-www-form-urlencoded':
    case 'text/plain':
      return { ...query, ...Object.fromEntries(new URLSearchParams(body.toString())) };
    case '':
      return 'missing_post_type';
    default:
      return 'invalid_post_type';
  }
}
