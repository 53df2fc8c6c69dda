import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
/** Programs that are started again and again are compiled once. */
const compileCache = path.join(root, 'node_modules/.cache/bellwether');

/** A started program. `output` is all that it wrote so far; `exit` resolves with its exit code, null when it was killed. */
export type Running = {
  child: ChildProcess;
  output(): string;
  /** Resolves with the match once the output has it; rejects with the output when the program ends before. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  exit: Promise<number | null>;
};

/** A folder for an embedded database, removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bellwether-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a program of this repository; it is told to end after the test, and killed when it does not. */
export function run(file: string, env: Record<string, string>, args: readonly string[] = []): Running {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const waiting = new Set<() => void>();
  const add = (chunk: Buffer) => {
    text += chunk;
    for (const check of waiting) check();
  };
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await exit;
    clearTimeout(timer);
  });
  return {
    child,
    output: () => text,
    exit,
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const match = pattern.exec(text);
          if (!match) return;
          waiting.delete(check);
          resolve(match);
        };
        waiting.add(check);
        check();
        void exit.then((code) => reject(new Error(`${file} ended with ${code}, without ${pattern}:\n${text}`)));
      }),
  };
}

/** The demo on a port of its own; `url` is its page. */
export async function startDemo(dataDir: string, env: Record<string, string> = {}): Promise<Running & { url: string }> {
  const demo = run('simulator/demo/main.ts', { PORT: '0', DATA_DIR: dataDir, ...env });
  const [, url = ''] = await demo.seen(/^ready (http:\/\/127\.0\.0\.1:\d+\/)$/m);
  return { ...demo, url };
}
