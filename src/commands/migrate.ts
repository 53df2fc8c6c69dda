import type { Command } from 'commander';
import { migrate } from '../db/migrate.ts';
import { migrateQueues } from '../queue/migrate.ts';
import type { Cli } from './types.ts';

/** `bellwether migrate`: the tables, and those of the queues unless they are on Redis. */
export function register(command: Command, cli: Cli): void {
  command.action(async () => {
    const { db, url } = await cli.connect({ migrate: false });
    const applied = await migrate(db);
    if (!(await cli.config()).redisUrl) await migrateQueues(url);
    if (cli.json) cli.printJson({ applied });
    else cli.print(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
  });
}
