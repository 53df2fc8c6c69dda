/**
 * A worker for tickets in a process of its own, to be killed at one of its steps: a statement to the database, a call of
 * Slack or of the help desk. Told as JSON; a run that is not killed prints its steps.
 */
import pg from 'pg';
import { closeDb, openDb } from '../src/db/client.ts';
import { createSlackClient } from '../src/slack/client.ts';
import { createZendesk } from '../src/sources/zendesk.ts';
import { runTickets } from './integration/tickets/run-tickets.ts';

/** What the child is told. `kill`: at which step, counted from 1; `null` at none. */
export type TicketOrders = {
  databaseUrl: string;
  apiUrl: string;
  token: string;
  zendesk: { url: string; email: string; apiToken: string };
  /** What it takes for now, in ms; it goes on as far as there is something to do. */
  now: number;
  kill: { step: number; when: 'before' | 'during' | 'after' } | null;
};

const orders = JSON.parse(process.argv[2] ?? '{}') as TicketOrders;
const steps: string[] = [];

/** Runs a step, unless it is the one to die at. */
async function step<T>(what: string, run: () => Promise<T>): Promise<T> {
  steps.push(what);
  const when = steps.length === orders.kill?.step ? orders.kill.when : null;
  if (when === 'before') die();
  const running = run();
  // What was asked for has left, and the answer is not here yet, or only just.
  if (when === 'during') setImmediate(() => setImmediate(die));
  const result = await running;
  if (when === 'after') die();
  return result;
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

const { query } = pg.Client.prototype;
const counted = function (this: pg.Client, ...args: unknown[]) {
  const ask = () => (query as (...args: unknown[]) => Promise<unknown>).apply(this, args);
  return step(String(args[0]).trim().split(/\s+/).slice(0, 3).join(' '), ask);
};
pg.Client.prototype.query = counted as typeof query;

const { fetch } = globalThis;
globalThis.fetch = (url, init) =>
  step(`${init?.method ?? 'GET'} ${new URL(String(url)).pathname}`, () => fetch(url, init));

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
