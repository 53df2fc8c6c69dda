import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../src/config.ts';
import type { Db } from '../../src/db/types.ts';
import { createStripeServer } from '../stripe/server.ts';
import type { StripeServer } from '../stripe/types.ts';
import { stories } from './stories.ts';

const API_KEY = 'rk_test_demo';
const WEBHOOK_SECRET = 'whsec_demo';
const DAY_MS = 86_400_000;
/** So long there have been bills. */
const HISTORY_DAYS = 250;

/** A Stripe of the demo's, on a port of its own, since it is read before the demo is served; and the settings by which it is reached. */
export async function startDemoStripe(): Promise<{ server: StripeServer; settings: Config['stripe'] }> {
  const server = createStripeServer({
    apiKey: API_KEY,
    webhookSecret: WEBHOOK_SECRET,
    now: () => new Date(Date.now() - HISTORY_DAYS * DAY_MS),
  });
  const { url } = await server.listen();
  return { server, settings: { apiKey: API_KEY, apiUrl: url, webhookSecret: WEBHOOK_SECRET } };
}

/** The demo's Stripe begins anew at each start: what a database keeps of it is of no customer any more. */
export async function forgetCustomers(db: Db): Promise<void> {
  await db.deleteFrom('stripe_customers').execute();
  await db.deleteFrom('stripe_events').execute();
}

/** Something that happened so many days ago. */
type Act = { daysAgo: number; run(server: StripeServer): void };

/** Has happen what happened, and sets the clock to now. Throws when `ending` asks. */
export async function playHistory(server: StripeServer, ending: AbortSignal): Promise<void> {
  const start = server.now().getTime();
  for (const { daysAgo, run } of acts().toSorted((a, b) => b.daysAgo - a.daysAgo)) {
    ending.throwIfAborted();
    await server.setTime(new Date(start + (HISTORY_DAYS - daysAgo) * DAY_MS));
    run(server);
    // Others wait meanwhile.
    await sleep(0);
  }
  await server.setTime(new Date(start + HISTORY_DAYS * DAY_MS));
}

function acts(): Act[] {
  return [...failing(), ...growing(), ...prepaid(), ...expiring(), ...stranger()];
}

const cents = (amount: number) => Math.round(amount * 100);

function customerOf(server: StripeServer, id: string): string {
  const story = stories.find((each) => each.id === id);
  if (!story) throw new Error(`The demo has no account ${id}.`);
  return server.addCustomer({
    id: `cus_${id.replaceAll('-', '')}`,
    name: story.name,
    email: `billing@${story.domain}`,
    metadata: { account_id: id },
  });
}

/** A monthly bill that fails since the card was replaced: twice by now. */
function failing(): Act[] {
  let customer = '';
  return [
    {
      daysAgo: 216,
      run: (server) => {
        customer = customerOf(server, 'umbra');
        const price = server.addPrice({ name: 'Team plan', unitAmount: cents(41_000 / 12) });
        server.subscribe({ customer, items: [{ price }] });
      },
    },
    { daysAgo: 12, run: (server) => server.setCard(customer, 'declined') },
  ];
}

/** Use has doubled this month, and the bill comes in some days. */
function growing(): Act[] {
  let subscription = '';
  const begun = 240;
  const months = [8_100, 8_450, 8_300, 8_600, 8_500, 8_700, 8_650];
  const used = months.map(
    (amount, month): Act => ({
      daysAgo: begun - 15 - month * 30.4,
      run: (server) => server.reportUsage(subscription, amount),
    }),
  );
  return [
    {
      daysAgo: begun,
      run: (server) => {
        const customer = customerOf(server, 'aperture');
        const base = server.addPrice({ name: 'Enterprise plan', unitAmount: cents(9_000) });
        const events = server.addPrice({ name: 'Events, per thousand', unitAmount: cents(1), isMetered: true });
        subscription = server.subscribe({ customer, items: [{ price: base }, { price: events }] });
      },
    },
    ...used,
    { daysAgo: 14, run: (server) => server.reportUsage(subscription, 9_400) },
    { daysAgo: 6, run: (server) => server.reportUsage(subscription, 14_900) },
  ];
}

/** Credit that was bought for a year and lasts for nine months. */
function prepaid(): Act[] {
  return metered('gekko', { begun: 232, credit: 40_000, months: [4_100, 4_300, 4_500, 4_400, 4_700, 4_800, 4_900] });
}

/** Credit of which much would be left at the contract's end. */
function expiring(): Act[] {
  return metered('sirius', { begun: 236, credit: 60_000, months: [3_900, 3_600, 3_700, 3_500, 3_400, 3_600, 3_300] });
}

function metered(id: string, { begun, credit, months }: { begun: number; credit: number; months: number[] }): Act[] {
  let subscription = '';
  return [
    {
      daysAgo: begun,
      run: (server) => {
        const customer = customerOf(server, id);
        const price = server.addPrice({ name: 'Events, per thousand', unitAmount: cents(1), isMetered: true });
        server.grantCredit({ customer, amount: cents(credit), category: 'paid', name: 'Prepaid credit' });
        subscription = server.subscribe({ customer, items: [{ price }] });
      },
    },
    ...months.map(
      (amount, month): Act => ({
        daysAgo: begun - 15 - month * 30.4,
        run: (server) => server.reportUsage(subscription, amount),
      }),
    ),
  ];
}

/** A customer that is nobody's account. */
function stranger(): Act[] {
  return [
    {
      daysAgo: 40,
      run: (server) => {
        const customer = server.addCustomer({ id: 'cus_wonka', name: 'Wonka GmbH', email: 'rechnung@wonka.example' });
        server.subscribe({ customer, items: [{ price: server.addPrice({ unitAmount: cents(290) }) }] });
      },
    },
  ];
}
