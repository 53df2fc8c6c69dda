import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createQueue, type Queue } from '../src/queue/queue.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { startWorker } from '../src/queue/worker.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createTestDeps } from './deps.ts';

const log = pino({ level: 'silent' });
/** A killed worker's job is given away after some ten seconds, more on a busy machine. */
const patience = { timeout: 50_000, interval: 50 };

/** A backend to test the queue on; `dropConnections` cuts every client off. */
export type QueueBackend = {
  redisUrl(): string | undefined;
  empty(): Promise<void>;
  dropConnections(database: TestDatabase): Promise<void>;
};

type Runs = { payloads: unknown[]; job: JobDefinition };

/** A job that notes its payloads and does `work`. */
function noting(work: (payload: { n: number }) => Promise<unknown> = async () => null): Runs {
  const payloads: unknown[] = [];
  return {
    payloads,
    job: {
      name: 'note',
      description: 'notes its payload',
      payload: z.object({ n: z.number() }),
      async run(payload) {
        payloads.push(payload);
        return work(payload as { n: number });
      },
    },
  };
}

/** What the queue promises, told once for every backend. */
export function describeQueue(backend: QueueBackend): void {
  vi.setConfig({ testTimeout: 60_000 });
  let database: TestDatabase;
  let queue: Queue;
  let closers: (() => Promise<void>)[];

  beforeEach(async () => {
    await backend.empty();
    closers = [];
    database = await createTestDatabase();
    queue = await createQueue(settings());
  });

  afterEach(async () => {
    for (const close of closers) await close();
    await queue.close();
    await database.drop();
  });

  const settings = () => ({ databaseUrl: database.url, redisUrl: backend.redisUrl(), log });

  async function work(jobs: readonly JobDefinition[], options: { timeZone?: string; concurrency?: number } = {}) {
    const deps = await createTestDeps({ db: database.db, queue, timeZone: options.timeZone });
    const worker = await startWorker({ ...settings(), jobs, deps, concurrency: options.concurrency ?? 2 });
    closers.push(() => worker.close(1000));
    return worker;
  }

  const runs = () => database.db.selectFrom('job_runs').selectAll().orderBy('id').execute();
  const count = async (name = 'note') => {
    const { waiting = 0, active = 0, failed = 0 } = (await queue.counts()).get(name) ?? {};
    return { waiting, active, failed };
  };
  const idle = { waiting: 0, active: 0, failed: 0 };

  describe('a job', () => {
    test('that is enqueued runs once with its payload, and its run and result are recorded', async () => {
      const { job, payloads } = noting(async ({ n }) => ({ doubled: n * 2 }));
      await work([job]);
      await queue.enqueue('note', { n: 21 });
      await vi.waitFor(async () => expect(await count()).toEqual(idle), patience);
      expect(payloads).toEqual([{ n: 21 }]);
      expect(await runs()).toMatchObject([
        { name: 'note', error: null, result: { doubled: 42 }, finished_at: expect.any(Date) },
      ]);
    });

    test('that fails is tried again, and each try is recorded', async () => {
      let left = 2;
      const { job } = noting(async () => {
        if (left-- > 0) throw new Error('not yet');
      });
      await work([job]);
      await queue.enqueue('note', { n: 1 });
      await vi.waitFor(async () => expect(await runs()).toHaveLength(3), patience);
      await vi.waitFor(async () => expect(await count()).toEqual(idle), patience);
      expect((await runs()).map(({ error }) => error)).toEqual(['not yet', 'not yet', null]);
    });

    test('that fails each time is given up after three tries and kept among the failed', async () => {
      const { job, payloads } = noting(async () => {
        throw new Error('never');
      });
      await work([job]);
      await queue.enqueue('note', { n: 1 });
      await vi.waitFor(async () => expect(await count()).toEqual({ ...idle, failed: 1 }), patience);
      expect(payloads).toHaveLength(3);
    });

    test('whose payload the schema refuses fails at once, without running, and the run says why', async () => {
      const { job, payloads } = noting();
      await work([job]);
      await queue.enqueue('note', { n: 'one' });
      await vi.waitFor(async () => expect(await count()).toEqual({ ...idle, failed: 1 }), patience);
      expect(payloads).toEqual([]);
      expect(await runs()).toMatchObject([{ error: expect.stringMatching(/payload of note is not valid.*\bn\b/s) }]);
    });

    test('that nobody knows fails at once, and the others go on', async () => {
      const { job, payloads } = noting();
      await work([job]);
      await queue.enqueue('gone', {});
      await queue.enqueue('note', { n: 1 });
      await vi.waitFor(async () => expect(await count('gone')).toEqual({ ...idle, failed: 1 }), patience);
      await vi.waitFor(() => expect(payloads).toHaveLength(1), patience);
    });

    test('with a delay waits', async () => {
      const { job, payloads } = noting();
      await work([job]);
      await queue.enqueue('note', { n: 1 }, { delayMs: 3_600_000 });
      await queue.enqueue('note', { n: 2 }, { delayMs: 50 });
      await vi.waitFor(() => expect(payloads).toEqual([{ n: 2 }]), patience);
      await vi.waitFor(async () => expect(await count()).toEqual({ ...idle, waiting: 1 }), patience);
    });
  });

  describe('a key', () => {
    test('keeps a second job out while the first waits, and lets it in afterwards', async () => {
      const { job, payloads } = noting();
      for (const n of [1, 2, 3]) await queue.enqueue('note', { n }, { key: 'a' });
      await queue.enqueue('note', { n: 4 }, { key: 'b' });
      expect(await count()).toEqual({ ...idle, waiting: 2 });
      await work([job], { concurrency: 1 });
      await vi.waitFor(async () => expect(await count()).toEqual(idle), patience);
      await queue.enqueue('note', { n: 5 }, { key: 'a' });
      await vi.waitFor(() => expect(payloads).toHaveLength(3), patience);
      expect(payloads).toEqual([{ n: 1 }, { n: 4 }, { n: 5 }]);
    });

    test('runs the job once more when others came while it ran', async () => {
      const gate = Promise.withResolvers<void>();
      const { job, payloads } = noting(() => gate.promise);
      await work([job]);
      await queue.enqueue('note', { n: 1 }, { key: 'a' });
      await vi.waitFor(() => expect(payloads).toHaveLength(1), patience);
      await queue.enqueue('note', { n: 2 }, { key: 'a' });
      await queue.enqueue('note', { n: 3 }, { key: 'a' });
      gate.resolve();
      await vi.waitFor(async () => expect(await count()).toEqual(idle), patience);
      await vi.waitFor(() => expect(payloads).toEqual([{ n: 1 }, { n: 3 }]), patience);
    });
  });

  describe('a worker', () => {
    test('shares the jobs with another, each job running once', async () => {
      const first = noting();
      const second = noting();
      await work([first.job]);
      await work([second.job]);
      const numbers = Array.from({ length: 30 }, (_, n) => ({ n }));
      await Promise.all(numbers.map((payload) => queue.enqueue('note', payload)));
      await vi.waitFor(async () => expect(await count()).toEqual(idle), patience);
      const ran = [...first.payloads, ...second.payloads] as { n: number }[];
      expect(ran.sort((a, b) => a.n - b.n)).toEqual(numbers);
    });

    test('that closes takes no new job and finishes the one that runs', async () => {
      const gate = Promise.withResolvers<void>();
      const { job, payloads } = noting(() => gate.promise);
      const worker = await work([job], { concurrency: 1 });
      await queue.enqueue('note', { n: 1 });
      await vi.waitFor(() => expect(payloads).toHaveLength(1), patience);
      const closed = worker.close(20_000);
      await queue.enqueue('note', { n: 2 });
      gate.resolve();
      await closed;
      expect(await runs()).toMatchObject([{ finished_at: expect.any(Date), error: null }]);
      expect(await count()).toEqual({ ...idle, waiting: 1 });
    });

    test('that closes leaves a job that outlasts the deadline to the next worker', async () => {
      const stuck = noting(() => new Promise(() => undefined));
      const worker = await work([stuck.job]);
      await queue.enqueue('note', { n: 1 });
      await vi.waitFor(() => expect(stuck.payloads).toHaveLength(1), patience);
      await worker.close(100);
      expect(await count()).toEqual({ ...idle, active: 1 });
      const { job, payloads } = noting();
      await work([job]);
      await vi.waitFor(() => expect(payloads).toEqual([{ n: 1 }]), patience);
    });

    test('that is killed loses nothing: its job runs again and its result is in the database once', async () => {
      const child = startChild({ databaseUrl: database.url, redisUrl: backend.redisUrl() });
      closers.push(async () => void child.kill('SIGKILL'));
      await queue.enqueue('store-account', { id: 'acme' });
      expect(await nextLine(child)).toBe('stored');
      child.kill('SIGKILL');
      await once(child, 'exit');
      await work([storeAccount()]);
      const finished = async () => (await runs()).map(({ finished_at }) => finished_at !== null);
      await vi.waitFor(async () => expect(await finished()).toEqual([false, true]), patience);
      expect(await database.db.selectFrom('accounts').select('id').execute()).toEqual([{ id: 'acme' }]);
    });

    test('works on after its connections were cut', async () => {
      const { job, payloads } = noting();
      await work([job]);
      await queue.enqueue('note', { n: 1 });
      await vi.waitFor(async () => expect(await count()).toEqual(idle), patience);
      await backend.dropConnections(database);
      await vi.waitFor(() => queue.enqueue('note', { n: 2 }, { key: 'again' }), patience);
      await vi.waitFor(() => expect(payloads.at(-1)).toEqual({ n: 2 }), patience);
    });

    test('finds the jobs that were enqueued before it started', async () => {
      await queue.enqueue('note', { n: 1 });
      await queue.close();
      queue = await createQueue(settings());
      const { job, payloads } = noting();
      await work([job]);
      await vi.waitFor(() => expect(payloads).toEqual([{ n: 1 }]), patience);
    });
  });

  describe('a schedule', () => {
    const ticking = (schedule: string | undefined, ran: string[] = []): JobDefinition => ({
      name: 'tick',
      description: 'notes that it ran',
      payload: z.strictObject({}),
      ...(schedule === undefined ? {} : { schedule }),
      async run() {
        ran.push('tick');
      },
    });
    const nextRun = async () => (await queue.counts()).get('tick')?.nextRun ?? null;

    test('runs its job again and again with an empty payload', async () => {
      const ran: string[] = [];
      await work([ticking('* * * * * *', ran)]);
      await vi.waitFor(() => expect(ran.length).toBeGreaterThan(1), patience);
    });

    test("is read in the deployment's time zone", async () => {
      await work([ticking('30 8 * * *')], { timeZone: 'Asia/Kathmandu' });
      expect((await nextRun())?.toISOString().slice(11)).toBe('02:45:00.000Z');
    });

    test('that changes takes the place of the old one, and goes when its job has none', async () => {
      await work([ticking('30 8 1 * *')]);
      await work([ticking('45 9 1 * *')]);
      expect((await nextRun())?.toISOString().slice(11)).toBe('09:45:00.000Z');
      await work([ticking(undefined)]);
      expect(await nextRun()).toBeNull();
    });

    test('that is stored by two workers at once is one schedule', async () => {
      await Promise.all([work([ticking('30 8 1 * *')]), work([ticking('30 8 1 * *')])]);
      expect(await nextRun()).not.toBeNull();
      expect(await count('tick')).toEqual(idle);
    });

    test('whose run is owed has it at the start, another not', async () => {
      const owed = noting();
      const { job, payloads } = noting();
      await work([
        { ...owed.job, name: 'owed', payload: z.strictObject({}), isDue: async () => true },
        { ...job, payload: z.strictObject({}), isDue: async () => false },
      ]);
      await vi.waitFor(async () => expect(await count('owed')).toEqual(idle), patience);
      expect(owed.payloads).toEqual([{}]);
      expect(payloads).toEqual([]);
    });
  });
}

/** As in the child process, but that it ends. */
function storeAccount(): JobDefinition {
  return {
    name: 'store-account',
    description: 'stores an account',
    payload: z.object({ id: z.string() }),
    async run(payload, { db }) {
      const { id } = payload as { id: string };
      await db
        .insertInto('accounts')
        .values({ id, name: id })
        .onConflict((row) => row.doNothing())
        .execute();
    },
  };
}

function startChild(settings: { databaseUrl: string; redisUrl: string | undefined }): ChildProcess {
  return spawn(process.execPath, [path.join(import.meta.dirname, 'queue-child.ts'), JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function nextLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('The child has no output.');
  const [line] = await once(createInterface(child.stdout), 'line');
  return line;
}
