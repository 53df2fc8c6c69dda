import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { migrateQueues } from '../../src/queue/migrate.ts';
import { createQueue } from '../../src/queue/queue.ts';
import { createTestDatabase } from '../database.ts';
import { describeQueue } from '../queue-suite.ts';
import { runSql } from '../run-sql.ts';

describe('the queue on PostgreSQL', () => {
  describeQueue({
    redisUrl: () => undefined,
    // Each test has a database of its own.
    empty: async () => undefined,
    dropConnections: (database) =>
      runSql(
        database.url,
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      ),
  });

  test('a schedule whose next run was lost is stored again, one whose run is late is not', async () => {
    const database = await createTestDatabase();
    const queue = await createQueue({ databaseUrl: database.url, log: pino({ level: 'silent' }) });
    const next = async () => (await queue.counts()).get('tick')?.nextRun?.getTime() ?? Number.NaN;
    await queue.setSchedules({ tick: '30 8 1 * *' }, 'UTC');
    await runSql(
      database.url,
      "update bullmq.scheduler set next_run_ms = 1000; update bullmq.job set id = 'repeat:tick:1000'",
    );
    await queue.setSchedules({ tick: '30 8 1 * *' }, 'UTC');
    expect(await next()).toBe(1000);
    await runSql(database.url, 'delete from bullmq.job');
    await queue.setSchedules({ tick: '30 8 1 * *' }, 'UTC');
    expect(await next()).toBeGreaterThan(Date.now());
    await queue.close();
    await database.drop();
  });

  test('two processes that make its tables at once both succeed', async () => {
    const database = await createTestDatabase();
    await Promise.all([migrateQueues(database.url), migrateQueues(database.url), migrateQueues(database.url)]);
    await migrateQueues(database.url);
    await database.drop();
  });
});
