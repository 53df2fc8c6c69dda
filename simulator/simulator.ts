import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { elementsOf, everyBlock } from './block-fill.ts';
import { deliverEvent } from './deliver.ts';
import { addFault } from './faults.ts';
import { httpTransport } from './http-transport.ts';
import { act, findPlace, optionsOf, outcomeOf, suggest } from './interactions.ts';
import { createJournal } from './journal.ts';
import { readManifest } from './manifest.ts';
import { closeView, submitView } from './modals.ts';
import { command, directOf, move, openHome, reactTo, rewrite, say, shortcut, takeBack, unfurl } from './people.ts';
import { seedWorkspace } from './seed.ts';
import { seenHome, seenMessages, seenViews } from './seen.ts';
import { createHandler } from './server.ts';
import { refreshSockets, serveSocket, socketTransport } from './socket.ts';
import type { Settings, State } from './state.ts';
import { createStream } from './stream.ts';
import type { Outcome, Place, Simulator, SimulatorOptions } from './types.ts';
import { verifyUrl } from './verify.ts';
import { waitFor, waitForIdle } from './waiting.ts';

const MANIFEST = new URL('../manifest.yml', import.meta.url);

function settingsOf(options: SimulatorOptions): Settings {
  const app = existsSync(MANIFEST) ? readManifest(MANIFEST) : { scopes: [], commands: [], shortcuts: [], events: [] };
  return {
    signingSecret: options.signingSecret,
    botToken: options.botToken,
    appToken: options.appToken ?? null,
    rateLimits: options.rateLimits ?? false,
    scopes: options.scopes ?? app.scopes,
    commands: options.commands ?? app.commands,
    shortcuts: options.shortcuts ?? app.shortcuts,
    events: options.events ?? app.events,
    answerTimeoutMs: options.answerTimeoutMs ?? 3000,
    eventRetryDelaysMs: options.eventRetryDelaysMs ?? [0, 60_000, 300_000],
    fileDelayMs: options.fileDelayMs ?? 50,
  };
}

function createState(options: SimulatorOptions): State {
  const now = options.now ?? (() => new Date());
  const state: State = {
    settings: settingsOf(options),
    now,
    baseUrl: options.baseUrl ?? '',
    eventsUrl: options.eventsUrl ?? null,
    workspace: options.workspace ?? seedWorkspace(),
    journal: createJournal(now),
    stream: createStream(),
    messages: new Map(),
    views: new Map(),
    stacks: new Map(),
    homes: new Map(),
    files: new Map(),
    hooks: new Map(),
    triggers: new Map(),
    notices: [],
    faults: [],
    wrongSignatures: [],
    rates: new Map(),
    counters: new Map(),
    lastTs: 0,
    work: new Set(),
    closing: new AbortController(),
    tickets: new Set(),
    sockets: new Set(),
    transport: () => Promise.resolve({ ok: false, reason: 'connection_failed', status: null, noRetry: false }),
  };
  const [http, socket] = [httpTransport(state), socketTransport(state)];
  state.transport = (request) => (state.sockets.size > 0 ? socket : http)(request);
  return state;
}

