import { describe } from 'vitest';
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
});
