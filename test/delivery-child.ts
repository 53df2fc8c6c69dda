/**
 * A delivery in a process of its own, to be killed at one of its steps: a statement to the database, or a call of Slack.
 * Told as JSON; a run that is not killed prints its steps.
 */
import { closeDb, openDb } from '../src/db/client.ts';
import { createSlackClient } from '../src/slack/client.ts';
import { deliverDue } from '../src/slack/deliver.ts';
import { renderPlainly } from './integration/delivery/render.ts';
import { dieAt, type Kill } from './killable.ts';

/** What the child is told. `kill`: at which step; `null` at none. */
export type ChildOrders = {
  databaseUrl: string;
  apiUrl: string;
  token: string;
  fallbackChannel: string;
  /** What it takes for now, in ms; it goes on as far as there is something to do. */
  now: number;
  kill: Kill | null;
};

const orders = JSON.parse(process.argv[2] ?? '{}') as ChildOrders;
const steps = dieAt(orders.kill, (url) => url.slice(orders.apiUrl.length));

const log = { debug() {}, info() {}, warn() {}, error() {} } as never;
const db = openDb(orders.databaseUrl, { max: 1, applicationName: 'delivery-child' });
const slack = createSlackClient({ token: orders.token, apiUrl: orders.apiUrl, log });
let time = orders.now;
for (;;) {
  const { next } = await deliverDue({
    db,
    slack,
    log,
    now: () => new Date(time),
    render: (message) => renderPlainly(db, message),
    settings: { quietHours: null, quietWeekend: false, digestAt: '09:00', holdAbovePercent: 20, holdFromAccounts: 10 },
    timeZone: 'UTC',
    fallbackChannel: orders.fallbackChannel,
    recipientsAtOnce: 1,
  });
  if (next === null || next.getTime() > time + 60_000) break;
  time = Math.max(time, next.getTime());
}
await closeDb(db);
process.stdout.write(JSON.stringify(steps));