/** Makes a Slack workspace that lives in this process, for the demo and for tests. */
export function createSimulator(options: SimulatorOptions): Simulator {
  const state = createState(options);
  const handle = createHandler(state);
  let server: Server | undefined;

  const simulator: Simulator = {
    handle,
    upgrade: (req, socket, head) => serveSocket(state, req, socket, head),
    async listen(port = 0) {
      server = createServer((req, res) => {
        handle(req, res).then(
          (isServed) => isServed || res.writeHead(404).end('Not found'),
          (error: unknown) => res.headersSent || res.writeHead(500).end(String(error)),
        );
      });
      server.on('upgrade', (req, socket, head) => serveSocket(state, req, socket, head) || socket.destroy());
      await new Promise<void>((resolve, reject) => server?.once('error', reject).listen(port, '127.0.0.1', resolve));
      const bound = (server.address() as AddressInfo).port;
      state.baseUrl = options.baseUrl ?? `http://127.0.0.1:${bound}`;
      return { url: state.baseUrl, apiUrl: `${state.baseUrl}/api/`, port: bound };
    },
    connect(eventsUrl) {
      state.eventsUrl = eventsUrl;
    },
    verifyUrl: () => verifyUrl(state),
    async close() {
      state.closing.abort();
      for (const socket of state.sockets) socket.terminate();
      server?.closeAllConnections();
      await new Promise<void>((resolve) => (server?.listening ? server.close(() => resolve()) : resolve()));
      await Promise.allSettled([...state.work]);
    },

    say: (user, channel, text, place) => say(state, user, channel, text, place),
    rewrite: (user, channel, ts, text) => rewrite(state, user, channel, ts, text),
    takeBack: (user, channel, ts) => takeBack(state, user, channel, ts),
    unfurl: (channel, ts, attachments) => unfurl(state, channel, ts, attachments),
    command: (user, channel, text) => command(state, user, channel, text),
    react: (user, channel, ts, name, { remove } = {}) =>
      reactTo(state, user, channel, ts, { name, ...(remove !== undefined && { remove }) }),
    act: (user, place, action, values) => act(state, user, place, action, values),
    press: (user, place, actionId, value) => press(state, user, place, actionId, value),
    select: (user, place, actionId, value) => select(state, user, place, actionId, value),
    options: (user, place, actionId, value) => suggest(state, user, place, { action_id: actionId, value }),
    shortcut: (user, callbackId, place) => shortcut(state, user, callbackId, place),
    submitView: (user, viewId, values) => submitView(state, user, viewId, values),
    closeView: (user, viewId) => closeView(state, user, viewId),
    openHome: (user) => openHome(state, user),
    join: (user, channel) => move(state, user, channel, true),
    leave: (user, channel) => move(state, user, channel, false),
    sendEvent: async (event) => outcomeOf(await deliverEvent(state, event)),
    dm: (user, other = state.workspace.app.bot_user_id) => directOf(state, user, other).id,

    messages: (channel, asUser, threadTs) => seenMessages(state, channel, asUser, threadTs),
    ephemerals: (channel, asUser) => seenMessages(state, channel, asUser).filter((message) => message.ephemeral),
    views: (user) => seenViews(state, user),
    home: (user) => seenHome(state, user),
    notices: (user) => state.notices.filter((each) => each.user === user).map(({ text }) => text),

    get journal() {
      return state.journal.list();
    },
    fault: (fault) => addFault(state, fault),
    clearFaults() {
      state.faults = [];
    },
    refreshSockets: () => refreshSockets(state),
    signWrongly(how, count = 1) {
      state.wrongSignatures.push(...Array.from({ length: count }, () => how));
    },
    waitForIdle: (quietMs) => waitForIdle(state, quietMs),
    waitFor: (predicate, timeoutMs) => waitFor(state, predicate, timeoutMs),
    workspace: state.workspace,
  };
  return simulator;
}

/** The elements with this action_id that the person sees, each with its block; null when they do not see the place. */
function elementsAt(state: State, user: string, place: Place, actionId: string) {
  const found = findPlace(state, user, place);
  if (!found) return null;
  const { blocks } = found.kind === 'view' ? found.view : found.message;
  return everyBlock(blocks).flatMap((block) =>
    elementsOf(block)
      .filter((element) => element.action_id === actionId)
      .map((element) => ({ block_id: block.block_id ?? '', element })),
  );
}

async function press(state: State, user: string, place: Place, action_id: string, value?: string): Promise<Outcome> {
  const buttons = elementsAt(state, user, place, action_id);
  if (!buttons) return { ok: false, error: 'not_found' };
  const hit = buttons.find(({ element }) => value === undefined || element.value === value);
  if (!hit) return { ok: false, error: 'no_such_element' };
  return act(state, user, place, { action_id, block_id: hit.block_id });
}

const MANY = /^(multi_|checkboxes)/;

async function select(state: State, user: string, place: Place, action_id: string, value: string): Promise<Outcome> {
  const choices = elementsAt(state, user, place, action_id);
  if (!choices) return { ok: false, error: 'not_found' };
  for (const { block_id, element } of choices) {
    const option = optionsOf(element).find((each) => each.value === value);
    if (!option) continue;
    const choice = MANY.test(element.type) ? { selected_options: [option] } : { selected_option: option };
    return act(state, user, place, { action_id, block_id, ...choice });
  }
  return { ok: false, error: 'no_such_option' };
}
