import { randomBytes } from 'node:crypto';
import { accessSync, chownSync, constants, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { chown, mkdir, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import type { Binaries } from './binaries.ts';
import { makeFolder, refuseUnfit } from './paths.ts';
import { findPostmaster } from './postmaster.ts';
import { processExists } from './process-exists.ts';
import { type Outcome, type RunAs, runTool } from './run-as.ts';

/** The name of the one role in an embedded database. */
export const ROLE = 'bellwether';

const LOG_LIMIT = 1_000_000;
const STOP_MS = 60_000;
const PAUSE_MS = 10;
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: "''",
  max_connections: '60',
  shared_buffers: '128MB',
  work_mem: '16MB',
  // A container's /dev/shm is too small for parallel queries.
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  // Disks that seek are gone.
  random_page_cost: '1.1',
  io_method: 'sync',
  // At minimal a sequence made by the transaction that first used it goes back after a crash; the queue's then gives ids
  // that are taken, and its new jobs are dropped.
  wal_level: 'replica',
  max_wal_senders: '0',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};

/** The files of one embedded database, all below one folder that is its own. */
export type Cluster = { folder: string; data: string; password: string; log: string };

/**
 * Where the database of a DATA_DIR lives; the folder above is made, the database is not.
 * @throws {UserError} when DATA_DIR cannot be used
 */
export function clusterIn(dataDir: string): Cluster {
  try {
    makeFolder(path.resolve(dataDir));
    // One spelling for everybody, as a running server is recognised by it.
    const folder = path.join(realpathSync(dataDir), 'postgres');
    const needed = existsSync(folder) ? folder : dataDir;
    accessSync(needed, constants.R_OK | constants.W_OK | constants.X_OK);
    refuseUnfit(folder);
    const file = (name: string) => path.join(folder, name);
    return { folder, data: file('data'), password: file('password'), log: file('log') };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `DATA_DIR ${dataDir} cannot be used (${(error as Error).message}). Set it to a folder that Bellwether may write to.`,
    );
  }
}

/**
 * Makes the database's files unless they are there. A half-made one never gets the final name, whatever happens.
 * @throws {UserError} when they are of another PostgreSQL, or cannot be made
 */
export async function ensureCluster(cluster: Cluster, binaries: Binaries, user: RunAs): Promise<void> {
  if (!existsSync(path.join(cluster.data, 'PG_VERSION'))) await createCluster(cluster, binaries, user);
  const major = Number(readFileSync(path.join(cluster.data, 'PG_VERSION'), 'utf8'));
  if (major !== binaries.major) {
    throw new UserError(
      `The database in ${cluster.folder} is of PostgreSQL ${major}, this is PostgreSQL ${binaries.major}. ` +
        'Move that folder away to begin with an empty database, or set DATABASE_URL to a server that has the data.',
    );
  }
  if (user.owner && (await stat(cluster.folder)).uid !== user.owner.uid) giveTo(cluster.folder, user.owner);
}

/** Starts the server and waits until it answers; not `ok` also when somebody else was quicker. */
export async function startServer(
  cluster: Cluster,
  binaries: Binaries,
  user: RunAs,
  settings: Record<string, string>,
  port: number,
): Promise<Outcome> {
  const log = await stat(cluster.log).catch(() => null);
  if (log && log.size > LOG_LIMIT) await truncate(cluster.log);
  const options = Object.entries({ ...SETTINGS, ...settings }).map(([name, value]) => `-c ${name}=${value}`);
  return runTool(user, binaries.pgCtl, [
    ...['start', '-w', '-s', '-t', '60', '-D', cluster.data, '-l', cluster.log],
    ...['-o', `-p ${port} ${options.join(' ')}`],
  ]);
}

/** Ends every session and stops the server; not `ok` when it is still there after a minute. */
export async function stopServer(cluster: Cluster, binaries: Binaries, user: RunAs): Promise<Outcome> {
  const pid = findPostmaster(cluster.data)?.pid;
  if (!pid) return { ok: true, output: '' };
  // `pg_ctl stop` would go on waiting when somebody starts the next server at once.
  const told = await runTool(user, binaries.pgCtl, ['kill', 'INT', String(pid)]);
  const deadline = performance.now() + STOP_MS;
  while (findPostmaster(cluster.data)?.pid === pid) {
    if (performance.now() > deadline) return { ok: false, output: told.output || 'it does not end' };
    await sleep(PAUSE_MS);
  }
  return { ok: true, output: '' };
}

/** The last lines of the server's log, for an error message. */
export function logTail(cluster: Cluster): string {
  try {
    return readFileSync(cluster.log, 'utf8').trim().split('\n').slice(-5).join('\n');
  } catch {
    return '';
  }
}

/** A port on loopback that nobody listens on. */
export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function createCluster(cluster: Cluster, binaries: Binaries, user: RunAs): Promise<void> {
  if (existsSync(cluster.folder) && readdirSync(cluster.folder).length > 0) {
    throw new UserError(`${cluster.folder} is not a database; move it away, or set DATA_DIR to another folder.`);
  }
  await removeUnfinished(cluster);
  const draft = `${cluster.folder}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(draft, { mode: 0o700 });
    const password = path.join(draft, 'password');
    await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (user.owner) {
      await chown(draft, user.owner.uid, user.owner.gid);
      await chown(password, user.owner.uid, user.owner.gid);
    }
    const made = await runTool(user, binaries.initdb, [
      ...['-D', path.join(draft, 'data'), '-U', ROLE, '-A', 'scram-sha-256', `--pwfile=${password}`],
      ...['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
    ]);
    if (!made.ok) throw new Error(made.output.split('\n').slice(-5).join('\n'));
    await rename(draft, cluster.folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Somebody else was quicker, and has made the same.
    if (existsSync(path.join(cluster.data, 'PG_VERSION'))) return;
    const { message } = error as Error;
    throw new UserError(`The embedded PostgreSQL cannot make its files in ${cluster.folder}: ${message}`);
  }
}

/** What a process left that was killed while it made a database. */
async function removeUnfinished(cluster: Cluster): Promise<void> {
  const parent = path.dirname(cluster.folder);
  for (const name of await readdir(parent)) {
    const pid = /^postgres\.new-(\d+)-/.exec(name)?.[1];
    if (!pid || processExists(Number(pid))) continue;
    // Its initdb may still be writing; then the next start removes it.
    await rm(path.join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function giveTo(folder: string, owner: { uid: number; gid: number }): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) chownSync(path.join(entry.parentPath, entry.name), owner.uid, owner.gid);
  }
  chownSync(folder, owner.uid, owner.gid);
}
