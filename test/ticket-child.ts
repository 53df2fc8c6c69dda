/**
 * A worker for tickets in a process of its own, to be killed at one of its steps: a statement to the database, a call of
 * Slack or of the help desk. Told as JSON; a run that is not killed prints its steps.
 */
import { closeDb, openDb } from '../src/db/client.ts';
import { createSlackClient } from '../src/slack/client.ts';
import { createZendesk } from '../src/sources/zendesk.ts';
import { runTickets } from './integration/tickets/run-tickets.ts';
import { dieAt, type Kill } from './killable.ts';

/** What the child is told. `kill`: at which step; `null` at none. */
export type TicketOrders = {
  databaseUrl: string;
  apiUrl: string;
  token: string;
  zendesk: { url: string; email: string; apiToken: string };
  /** What it takes for now, in ms; it goes on as far as there is something to do. */
  now: number;
  kill: Kill | null;
};

const orders = JSON.parse(process.argv[2] ?? '{}') as TicketOrders;
const steps = dieAt(orders.kill, (url, method) => `${method} ${new URL(url).pathname}`);

const log = { debug() {}, info() {}, warn() {}, error() {} } as never;
const db = openDb(orders.databaseUrl, { max: 1, applicationName: 'ticket-child' });
let time = orders.now;
const now = () => new Date(time);
await runTickets({
  db,
  slack: createSlackClient({ token: orders.token, apiUrl: orders.apiUrl, log }),
  desk: createZendesk({ ...orders.zendesk, now, log }),
  now,
  turnTo: (at) => {
    time = at.getTime();
  },
  atOnce: 1,
});
await closeDb(db);
process.stdout.write(JSON.stringify(steps));
