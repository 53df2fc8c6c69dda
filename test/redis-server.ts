import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';

export type RedisServer = {
  url: string;
  run(command: string, ...args: string[]): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Where Redis comes from: TEST_REDIS_URL, whose database is emptied, else a redis-server on the PATH. `null` when there is
 * neither, which CI does not accept.
 */
export function findRedis(): { url: string } | { binary: string } | null {
  if (process.env.TEST_REDIS_URL) return { url: process.env.TEST_REDIS_URL };
  if (spawnSync('redis-server', ['--version']).status === 0) return { binary: 'redis-server' };
  if (process.env.CI_REDIS) throw new Error('CI_REDIS is set, but there is neither redis-server nor TEST_REDIS_URL.');
  return null;
}

/** Starts a server of the tests' own, in memory and on loopback, or connects to the given one. */
export async function startRedis(found: { url: string } | { binary: string }): Promise<RedisServer> {
  const server = 'url' in found ? { url: found.url, stop: async () => undefined } : await spawnServer(found.binary);
  const client = new Redis(server.url);
  // It may take a moment to listen; the client tries until it does.
  client.on('error', () => undefined);
  await client.ping();
  return {
    url: server.url,
    run: async (command, ...args) => void (await client.call(command, ...args)),
    stop: async () => {
      client.disconnect();
      await server.stop();
    },
  };
}

async function spawnServer(binary: string): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-redis-'));
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = spawn(binary, settings, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  // Should the tests end without stopping it.
  process.once('exit', () => child.kill());
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
