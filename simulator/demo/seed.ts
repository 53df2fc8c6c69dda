import { Buffer } from 'node:buffer';
import { jobs } from '../../jobs/index.ts';
import { syncStripe } from '../../jobs/sync-stripe.ts';
import { addDays, localDay } from '../../src/days.ts';
import { replaceDefinitionHashes } from '../../src/db/metric-definitions.ts';
import { deleteStaleRows, findStaleAccounts } from '../../src/db/stale-accounts.ts';
import type { Deps } from '../../src/deps.ts';
import { type ImportRequest, runImport } from '../../src/importing/run.ts';
import type { ImportKind } from '../../src/importing/types.ts';
import { hashDefinitions } from '../../src/metrics/dependencies.ts';
import { createInlineQueue } from '../../src/queue/inline-queue.ts';
import type { JobDefinition } from '../../src/queue/types.ts';
import { seedAlerts } from './alerts.ts';
import { generateDemo } from './generate.ts';

/** Today and 90 days before it, so that a change over 90 days can be told. */
const HISTORY_DAYS = 91;
/** The first account of the demo; nobody can own its domain. */
const TOKEN = { id: 'acme', domain: 'acme.example' };

/**
 * Fills an empty database with the demo's accounts and their history, and completes it where an earlier start was cut off;
 * any other is left as it is, but for what Stripe has. Throws when `ending` asks.
 */
export async function seedDemo(deps: Deps, databaseUrl: string, ending: AbortSignal): Promise<void> {
  if (!(await wantsData(deps))) {
    // What the demo's Stripe has is new at each start; the worker tells of it.
    await syncStripe.run({}, deps);
    return;
  }
  const now = deps.now();
  const { accounts, users, events } = generateDemo(now);
  for (const [kind, rows] of Object.entries({ accounts, users, events })) {
    await importRows(kind as ImportKind, rows, {
      url: databaseUrl,
      now,
      homeTimeZone: deps.config.timeZone,
      signal: ending,
    });
  }
  ending.throwIfAborted();
  const today = localDay(now, deps.config.timeZone);
  const queue = createInlineQueue(jobs.map(unlessLater), deps);
  await queue.enqueue('compute-health', { from: addDays(today, 1 - HISTORY_DAYS), to: today });
  // All accounts are computed, and the past of all metrics: the worker need not do it again when it starts.
  const computed = await findStaleAccounts(deps.db, today);
  await deleteStaleRows(
    deps.db,
    computed.flatMap(({ rows }) => rows),
  );
  await replaceDefinitionHashes(deps.db, hashDefinitions(deps.playbook.metrics, deps.config.timeZone), now);
  const quiet = { ...deps, queue: { enqueue: async () => undefined } };
  await seedAlerts(quiet, ending, { beforeToday: () => syncStripe.run({}, quiet) });
}

/** Alerts have a past of their own, and Slack is not there yet. */
function unlessLater(job: JobDefinition): JobDefinition {
  const isLater = ['evaluate-indicators', 'deliver-messages'].includes(job.name);
  return isLater ? { ...job, run: async () => undefined } : job;
}

async function wantsData({ db }: Deps): Promise<boolean> {
  const known = await db.selectFrom('accounts').select('id').limit(1).executeTakeFirst();
  if (!known) return true;
  const ours = await db
    .selectFrom('accounts')
    .select('id')
    .where((eb) => eb.and(TOKEN))
    .executeTakeFirst();
  if (!ours) return false;
  // The scores come last, and in one transaction.
  const scores = db.selectFrom('scores').select((eb) => eb.fn.countAll<number>().as('count'));
  const { count } = await scores.where('account_id', '=', TOKEN.id).executeTakeFirstOrThrow();
  return count < HISTORY_DAYS;
}

async function importRows(
  kind: ImportKind,
  rows: readonly object[],
  how: Pick<ImportRequest, 'url' | 'now' | 'homeTimeZone' | 'signal'>,
): Promise<void> {
  const summary = await runImport({
    kind,
    input: { name: `the demo's ${kind}`, size: null, bytesRead: () => 0, chunks: jsonLines(rows) },
    timeZone: 'UTC',
    strict: true,
    knownAccountsOnly: true,
    ...how,
  });
  if (summary.rejected > 0) throw new Error(`The demo's ${kind} are faulty: ${JSON.stringify(summary.faults)}`);
}

async function* jsonLines(rows: readonly object[]): AsyncGenerator<Buffer> {
  const size = 1000;
  for (let start = 0; start < rows.length; start += size) {
    yield Buffer.from(
      rows
        .slice(start, start + size)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
  }
}
