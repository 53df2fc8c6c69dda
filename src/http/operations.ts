import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { DeliveryFigures } from '../db/delivery-figures.ts';
import { type Route, type Routes, sendJson, sendText } from './server.ts';

/** What /metrics tells, besides the process's own figures. */
export type Telemetry = {
  registry: Registry;
  slackRequests: Counter<'kind' | 'outcome'>;
  ingestCalls: Counter<'door' | 'outcome'>;
};

/** Figures of one process in Prometheus' format. */
export function createTelemetry(): Telemetry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    slackRequests: new Counter({
      name: 'bellwether_slack_requests_total',
      help: 'Commands, interactions and events from Slack',
      labelNames: ['kind', 'outcome'],
      registers: [registry],
    }),
    ingestCalls: new Counter({
      name: 'bellwether_ingest_calls_total',
      help: 'Calls by the door they came in: accepted or refused; and requests that failed or were unauthorized',
      labelNames: ['door', 'outcome'],
      registers: [registry],
    }),
  };
}

const deliveryGauges: readonly [name: string, help: string, figure: keyof DeliveryFigures][] = [
  ['bellwether_messages_overdue', 'Messages to Slack that are due and not posted yet', 'overdue'],
  ['bellwether_messages_overdue_seconds', 'Age of the oldest message that is due and not posted yet', 'oldestSeconds'],
  ['bellwether_messages_held', 'Messages that wait for a hold to be released or discarded', 'held'],
  ['bellwether_alert_holds', 'Holds that nobody has released or discarded', 'holds'],
  [
    'bellwether_stripe_events_overdue_seconds',
    "Age of the oldest of Stripe's events that is due and not handled yet",
    'stripeEventSeconds',
  ],
];

/** Adds what becomes of the messages and of Stripe's events, as it is at each scrape; not a number where the database does not say. */
export function watchDelivery({ registry }: Telemetry, read: () => Promise<DeliveryFigures>): void {
  for (const [name, help, figure] of deliveryGauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(
          await read().then(
            (figures) => figures[figure],
            () => Number.NaN,
          ),
        );
      },
    });
  }
}

/** One thing that must work before the process can serve; throws when it does not. */
export type Check = () => Promise<unknown>;

/** GET /healthz: the process answers. GET /readyz: each check passes now, else 503 naming those that do not. GET /metrics. */
export function operationsRoutes(telemetry: Telemetry, checks: Readonly<Record<string, Check>>): Routes {
  const failing = new Gauge({
    name: 'bellwether_not_ready',
    help: '1 for each readiness check that failed when last asked',
    labelNames: ['check'],
    registers: [telemetry.registry],
  });
  const ready: Route = async (_request, response) => {
    const names = Object.keys(checks);
    const results = await Promise.allSettled(names.map((name) => checks[name]?.()));
    const failed = names.filter((_, index) => results[index]?.status === 'rejected');
    for (const name of names) failing.set({ check: name }, failed.includes(name) ? 1 : 0);
    sendJson(response, failed.length === 0 ? 200 : 503, { ready: failed.length === 0, failed });
  };
  return {
    'GET /healthz': async (_request, response) => sendText(response, 200, 'ok\n'),
    'GET /readyz': ready,
    'GET /metrics': async (_request, response) => {
      response.writeHead(200, { 'content-type': telemetry.registry.contentType });
      response.end(await telemetry.registry.metrics());
    },
  };
}
