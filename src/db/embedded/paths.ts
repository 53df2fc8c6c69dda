import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../errors.ts';

/** PostgreSQL's programs keep paths in 1024 bytes, and add names of their own. */
const LONGEST = 900;

/**
 * Refuses a folder that PostgreSQL cannot live in: its programs call each other by way of a shell.
 * @throws {UserError}
 */
export function refuseUnfit(folder: string): void {
  const odd = /["$`\n]/.exec(folder)?.[0];
  const fault = odd
    ? `a path with ${JSON.stringify(odd)} in it`
    : Buffer.byteLength(folder) > LONGEST && `a path of more than ${LONGEST} bytes`;
  if (!fault) return;
  throw new UserError(
    `The embedded PostgreSQL cannot use ${fault}, such as ${folder.slice(0, 200)}. ` +
      'Move Bellwether or set DATA_DIR to another folder, or set DATABASE_URL.',
  );
}

/** Makes a folder and those above it. Node's own way never ends where the system makes none, as in /proc. */
export function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = path.dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been quicker.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
