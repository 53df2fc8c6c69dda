import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createActs } from './acts.ts';
import { addFault } from './faults.ts';
import { createJournal } from './journal.ts';
import { commentJson, ticketJson } from './json.ts';
import { servePage } from './page.ts';
import { addPerson } from './people.ts';
import { serve } from './serve.ts';
import { nextId, type State, track } from './state.ts';
import { findTicket } from './tickets.ts';
import type { ZendeskOptions, ZendeskServer } from './types.ts';
import { deliver } from './webhooks.ts';

function createState(options: ZendeskOptions): State {
  const now = options.now ?? (() => new Date());
  const state: State = {
    email: options.email,
    apiToken: options.apiToken,
    now,
    url: options.url?.replace(/\/+$/, '') ?? '',
    webhook: {
      url: options.webhookUrl ?? null,
      secret: options.webhookSecret ?? '',
      body: options.webhookBody ?? 'event',
      held: null,
    },
    wrongSignatures: [],
    commentMetadata: options.commentMetadata ?? false,
    perMinute: options.perMinute ?? null,
    lately: [],
    journal: createJournal(now),
    people: new Map(),
    groups: new Map(),
    tickets: new Map(),
    uploads: new Map(),
    files: new Map(),
    remembered: new Map(),
    faults: [],
    holding: [],
    counters: new Map(),
    work: new Set(),
    closing: new AbortController(),
  };
  addPerson(state, { name: 'Bellwether', email: options.email, role: 'agent' });
  return state;
}

/** Makes a help desk that lives in this process and speaks Zendesk's API, for the demo and for tests. */
export function createZendeskServer(options: ZendeskOptions): ZendeskServer {
  const state = createState(options);
  const acts = createActs(state);
  let server: Server | undefined;

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    const url = new URL(`http://zendesk${req.url ?? '/'}`);
    const below = state.url === '' ? '' : new URL(state.url).pathname.replace(/\/$/, '');
    if (!url.pathname.startsWith(`${below}/`)) return false;
    url.pathname = url.pathname.slice(below.length);
    return track(
      state,
      serve(state, url, req, res).then((isServed) => isServed || servePage(state, acts, url, req, res)),
    );
  }

  return {
    handle,
    async listen(port = 0) {
      server = createServer((req, res) => {
        handle(req, res).then(
          (isServed) => isServed || res.writeHead(404).end('Not found'),
          (error: unknown) => res.headersSent || res.writeHead(500).end(String(error)),
        );
      });
      await new Promise<void>((resolve, reject) => server?.once('error', reject).listen(port, '127.0.0.1', resolve));
      const bound = (server.address() as AddressInfo).port;
      if (state.url === '') state.url = `http://127.0.0.1:${bound}`;
      return { url: state.url, port: bound };
    },
    async close() {
      state.closing.abort();
      server?.closeAllConnections();
      for (const letGo of state.holding.splice(0)) letGo();
      await new Promise<void>((resolve) => (server?.listening ? server.close(() => resolve()) : resolve()));
      await Promise.allSettled([...state.work]);
    },
    connect(webhookUrl) {
      state.webhook.url = webhookUrl;
    },

    addGroup(name) {
      const id = nextId(state, 'other');
      state.groups.set(id, { id, name, deleted: false });
      return id;
    },
    deleteGroup(groupId) {
      state.groups.get(groupId)!.deleted = true;
    },
    addPerson: (person) => addPerson(state, person),
    ...acts,

    get ticketIds() {
      return [...state.tickets.values()].filter(({ deleted }) => !deleted).map(({ id }) => id);
    },
    ticket: (ticketId) => ticketJson(state, findTicket(state, ticketId)),
    comments: (ticketId) =>
      findTicket(state, ticketId).audits.flatMap(({ comment }) => {
        if (!comment) return [];
        const { id, public: isPublic, author_id, body, attachments } = commentJson(state, comment);
        const author = state.people.get(author_id)?.name ?? '';
        return [{ id, public: isPublic, author, body, files: attachments.map(({ file_name }) => file_name) }];
      }),

    get journal() {
      return state.journal.list();
    },
    fault: (fault) => addFault(state, fault),
    clearFaults() {
      state.faults = [];
    },
    async release() {
      for (const letGo of state.holding.splice(0)) letGo();
      await Promise.allSettled([...state.work]);
    },
    holdWebhooks() {
      state.webhook.held ??= [];
    },
    async releaseWebhooks(arrange = (deliveries) => deliveries) {
      const held = state.webhook.held ?? [];
      state.webhook.held = null;
      for (const delivery of arrange(held)) await deliver(state, delivery);
    },
    signWrongly(how, count = 1) {
      state.wrongSignatures.push(...Array.from({ length: count }, () => how));
    },
    async waitForIdle(quietMs = 100) {
      for (;;) {
        await Promise.allSettled([...state.work]);
        const before = state.journal.list().length;
        await sleep(quietMs);
        if (state.work.size === 0 && state.journal.list().length === before) return;
      }
    },
  };
}
