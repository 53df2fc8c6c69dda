import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';

/** How a run of the command line ended. */
export type CliResult = { code: number | null; stdout: string; stderr: string };

/** A run of `bellwether ...args` with these settings only, in `cwd` or the repository. */
export function spawnCli(args: string[], options: { env?: Record<string, string>; cwd?: string } = {}) {
  const root = path.resolve(import.meta.dirname, '..');
  return spawn(process.execPath, [path.join(root, 'src/cli.ts'), ...args], {
    cwd: options.cwd ?? root,
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs it to its end; `input` is its standard input. */
export async function runCli(
  args: string[],
  options: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): Promise<CliResult> {
  const child = spawnCli(args, options);
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
}
