import pino from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { findDeliveryFigures } from '../../src/db/delivery-figures.ts';
import { insertStripeEvent, postponeStripeEvents, setStripeEventsHandled } from '../../src/db/stripe-events.ts';
import { createTelemetry, operationsRoutes, watchDelivery } from '../../src/http/operations.ts';
import { serve } from '../../src/http/server.ts';
import { createTestDatabase } from '../database.ts';

const now = new Date('2026-11-24T10:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

it("/metrics tells the age of the oldest of Stripe's events that is due and not handled", async () => {
  const { db, drop } = await createTestDatabase();
  onTestFinished(drop);
  const telemetry = createTelemetry();
  watchDelivery(telemetry, () => findDeliveryFigures(db, now));
  const routes = operationsRoutes(telemetry, {});
  const server = await serve({ host: '127.0.0.1', port: 0, routes, log: pino({ level: 'silent' }) });
  onTestFinished(server.close);
  const seconds = async () => {
    const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    return Number(/^bellwether_stripe_events_overdue_seconds (\S+)$/m.exec(text)?.[1]);
  };
  const insert = (id: string, minutes: number) =>
    insertStripeEvent(
      db,
      {
        id,
        type: 'invoice.paid',
        objectId: null,
        customerId: null,
        subscriptionId: null,
        createdAt: minutesAgo(minutes),
      },
      minutesAgo(minutes),
    );
  expect(await seconds()).toBe(0);

  for (const [id, minutes] of [
    ['evt_handled', 50],
    ['evt_put_off', 40],
    ['evt_oldest', 10],
    ['evt_newer', 5],
  ] as const)
    await insert(id, minutes);
  await setStripeEventsHandled(db, ['evt_handled'], now);
  await postponeStripeEvents(db, ['evt_put_off'], { until: new Date(now.getTime() + 1000), why: 'Stripe is down' });

  expect(await seconds()).toBe(600);
});
