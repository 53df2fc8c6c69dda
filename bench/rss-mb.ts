import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './measure.ts';
import type { Benchmark } from './types.ts';

const root = resolve(import.meta.dirname, '..');
const SETTLE_MS = 10_000;
const SAMPLES = 5;

/** Resident memory, in MB, of the process that `npm start` runs (bot and worker) when nothing happens. Linux only. */
export const rssMb: Benchmark = {
  name: 'rss_mb',
  goal: { atMost: 200 },
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'bellwether-bench-'));
    const child = spawn(process.execPath, ['--max-semi-space-size=8', 'src/main.ts'], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        PORT: '0',
        DATA_DIR: folder,
        SLACK_BOT_TOKEN: 'xoxb-bench',
        SLACK_SIGNING_SECRET: 'bench-signing-secret',
        SLACK_API_URL: 'http://127.0.0.1:9/api/',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<void>((settle) => child.once('exit', () => settle()));
    try {
      await ready(child.stdout);
      await sleep(SETTLE_MS);
      const samples: number[] = [];
      for (let sample = 0; sample < SAMPLES; sample += 1) {
        samples.push(await residentMb(child.pid as number));
        await sleep(500);
      }
      return { ratio: median(samples), detail: { samplesMb: samples } };
    } finally {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function ready(output: NodeJS.ReadableStream): Promise<void> {
  let text = '';
  for await (const chunk of output) {
    text += chunk;
    if (text.includes('"msg":"ready"')) {
      // Leaving the loop destroyed nothing: the rest is read and dropped, so that the child never waits for us.
      output.resume();
      return;
    }
  }
  throw new Error(`The process ended before it was ready:\n${text}`);
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
  return Math.round(kilobytes / 102.4) / 10;
}
