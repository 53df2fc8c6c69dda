import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { addFault } from './faults.ts';
import { parseJson, readBody, send, sendJson, urlOf } from './http.ts';
import { act, suggest } from './interactions.ts';
import { closeView, submitView } from './modals.ts';
import { pageChannel } from './page-json.ts';
import { command, directOf, notice, openHome, reactTo, say, shortcut } from './people.ts';
import { actors, seenHome, seenMessages, seenState } from './seen.ts';
import type { State } from './state.ts';
import type { Fault, GivenValues, Outcome, PageAction, Place } from './types.ts';

const HEARTBEAT_MS = 15_000;

const given = z.record(z.string(), z.record(z.string(), z.looseObject({}))).optional();
const place = { channel: z.string().optional(), ts: z.string().optional(), view_id: z.string().optional() };
type PlaceFields = z.infer<z.ZodObject<typeof place>>;

const bodies = {
  message: z.object({ user: z.string(), channel: z.string(), text: z.string(), thread_ts: z.string().optional() }),
  reaction: z.object({
    user: z.string(),
    channel: z.string(),
    ts: z.string(),
    name: z.string(),
    remove: z.boolean().optional(),
  }),
  action: z.object({
    user: z.string(),
    ...place,
    action: z.looseObject({ type: z.string().optional(), block_id: z.string().optional(), action_id: z.string() }),
    state: given,
  }),
  view: z.object({ user: z.string(), view_id: z.string(), submit: z.boolean(), state: given }),
  options: z.object({ user: z.string(), ...place, block_id: z.string(), action_id: z.string(), value: z.string() }),
  shortcut: z.object({ user: z.string(), callback_id: z.string(), ...place }),
  open: z.object({ user: z.string(), other: z.string() }),
  fault: z.object({
    method: z.string(),
    kind: z.enum(['status', 'lost', 'hang', 'error', 'rate_limited']),
    status: z.int().optional(),
    error: z.string().optional(),
    ms: z.number().optional(),
    retryAfter: z.number().optional(),
    count: z.int().optional(),
    after: z.int().optional(),
  }),
};

const placeOf = ({ channel = '', ts = '', view_id }: PlaceFields): Place =>
  view_id === undefined ? { channel, ts } : { view_id };

const posts: { [K in keyof typeof bodies]: (state: State, body: z.infer<(typeof bodies)[K]>) => unknown } = {
  message: sendLine,
  reaction: (state, { user, channel, ts, ...reaction }) => reactTo(state, user, channel, ts, reaction),
  action: (state, body) =>
    act(
      state,
      body.user,
      placeOf(body),
      body.action as Partial<PageAction> & { action_id: string },
      body.state as GivenValues,
    ),
  view: (state, { user, view_id, submit, state: values }) =>
    submit ? submitView(state, user, view_id, values as GivenValues) : closeView(state, user, view_id),
  options: (state, { user, block_id, action_id, value, ...where }) =>
    suggest(state, user, placeOf(where), { block_id, action_id, value }),
  shortcut: (state, { user, callback_id, channel, ts }) =>
    shortcut(state, user, callback_id, channel && ts ? { channel, ts } : undefined),
  open: (state, { user, other }) => ({ ok: true, channel: pageChannel(directOf(state, user, other), user) }),
  fault: (state, body) => {
    addFault(state, body as Fault);
    return { ok: true };
  },
};

function sendLine(state: State, body: z.infer<typeof bodies.message>): Outcome | Promise<Outcome> {
  const { user, channel, text, thread_ts } = body;
  // A space before the / makes it a message.
  if (!text.startsWith('/')) return say(state, user, channel, text.trim(), { thread_ts, literal: true });
  if (thread_ts === undefined) return command(state, user, channel, text, { literal: true });
  notice(state, user, channel, `${text.trim().split(/\s/)[0]} is not supported in threads. Sorry!`);
  return { ok: false, error: 'not_supported_in_threads' };
}

/** Serves what the page asks for at /sim/<name>; false for a name that is none. */
export async function servePageApi(
  state: State,
  name: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<boolean> {
  if (req.method === 'POST' && Object.hasOwn(bodies, name)) {
    await servePost(state, name as keyof typeof bodies, req, res);
    return true;
  }
  if (req.method !== 'GET') return false;
  const query = urlOf(req).searchParams;
  const user = query.get('user') ?? actors(state)[0] ?? '';
  if (!state.workspace.users.some(({ id }) => id === user)) {
    sendJson(res, 404, { ok: false, error: 'user_not_found' });
    return true;
  }
  const [what, id = ''] = name.split('/');
  switch (what) {
    case 'state':
      sendJson(res, 200, seenState(state, user));
      return true;
    case 'messages': {
      const thread = query.get('thread_ts') ?? undefined;
      sendJson(res, 200, { messages: seenMessages(state, query.get('channel') ?? '', user, thread) });
      return true;
    }
    case 'home':
      openHome(state, user);
      sendJson(res, 200, { view: seenHome(state, user) });
      return true;
    case 'journal':
      sendJson(res, 200, { journal: state.journal.list() });
      return true;
    case 'stream':
      serveStream(state, user, Number(req.headers['last-event-id'] ?? query.get('since') ?? state.stream.seq()), res);
      return true;
    case 'file': {
      const file = state.files.get(id);
      if (file?.state === 'ready') send(res, 200, file.bytes, { 'content-type': file.mimetype });
      else send(res, 404, 'There is no such file');
      return true;
    }
    default:
      return false;
  }
}

async function servePost(
  state: State,
  name: keyof typeof bodies,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  // Other sites' pages can post forms to loopback, but not JSON.
  if (!req.headers['content-type']?.startsWith('application/json')) {
    sendJson(res, 415, { ok: false, error: 'send application/json' });
    return;
  }
  const parsed = bodies[name].safeParse(parseJson((await readBody(req)).toString()));
  if (!parsed.success) {
    sendJson(res, 400, { ok: false, error: z.prettifyError(parsed.error) });
    return;
  }
  const run = posts[name] as (state: State, body: unknown) => unknown;
  sendJson(res, 200, await run(state, parsed.data));
}

function serveStream(state: State, user: string, since: number, res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  res.write('retry: 1000\n\n');
  const stop = state.stream.subscribe(user, since, (seq, event) => {
    res.write(`id: ${seq}\ndata: ${JSON.stringify(event)}\n\n`);
  });
  const heartbeat = setInterval(() => res.write(': still here\n\n'), HEARTBEAT_MS);
  const end = () => res.end();
  state.closing.signal.addEventListener('abort', end, { once: true });
  res.on('close', () => {
    clearInterval(heartbeat);
    stop();
    state.closing.signal.removeEventListener('abort', end);
  });
}
