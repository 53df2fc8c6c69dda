import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { closeDb, openDb } from '../src/db/client.ts';
import { migrate } from '../src/db/migrate.ts';
import { runSql } from './run-sql.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A server for tests, and the migrated database there that each test's own is copied from. */
    database: { serverUrl: string; template: string };
  }
}

/** One database server for the whole run: TEST_DATABASE_URL, or an embedded one that ends with the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = process.env.TEST_DATABASE_URL ? null : await startServer();
  const serverUrl = process.env.TEST_DATABASE_URL ?? server?.url ?? '';
  const template = `bellwether_template_${process.pid}`;
  await runSql(serverUrl, `create database ${template}`);
  const url = new URL(serverUrl);
  url.pathname = `/${template}`;
  const db = openDb(url.href);
  await migrate(db);
  await closeDb(db);
  project.provide('database', { serverUrl, template });
  return async () => {
    if (server) await server.stop();
    else await runSql(serverUrl, `drop database ${template}`);
  };
}

async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./test-server.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(child, 'exit');
  const [url] = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => [null])]);
  if (typeof url !== 'string') throw new Error('The database server for the tests did not start.');
  return {
    url,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
