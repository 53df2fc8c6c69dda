/**
 * A database server for one test run, as a process of its own: it prints its address, and when its standard input ends,
 * however the run ended, it leaves nothing behind.
 */
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { startEmbeddedPostgres } from '../src/db/embedded.ts';

/** What the databases of a whole run need at once, with plenty to spare. */
const ROOM_BYTES = 4e9;
const MEMORY = '/dev/shm';

const folder = mkdtempSync(path.join(hasRoomInMemory() ? MEMORY : tmpdir(), 'bellwether-test-'));
chmodSync(folder, 0o711);
const log = pino({ level: 'warn' }, pino.destination(2));
// Ctrl-C and a closed pipe reach the whole run; the run then ends our input.
process.on('SIGINT', () => undefined);
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
const gone = new Promise((resolve) => process.stdin.on('end', resolve).on('error', resolve).resume());
try {
  const server = await startEmbeddedPostgres({
    dataDir: folder,
    log,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  });
  process.stdout.write(`${server.url}\n`);
  await gone;
  await server.stop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function hasRoomInMemory(): boolean {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > ROOM_BYTES;
}
