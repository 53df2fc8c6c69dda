import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { processExists } from './process-exists.ts';

/** The server as postmaster.pid tells of it. `port` is null while it starts. */
export type Postmaster = { pid: number; port: number | null };

/** The server that runs on the data folder, or null. */
export function findPostmaster(data: string): Postmaster | null {
  const [pid, , , port] = readPidFile(data);
  if (!pid || !processExists(pid) || !isPostmaster(pid, data)) return null;
  return { pid, port: port || null };
}

/**
 * After a crash, the process id in postmaster.pid may by now be another program's, or a zombie's, and the server would
 * refuse to start. The file itself must stay: the server learns from it whether children of its predecessor still run.
 * So it gets our id instead, which pg_ctl tells the server to ignore.
 */
export function disownPidFile(data: string): void {
  const [pid] = readPidFile(data);
  if (!pid || !processExists(pid) || isPostmaster(pid, data)) return;
  const file = path.join(data, 'postmaster.pid');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(process.pid)));
}

function readPidFile(data: string): number[] {
  try {
    return readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n').map(Number);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isPostmaster(pid: number, data: string): boolean {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
    if (process.platform === 'win32') return true;
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).includes(data);
  } catch {
    return false;
  }
}
