import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Kysely } from 'kysely';
import { evaluateIndicators } from '../jobs/evaluate-indicators.ts';
import type { Database } from '../src/db/types.ts';
import type { Deps } from '../src/deps.ts';
import type { MetricValue } from '../src/health/types.ts';
import { readPlaybook } from '../src/playbook/read.ts';
import type { Playbook } from '../src/playbook/types.ts';
import { createTestDeps } from './deps.ts';

const metrics = `metrics:
  - { id: level, name: Level, unit: number }
  - { id: other, name: Other, unit: number }
  - { id: mood, name: Mood, unit: text }
`;

/** A pack with the metrics level, other and mood, whose values are imported, and these indicators (YAML of indicators.yml). */
export async function packWith(indicators: string): Promise<Playbook> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bellwether-pack-'));
  try {
    await mkdir(path.join(folder, 'models'));
    await writeFile(path.join(folder, 'pack.yml'), 'name: Test\nmodels: [plain]\n');
    await writeFile(path.join(folder, 'metrics.yml'), metrics);
    await writeFile(
      path.join(folder, 'models/plain.yml'),
      `id: plain
name: Plain
when: default
dimensions:
  - id: use
    name: Use
    weight: 100
    measures: [{ metric: level, bands: { poor: "> 20", concerning: "5 - 20", healthy: "<= 5" } }]
`,
    );
    await writeFile(path.join(folder, 'indicators.yml'), indicators);
    return await readPlaybook(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Evaluates by a clock of the test's. */
export type Evaluating = {
  deps: Deps;
  /** Sets the clock; ISO. */
  at(now: string): void;
  /** Imports a value for the clock's day, or takes it away with null. */
  set(account: string, metric: string, value: MetricValue): Promise<void>;
  /** Evaluates all accounts, or those given. */
  evaluate(accountIds?: string[]): Promise<{ opened: number; ended: number; held?: number | null }>;
  enqueued: string[];
};

/** Deps and shorthands for tests of the evaluation. */
export async function startEvaluating(db: Kysely<Database>, playbook: Playbook, start: string): Promise<Evaluating> {
  let current = new Date(start);
  const enqueued: string[] = [];
  const queue = {
    enqueue: async (name: string) => {
      enqueued.push(name);
    },
  };
  const deps = await createTestDeps({ db, queue, playbook, now: () => current });
  return {
    deps,
    enqueued,
    at(now) {
      current = new Date(now);
    },
    async set(account, metric, value) {
      const day = current.toISOString().slice(0, 10);
      if (value === null) {
        await db
          .deleteFrom('imported_metric_values')
          .where('account_id', '=', account)
          .where('metric', '=', metric)
          .execute();
        return;
      }
      const row = { account_id: account, metric, day, value: JSON.stringify(value) };
      await db
        .insertInto('imported_metric_values')
        .values(row)
        .onConflict((conflict) => conflict.columns(['account_id', 'metric', 'day']).doUpdateSet({ value: row.value }))
        .execute();
    },
    async evaluate(accountIds) {
      const result = await evaluateIndicators.run(accountIds ? { accountIds } : {}, deps);
      return result as { opened: number; ended: number; held?: number | null };
    },
  };
}
