import { execFile, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { UserError } from '../../errors.ts';

const run = promisify(execFile);
const ACCOUNT = 'postgres';
const CREATE_ATTEMPTS = 5;
const CREATE_PAUSE_MS = 200;
/** Lets a program of another user through folders that are root's alone, and through nothing else of root's. */
const THROUGH_FOLDERS = [
  '--clear-groups',
  '--inh-caps=-all,+dac_override',
  '--ambient-caps=-all,+dac_override',
  // Else access(2), with which initdb looks for its companion, would not heed the above.
  '--securebits=+no_setuid_fixup',
];

/** Whom PostgreSQL's programs run as; `owner` is absent where that is simply ourselves. */
export type RunAs = { owner?: { uid: number; gid: number }; prefix: string[] };

/** How a program ended and what it said. */
export type Outcome = { ok: boolean; output: string };

/**
 * PostgreSQL refuses to run as root: then its programs run as the ordinary user that has the files in `data`, else as the user
 * `postgres`, made if absent, who must reach `folders`.
 * @throws {UserError} when there is no such user and it cannot be made, or it cannot reach a folder
 */
export async function chooseUser(data: string, folders: string[]): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const owner = ordinaryOwner(data) ?? (await findUser()) ?? (await createUser());
  const closed = folders.map((folder) => closedFolder(folder, owner)).find((folder) => folder !== null);
  if (!closed) return { owner, prefix: [] };
  const prefix = ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, ...THROUGH_FOLDERS];
  if ((await runTool({ prefix }, 'true', [])).ok) return { owner, prefix };
  throw new UserError(
    `PostgreSQL does not run as root, and the user it runs as may not enter ${closed}. ` +
      `Run Bellwether as an ordinary user, keep it and DATA_DIR elsewhere, run chmod o+x ${closed}, or set DATABASE_URL.`,
  );
}

/** Runs one of PostgreSQL's programs to its end, out of reach of the terminal's Ctrl-C. */
export function runTool(user: RunAs, program: string, args: string[]): Promise<Outcome> {
  const [file = program, ...rest] = [...user.prefix, program, ...args];
  const child = spawn(file, rest, {
    ...(user.prefix.length === 0 ? user.owner : {}),
    cwd: path.parse(process.execPath).root,
    // None of our secrets, and none of the PG* variables that would change what the programs do.
    env: { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, TEMP: process.env.TEMP, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    windowsHide: true,
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output: output.trim() }));
  });
}

function ordinaryOwner(folder: string): { uid: number; gid: number } | null {
  const { uid, gid } = statSync(folder, { throwIfNoEntry: false }) ?? { uid: 0, gid: 0 };
  return uid === 0 ? null : { uid, gid };
}

async function findUser(): Promise<{ uid: number; gid: number } | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', ACCOUNT]), run('id', ['-g', ACCOUNT])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

async function createUser(): Promise<{ uid: number; gid: number }> {
  let fault = '';
  for (let attempt = 0; attempt < CREATE_ATTEMPTS; attempt += 1) {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      ACCOUNT,
    ]).catch((error: Error) => (fault = error.message.trim()));
    // Looked up in any case: it fails where another process is just making the user.
    const user = await findUser();
    if (user) return user;
    await sleep(CREATE_PAUSE_MS);
  }
  throw new UserError(
    `PostgreSQL does not run as root, and the user ${ACCOUNT} cannot be made (${fault}). ` +
      'Run Bellwether as an ordinary user, or set DATABASE_URL.',
  );
}

/** The outermost of `folder` and its parents that the user may not enter, or null. */
function closedFolder(folder: string, user: { uid: number; gid: number }): string | null {
  const parent = path.dirname(folder);
  const above = parent === folder ? null : closedFolder(parent, user);
  if (above) return above;
  const { mode, uid, gid } = statSync(folder);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  return mode & bit ? null : folder;
}
