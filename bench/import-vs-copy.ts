import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import pino from 'pino';
import { connectDatabase } from '../src/db/connect.ts';
import { openInput } from '../src/importing/input.ts';
import { readMapping } from '../src/importing/mapping.ts';
import { runImport } from '../src/importing/run.ts';
import { median, round } from './measure.ts';
import type { Benchmark } from './types.ts';

const root = resolve(import.meta.dirname, '..');
const FILE = resolve(root, '../shared/data/online_retail.csv.gz');
const REPEATS = 3;

/** The speed of importing the retail events, checked and deduplicated, as a share of a bare COPY of the same lines. */
export const importVsCopy: Benchmark = {
  name: 'import_vs_copy',
  goal: { atLeast: 0.2 },
  async run() {
    if (!existsSync(FILE)) throw new Error('The retail data (../shared/data/online_retail.csv.gz) is not there.');
    const times = { ours: [] as number[], copy: [] as number[] };
    let events = 0;
    let peakMb = 0;
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      const folder = await mkdtemp(join(tmpdir(), 'bellwether-bench-'));
      const connection = await connectDatabase({ dataDir: folder }, pino({ level: 'silent' }));
      try {
        times.copy.push(await time(() => copy(connection.url)));
        times.ours.push(
          await time(async () => {
            events = await importEvents(connection.url);
          }),
        );
        peakMb = Math.max(peakMb, process.memoryUsage().rss / 1024 ** 2);
      } finally {
        await connection.close();
        await rm(folder, { recursive: true, force: true });
      }
    }
    const [ours, reference] = [median(times.ours), median(times.copy)];
    return {
      ratio: reference / ours,
      detail: { importMs: round(ours), copyMs: round(reference), events, rssMb: Math.round(peakMb) },
    };
  },
};

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function copy(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(`create table lines (
      invoice_no text, stock_code text, quantity int, invoice_date timestamptz, unit_price numeric,
      customer_id text, country text)`);
    const target = client.query(copyFrom('copy lines from stdin with (format csv, header)'));
    await pipeline(createReadStream(FILE), createGunzip(), target);
  } finally {
    await client.end();
  }
}

async function importEvents(url: string): Promise<number> {
  const summary = await runImport({
    kind: 'events',
    input: openInput(FILE, process.stdin),
    url,
    now: new Date(),
    timeZone: 'UTC',
    mapping: await readMapping(join(root, 'examples/retail/import.yml')),
  });
  if (summary.rejected > 0) throw new Error(`${summary.rejected} rows were rejected`);
  return summary.inserted;
}
