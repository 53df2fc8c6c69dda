import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { healthCard } from '../blocks/health-card.ts';
import { parseHealthRequest } from '../handlers/health/parse.ts';
import { randomNumbers } from '../simulator/demo/random.ts';
import { addDays, daysFrom } from '../src/days.ts';
import { connectDatabase } from '../src/db/connect.ts';
import { findHealthView } from '../src/db/health-view.ts';
import { ping } from '../src/db/ping.ts';
import { type ScoreRow, upsertScores } from '../src/db/scores.ts';
import type { Db } from '../src/db/types.ts';
import { scoreAccount } from '../src/health/score.ts';
import { readPlaybook } from '../src/playbook/read.ts';
import type { Playbook } from '../src/playbook/types.ts';
import { compare, round } from './measure.ts';
import type { Benchmark } from './types.ts';

const ACCOUNTS = 500;
const DAYS = 90;
const CALLS = 200;

/** Reading and building the answer of `/health <account>`, without HTTP and picture, against `select 1`. */
export const healthVsSelect1: Benchmark = {
  name: 'health_vs_select1',
  goal: { atMost: 10 },
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'bellwether-bench-'));
    const connection = await connectDatabase({ dataDir: folder }, pino({ level: 'silent' }));
    try {
      const { db } = connection;
      const playbook = await readPlaybook('product-usage');
      const now = new Date();
      const today = now.toISOString().slice(0, 10);
      const names = await fill(db, playbook, now, today);
      const answer = async (name: string) => {
        const request = parseHealthRequest(name);
        if (request.kind !== 'account') throw new Error(`${name} is not read as an account`);
        const view = await findHealthView(db, request.keys, today);
        if (!view?.latest) throw new Error(`${name} was not found`);
        return JSON.stringify(healthCard(view, { pack: playbook, today, now }));
      };
      const times = await compare(
        9,
        async () => {
          for (let call = 0; call < CALLS; call += 1) await answer(names[call % names.length] as string);
        },
        async () => {
          for (let call = 0; call < CALLS; call += 1) await ping(db);
        },
      );
      return {
        ratio: times.ours / times.reference,
        detail: {
          healthMs: round(times.ours / CALLS),
          select1Ms: round(times.reference / CALLS),
          accounts: ACCOUNTS,
          days: DAYS,
        },
      };
    } finally {
      await connection.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Accounts with scores of 90 days; answers their names. */
async function fill(db: Db, playbook: Playbook, now: Date, today: string): Promise<string[]> {
  const random = randomNumbers(1);
  const names = Array.from({ length: ACCOUNTS }, (_, index) => `Customer ${index} & Sons`);
  await db
    .insertInto('accounts')
    .values(
      names.map((name, index) => ({
        id: `customer-${index}`,
        name,
        arr: 1000 * index,
        domain: `customer${index}.example`,
      })),
    )
    .execute();
  for (const day of daysFrom(addDays(today, 1 - DAYS), today)) {
    const rows = names.map((name, index): ScoreRow => {
      const metrics = Object.fromEntries(playbook.metrics.map(({ id }) => [id, random() < 0.1 ? null : random() * 60]));
      const facts = { id: `customer-${index}`, name, segments: [], createdAt: null, metrics };
      const score = scoreAccount(playbook.scoring, facts, now);
      return { ...score, modelHash: playbook.hashes.get(score.model) as string, dataAt: now };
    });
    await upsertScores(db, day, rows, now);
  }
  return names;
}
