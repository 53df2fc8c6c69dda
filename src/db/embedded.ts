import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { UserError } from '../errors.ts';
import { type Binaries, completeLibraries, findBinaries } from './embedded/binaries.ts';
import {
  type Cluster,
  clusterIn,
  ensureCluster,
  freePort,
  logTail,
  startServer,
  stopServer,
} from './embedded/cluster.ts';
import { embeddedUrl, type Lease, takeLease } from './embedded/lease.ts';
import { disownPidFile, findPostmaster } from './embedded/postmaster.ts';
import { chooseUser, type RunAs } from './embedded/run-as.ts';

const PATIENCE_MS = 90_000;
const PAUSE_MS = 30;
/** A killed bot's session may outlive it by a moment. */
const INSTANCE_PATIENCE_MS = 500;
const START_ATTEMPTS = 5;

/** `settings` are PostgreSQL's own, over ours. */
export type EmbeddedOptions = { dataDir: string; log: Logger; settings?: Record<string, string> };

/** A database of our own that this process keeps up until `stop`; the last process to stop stops the server. */
export type EmbeddedPostgres = {
  url: string;
  /** The server ran already. */
  adopted: boolean;
  /** @throws {UserError} when another bot has taken this folder */
  lockInstance(): Promise<void>;
  stop(): Promise<void>;
};

type Server = { cluster: Cluster; binaries: Binaries; settings: Record<string, string>; user: () => Promise<RunAs> };
type Held = { lease: Lease; port: number; url: string; adopted: boolean };

/**
 * Joins the PostgreSQL that runs in DATA_DIR, or starts it, making its files the first time. Should the server die, it is
 * started again on the same port.
 * @throws {UserError} when it is not installed or DATA_DIR does not allow it
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, settings = {} } = options;
  const binaries = findBinaries();
  const cluster = clusterIn(dataDir);
  let user: Promise<RunAs> | undefined;
  const server: Server = {
    cluster,
    binaries,
    settings,
    user: () => (user ??= chooseUser(cluster.data, [path.dirname(binaries.postgres), path.dirname(cluster.folder)])),
  };
  let held = await hold(server, null);
  let isBot = false;
  let recovery = Promise.resolve();
  let stopped: Promise<void> | undefined;

  function watch({ lease }: Held): void {
    lease.ended.then(() => {
      if (!stopped) recovery = recover();
    });
  }

  async function recover(): Promise<void> {
    log.warn('the embedded PostgreSQL went away; starting it again');
    try {
      held = await hold(server, held.port);
      watch(held);
      if (isBot) await lockInstance(held.lease, dataDir);
    } catch (error) {
      log.error({ err: error }, 'the embedded PostgreSQL cannot be started again');
    }
  }

  async function leave(): Promise<void> {
    await recovery;
    if (await held.lease.release()) {
      const outcome = await stopServer(cluster, binaries, await server.user());
      if (!outcome.ok) log.error({ output: outcome.output }, 'the embedded PostgreSQL does not stop');
    }
    await held.lease.close();
  }

  watch(held);
  return {
    url: held.url,
    adopted: held.adopted,
    lockInstance: async () => {
      await lockInstance(held.lease, dataDir);
      isBot = true;
    },
    stop: () => (stopped ??= leave()),
  };
}

async function hold(server: Server, wantedPort: number | null): Promise<Held> {
  const { cluster } = server;
  const deadline = performance.now() + PATIENCE_MS;
  let adopted = true;
  let failures = 0;
  while (performance.now() < deadline) {
    const postmaster = findPostmaster(cluster.data);
    if (postmaster?.port) {
      const url = embeddedUrl(postmaster.port, readFileSync(cluster.password, 'utf8'));
      const lease = await takeLease(url);
      if (lease) return { lease, port: postmaster.port, url, adopted };
    }
    if (postmaster) {
      await sleep(PAUSE_MS);
      continue;
    }
    const failure = await start(server, wantedPort);
    adopted = failure !== null;
    if (failure === null) continue;
    failures += 1;
    if (failures >= START_ATTEMPTS) throw cannotStart(cluster, failure);
    await sleep(PAUSE_MS * 2 ** failures);
  }
  throw cannotStart(cluster, `it did not answer within ${PATIENCE_MS / 1000} s`);
}

/** What went wrong, or null. */
async function start(server: Server, wantedPort: number | null): Promise<string | null> {
  const { cluster, binaries, settings } = server;
  completeLibraries(binaries.root);
  const user = await server.user();
  await ensureCluster(cluster, binaries, user);
  disownPidFile(cluster.data);
  const started = await startServer(cluster, binaries, user, settings, wantedPort ?? (await freePort()));
  return started.ok ? null : started.output;
}

async function lockInstance(lease: Lease, dataDir: string): Promise<void> {
  const deadline = performance.now() + INSTANCE_PATIENCE_MS;
  for (;;) {
    const other = await lease.lockInstance();
    if (other === null) return;
    if (performance.now() > deadline) {
      throw new UserError(
        `Another Bellwether (pid ${other}) is running on ${dataDir}; stop it or set DATA_DIR to another folder.`,
      );
    }
    await sleep(PAUSE_MS);
  }
}

function cannotStart(cluster: Cluster, reason: string): UserError {
  return new UserError(
    `The embedded PostgreSQL in ${cluster.folder} cannot be started: ${reason}\n${logTail(cluster)}`.trim(),
  );
}
