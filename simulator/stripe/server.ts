import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createActs } from './acts.ts';
import { moveTo } from './clock.ts';
import { addFault } from './faults.ts';
import { readFixtures } from './fixtures.ts';
import { createJournal } from './journal.ts';
import { toJson } from './json.ts';
import type { Kind } from './objects.ts';
import { servePage } from './page.ts';
import { unknownPath } from './refusal.ts';
import { refuse, serve } from './serve.ts';
import { all, findAny, type State, timeOf, track } from './state.ts';
import type { StripeOptions, StripeServer } from './types.ts';
import { deliver, deliveryOf } from './webhooks.ts';

function createState(options: StripeOptions): State {
  const clock: State['clock'] = { now: options.now ?? (() => new Date()), offset: 0, at: null, due: [] };
  return {
    apiKey: options.apiKey,
    clock,
    url: options.url?.replace(/\/+$/, '') ?? '',
    fixtures: options.fixtures === undefined ? null : readFixtures(options.fixtures),
    store: {
      customer: new Map(),
      payment_method: new Map(),
      product: new Map(),
      price: new Map(),
      coupon: new Map(),
      discount: new Map(),
      subscription: new Map(),
      invoice: new Map(),
      invoice_payment: new Map(),
      payment_intent: new Map(),
      charge: new Map(),
      dispute: new Map(),
      customer_balance_transaction: new Map(),
      'billing.credit_grant': new Map(),
      'billing.credit_balance_transaction': new Map(),
    },
    cards: new Map(),
    deletedCustomers: new Set(),
    tiers: new Map(),
    taxes: new Map(),
    usage: new Map(),
    pending: new Map(),
    failing: new Set(),
    previews: [],
    events: [],
    told: new Map(),
    undelivered: new Set(),
    webhook: {
      url: options.webhookUrl ?? null,
      secret: options.webhookSecret ?? '',
      held: null,
      last: Promise.resolve(),
    },
    wrongSignatures: [],
    journal: createJournal(() => new Date(timeOf({ clock }))),
    faults: [],
    holding: [],
    counters: new Map(),
    work: new Set(),
    closing: new AbortController(),
  };
}

/** Makes a Stripe account that lives in this process and speaks Stripe's API, for the demo and for tests. */
export function createStripeServer(options: StripeOptions): StripeServer {
  const state = createState(options);
  const acts = createActs(state);
  let server: Server | undefined;

  function handle(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    const url = new URL(`http://stripe${req.url ?? '/'}`);
    const served = serve(state, url, req, res);
    return track(
      state,
      served.then((isServed) => isServed || servePage(state, acts.pay, url, req.method, res)),
    );
  }

  return {
    handle,
    async listen(port = 0) {
      server = createServer((req, res) => {
        handle(req, res).then(
          (isServed) => isServed || refuse(unknownPath(req.method ?? 'GET', req.url ?? '/'), res),
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
    get url() {
      return state.url;
    },

    now: () => new Date(timeOf(state)),
    setTime: (date) => moveTo(state, date.getTime()),
    advance: (ms) => moveTo(state, timeOf(state) + ms),
    ...acts,

    object(id) {
      const found = findAny(state, id);
      if (!found) throw new Error(`There is no object ${id}`);
      return toJson(state, found);
    },
    ids: (kind) => all(state, kind as Kind).map(({ id }) => id),
    get events() {
      return structuredClone(state.events);
    },
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
    async resend(eventId) {
      const event = state.events.find(({ id }) => id === eventId);
      if (!event) throw new Error(`There is no event ${eventId}`);
      await deliver(state, deliveryOf(event));
    },
    signWrongly(how, count = 1) {
      state.wrongSignatures.push(...Array.from({ length: count }, () => how));
    },
    async waitForIdle(quietMs = 100) {
      for (;;) {
        await Promise.allSettled([...state.work]);
        const before = state.journal.length;
        await sleep(quietMs);
        if (state.work.size === 0 && state.journal.length === before) return;
      }
    },
  };
}
