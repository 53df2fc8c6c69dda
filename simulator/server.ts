import type { IncomingMessage, ServerResponse } from 'node:http';
import { serveApi } from './api.ts';
import { takeFault } from './faults.ts';
import { answerHook } from './hooks.ts';
import { parseJson, readBody, send, urlOf } from './http.ts';
import { receiveUpload } from './methods/files.ts';
import { servePageApi } from './page-api.ts';
import { pause, type State, track } from './state.ts';

/** Serves one request. False: the path is none of the simulator's, and nothing was sent. */
export type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;

/** The simulator's routes. The page is built when it is first asked for. */
export function createHandler(state: State): Handler {
  let page: ReturnType<typeof loadPage> | undefined;
  const work = (promise: Promise<void>) => track(state, promise).then(() => true);
  return async (req, res) => {
    const { pathname } = urlOf(req);
    const [, first = '', second = '', third = ''] = pathname.split('/');
    switch (first) {
      case 'api':
        return work(serveApi(state, second, req, res));
      case 'upload':
        return work(serveUpload(state, third, req, res));
      case 'actions':
        return work(serveHook(state, third, req, res));
      case 'files-pri':
        return work(serveFile(state, second.split('-')[1] ?? '', req, res));
      case 'sim':
        return servePageApi(state, pathname.slice('/sim/'.length), req, res);
      case '':
      case 'page': {
        page ??= loadPage();
        const file = (await page).get(pathname);
        if (!file || req.method !== 'GET') return false;
        send(res, 200, file.body, { 'content-type': file.type, 'cache-control': 'no-cache' });
        return true;
      }
      default:
        return false;
    }
  };
}

// Loaded late: tests that never open the page need no bundler.
const loadPage = async () => (await import('./page/build.ts')).buildPage();

/** Drops or delays a request as scripted. True: it is dealt with. */
async function failed(state: State, name: string, res: ServerResponse): Promise<'lost' | 'dealt' | null> {
  const fault = takeFault(state, name);
  if (!fault) return null;
  if (fault.kind === 'lost') return 'lost';
  if (fault.kind === 'hang') {
    await pause(state, fault.ms ?? 60_000);
    res.destroy();
  } else if (fault.kind === 'rate_limited') {
    send(res, 429, 'rate_limited', { 'retry-after': String(fault.retryAfter ?? 1) });
  } else {
    send(res, fault.status ?? (fault.kind === 'error' ? 200 : 500), fault.error ?? 'Internal Server Error');
  }
  return 'dealt';
}

async function serveUpload(state: State, id: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = await readBody(req);
  const fault = await failed(state, 'upload', res);
  if (fault === 'dealt') return;
  const type = req.headers['content-type'] ?? '';
  const bytes = type.startsWith('multipart/form-data') ? await firstFile(body, type) : body;
  const answer = receiveUpload(state, id, bytes);
  if (fault === 'lost') res.destroy();
  else send(res, answer === null ? 400 : 200, answer ?? 'The upload URL is unknown or used, or the length is wrong');
}

async function firstFile(body: Buffer, type: string): Promise<Buffer> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  for (const value of form.values()) {
    if (typeof value !== 'string') return Buffer.from(await value.arrayBuffer());
  }
  return Buffer.alloc(0);
}

async function serveHook(state: State, id: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const text = (await readBody(req)).toString();
  const fault = await failed(state, 'response_url', res);
  if (fault === 'dealt') return;
  const form = new URLSearchParams(text).get('payload');
  const answer = answerHook(state, id, parseJson(form ?? text));
  if (fault === 'lost') res.destroy();
  else send(res, answer.status, answer.text);
}

/** A file's url_private wants a token; without one Slack sends to its sign-in page. */
async function serveFile(state: State, id: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const file = state.files.get(id);
  const isAllowed = req.headers.authorization === `Bearer ${state.settings.botToken}`;
  if (!isAllowed) send(res, 302, '', { location: '/' });
  else if (file?.state === 'ready') send(res, 200, file.bytes, { 'content-type': file.mimetype });
  else send(res, 404, 'There is no such file');
}
