/**
 * A delivery in a process of its own, to be killed at one of its steps: a statement to the database, or a call of Slack.
 * Told as JSON; a run that is not killed prints its steps.
 */
import pg from 'pg';
import { closeDb, openDb } from '../src/db/client.ts';
import { createSlackClient } from '../src/slack/client.ts';
import { deliverDue } from '../src/slack/deliver.ts';
import { renderPlainly } from './integration/delivery/render.ts';

/** What the child is told. `kill`: at which step, counted from 1; `null` at none. */
export type ChildOrders = {
  databaseUrl: string;
  apiUrl: string;
  token: string;
  fallbackChannel: string;
  /** What it takes for now, in ms; it goes on as far as there is something to do. */
  now: number;
  kill: { step: number; when: Moment } | null;
};

/** Of a step: before it is asked for, while that is under way, or when it is done and its answer is here. */
export type Moment = 'before' | 'during' | 'after';

const orders = JSON.parse(process.argv[2] ?? '{}') as ChildOrders;
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
globalThis.fetch = (url, init) => step(String(url).slice(orders.apiUrl.length), () => fetch(url, init));

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
