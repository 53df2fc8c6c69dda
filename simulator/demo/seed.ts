import { Buffer } from 'node:buffer';
import { jobs } from '../../jobs/index.ts';
import { addDays, localDay } from '../../src/days.ts';
import type { Deps } from '../../src/deps.ts';
import { runImport } from '../../src/importing/run.ts';
import type { ImportKind } from '../../src/importing/types.ts';
import { createInlineQueue } from '../../src/queue/inline-queue.ts';
import { generateDemo } from './generate.ts';

/** What a trend shows, and 30 days before its first to compare with. */
const HISTORY_DAYS = 90;

/** Fills an empty database with the demo's accounts and their history; any other is left as it is. */
export async function seedDemo(deps: Deps, databaseUrl: string): Promise<void> {
  if (!(await wantsData(deps))) return;
  const now = deps.now();
  const { accounts, users, events } = generateDemo(now);
  for (const [kind, rows] of Object.entries({ accounts, users, events })) {
    await importRows(kind as ImportKind, rows, databaseUrl, now);
  }
  const today = localDay(now, deps.config.timeZone);
  const queue = createInlineQueue(jobs, deps);
  await queue.enqueue('compute-health', { from: addDays(today, 1 - HISTORY_DAYS), to: today });
}

/** Also when an earlier start was cut off before the scores, which come last. */
async function wantsData({ db }: Deps): Promise<boolean> {
  const accounts = await db.selectFrom('accounts').select('id').limit(50).execute();
  if (accounts.length === 0) return true;
  const score = await db.selectFrom('scores').select('day').limit(1).executeTakeFirst();
  return score === undefined && accounts.some(({ id }) => id === 'acme');
}

async function importRows(kind: ImportKind, rows: readonly object[], url: string, now: Date): Promise<void> {
  const summary = await runImport({
    kind,
    input: { name: `the demo's ${kind}`, size: null, bytesRead: () => 0, chunks: jsonLines(rows) },
    url,
    now,
    timeZone: 'UTC',
    strict: true,
    knownAccountsOnly: true,
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
