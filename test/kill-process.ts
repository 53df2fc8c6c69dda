import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { sql } from 'kysely';
import type { Db } from '../src/db/types.ts';
import type { Kill } from './killable.ts';

/** Of a step at which a process is killed. */
export const moments: readonly Kill['when'][] = ['before', 'during', 'after'];

/** A program that is to be killed again and again; `file` is below this folder and prints its steps when it lives. */
export type Victim<Orders> = {
  run(orders: Orders): Promise<{ killed: boolean; steps: string[] }>;
  remove(): Promise<void>;
};

/** Makes one file of the program, which loads in a third of the time. */
export async function buildVictim<Orders>(file: string): Promise<Victim<Orders>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bellwether-kill-'));
  const program = path.join(folder, 'child.mjs');
  await build({
    entryPoints: [path.resolve(import.meta.dirname, file)],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pg-native'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    minify: true,
    logLevel: 'error',
  });
  return {
    async run(orders) {
      const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
        env: { ...process.env, NODE_COMPILE_CACHE: path.join(folder, 'cache') },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      if (code !== 0 && signal !== 'SIGKILL') throw new Error(`The child ended with ${code ?? signal}`);
      return { killed: signal === 'SIGKILL', steps: output === '' ? [] : JSON.parse(output) };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Waits for what a dead process had asked of the database, as which it was known as `applicationName`. */
export async function untilGone(db: Db, applicationName: string): Promise<void> {
  const find = sql`select from pg_stat_activity
    where application_name = ${applicationName} and datname = current_database()`;
  while ((await find.execute(db)).rows.length > 0);
}
