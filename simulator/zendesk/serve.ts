import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJson, readBody, send, sendJson } from '../http.ts';
import { takeFault } from './faults.ts';
import { receiveUpload, sendFile } from './files.ts';
import { once } from './idempotency.ts';
import { notFound, tooMany, unauthorized, ZendeskRefusal } from './refusal.ts';
import { type Reply, routes } from './routes.ts';
import type { State } from './state.ts';
import type { Fault } from './types.ts';

const signInPage = '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form>Sign in</form></body></html>';

/** Serves one request below the address: the API and files. False: it is for neither. */
export async function serve(state: State, url: URL, req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  const path = url.pathname.replace(/\.json$/, '');
  const isApi = path.startsWith('/api/v2/');
  const token = /^\/attachments\/token\/(\w+)\/?$/.exec(path)?.[1];
  if (!isApi && token === undefined) return false;
  const method = req.method ?? 'GET';
  const isUpload = method === 'POST' && path === '/api/v2/uploads';
  const query = Object.fromEntries(url.searchParams);
  // A file is read once it is clear that it may come.
  const body = isUpload ? null : (parseJson((await readBody(req)).toString()) ?? null);
  const auth = authOf(state, req);
  const of = state.journal.add({ kind: 'request', method, path, query, auth, headers: shownHeaders(req), body });
  const answered = (status: number, lost = false) => state.journal.add({ kind: 'answer', of, status, lost });

  const fault = takeFault(state, `${method} ${path}`);
  if (fault && (await fail(state, fault, req, res, answered))) return true;
  if (token !== undefined) {
    answered(sendFile(state, token, res, fault?.kind === 'cut_off'));
    return true;
  }
  const reply = await answerApi(state, auth, async () => {
    if (isUpload) return receiveUpload(state, query.filename, req);
    const call = { method, path: path.slice('/api/v2/'.length), query, body };
    return run(state, call, req.headers['idempotency-key']);
  });
  const isLost = fault?.kind === 'lost';
  answered(reply.status, isLost);
  if (isLost) res.destroy();
  else sendJson(res, reply.status, reply.body, reply.headers);
  return true;
}

/** Fails a request as scripted. False: it is to be done all the same. */
async function fail(
  state: State,
  fault: Fault,
  req: IncomingMessage,
  res: ServerResponse,
  answered: (status: number, lost?: boolean) => void,
): Promise<boolean> {
  switch (fault.kind) {
    case 'held':
      await new Promise<void>((resolve) => state.holding.push(resolve));
      return false;
    case 'hang':
      req.resume();
      return true;
    case 'dropped':
      answered(0, true);
      res.destroy();
      return true;
    case 'status':
      req.resume();
      answered(fault.status ?? 500);
      send(res, fault.status ?? 500, 'Trouble', retryHeader(fault));
      return true;
    case 'rate_limited': {
      req.resume();
      const { status, body, headers } = tooMany(fault.retryAfter ?? 1);
      answered(status);
      sendJson(res, status, body, headers);
      return true;
    }
    case 'sign_in':
      req.resume();
      answered(200);
      send(res, 200, signInPage, { 'content-type': 'text/html; charset=utf-8' });
      return true;
    case 'redirect':
      req.resume();
      answered(302);
      send(res, 302, '', { location: fault.location ?? '/' });
      return true;
    default:
      return false;
  }
}

async function answerApi(state: State, auth: 'right' | 'wrong' | 'none', run: () => Promise<Reply>): Promise<Reply> {
  try {
    if (auth !== 'right') throw unauthorized();
    limit(state);
    return await run();
  } catch (error) {
    if (error instanceof ZendeskRefusal) return { status: error.status, body: error.body, headers: error.headers };
    throw error;
  }
}

function run(
  state: State,
  { method, path, query, body }: { method: string; path: string; query: Record<string, string>; body: unknown },
  key: string | string[] | undefined,
): Reply {
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (!match) continue;
    const go = () => route.run(state, { ids: match.slice(1).map(Number), query, body });
    // Only the creation of tickets has keys.
    return method === 'POST' && path === 'tickets' ? once(state, key?.toString(), body, go) : go();
  }
  throw notFound();
}

function limit(state: State): void {
  if (state.perMinute === null) return;
  const now = state.now().getTime();
  state.lately = state.lately.filter((at) => at > now - 60_000);
  if (state.lately.length >= state.perMinute) throw tooMany(Math.ceil((state.lately[0]! + 60_000 - now) / 1000));
  state.lately.push(now);
}

function authOf({ email, apiToken }: State, req: IncomingMessage): 'right' | 'wrong' | 'none' {
  const given = req.headers.authorization;
  if (given === undefined) return 'none';
  return given === `Basic ${Buffer.from(`${email}/token:${apiToken}`).toString('base64')}` ? 'right' : 'wrong';
}

function shownHeaders({ headers }: IncomingMessage): Record<string, string> {
  const names = ['content-type', 'content-length', 'transfer-encoding', 'idempotency-key'];
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  );
}

const retryHeader = ({ retryAfter }: Fault): Record<string, string> =>
  retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
