import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { runCli, spawnCli } from '../run-cli.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'bellwether-import-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await sql`truncate accounts, events, event_keys cascade`.execute(database.db);
});

const env = () => ({ DATABASE_URL: database.url });
const run = (args: string[], input = '') => runCli(['import', ...args], { env: env(), cwd: folder, input });
async function file(name: string, content: string | Buffer): Promise<string> {
  await writeFile(path.join(folder, name), content);
  return name;
}
const accountIds = async () =>
  (await database.db.selectFrom('accounts').select('id').orderBy('id').execute()).map(({ id }) => id);

describe('bellwether import', () => {
  it('tells in words what it did, and asks for scores to be computed', async () => {
    await file('a.csv', 'id,name\na,Acme\n');
    const { code, stdout, stderr } = await run(['accounts', 'a.csv']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      'Imported accounts from a.csv, 1 row: 1 new, 0 changed, 0 unchanged.\n' +
        'Scores are computed anew by the bot when it runs, or now with `bellwether jobs run compute-health`.\n',
    );
    const jobs = JSON.parse((await runCli(['jobs', 'list', '--json'], { env: env() })).stdout);
    expect(jobs).toContainEqual(expect.objectContaining({ name: 'compute-health', waiting: 1 }));
    expect((await run(['accounts', 'a.csv'])).stdout).toBe(
      'Imported accounts from a.csv, 1 row: 0 new, 0 changed, 1 unchanged.\nNothing has changed.\n',
    );
  });

  it('asks for the scores of the days that events reach back to, as far as the trend shows', async () => {
    const days = (count: number) => new Date(Date.now() - count * 86_400_000).toISOString().slice(0, 10);
    await file('past.csv', `account,event,timestamp\na,Order,${days(400)}\na,Order,${days(3)}\n`);
    expect((await run(['events', 'past.csv'])).stdout).toContain(`--payload '{"from":"${days(89)}"}'`);
    await file('recent.csv', `account,event,timestamp\na,Order,${days(2)}\n`);
    expect((await run(['events', 'recent.csv'])).stdout).toContain(`--payload '{"from":"${days(2)}"}'`);
    const jobs = JSON.parse((await runCli(['jobs', 'list', '--json'], { env: env() })).stdout);
    // Today's, which is asked for once until it has run, and two pasts.
    expect(jobs).toContainEqual(expect.objectContaining({ name: 'compute-health', waiting: 3 }));
  });

  it('moves every date by the days it is told, and no event into the future', async () => {
    await file('old.csv', 'account,event,timestamp,id\na,Order,2011-12-01T10:00:00Z,1\na,Order,2011-12-09,2\n');
    const days = Math.floor((Date.now() - Date.UTC(2011, 11, 5)) / 86_400_000);
    const { code, stdout } = await run(['events', 'old.csv', '--add-days', String(days), '--json']);
    expect({ code, inserted: JSON.parse(stdout).inserted }).toEqual({ code: 1, inserted: 1 });
    const [event] = await database.db.selectFrom('events').select('occurred_at').execute();
    expect(event?.occurred_at.getTime()).toBe(Date.UTC(2011, 11, 1, 10) + days * 86_400_000);
    expect((await run(['events', 'old.csv', '--add-days', 'many'])).code).toBe(2);
  });

  it('writes faulty rows beside the file, takes the rest, and ends with 1', async () => {
    await file('b.csv.gz', gzipSync('id;arr\na;1\nb;"x;\ny"\nc;3\n'));
    const { code, stdout } = await run(['accounts', 'b.csv.gz', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      kind: 'accounts',
      input: 'b.csv.gz',
      dryRun: false,
      rows: 3,
      inserted: 2,
      updated: 0,
      unchanged: 0,
      createdAccounts: 0,
      createdUsers: 0,
      repeated: 0,
      skipped: 0,
      rejected: 1,
      earliestDay: null,
      rejects: 'b.csv.gz.rejects.csv',
      faults: [{ line: 3, column: 'arr', value: 'x; y', reason: 'is not an amount of money such as 1200 or 1,200.50' }],
      warnings: [],
    });
    expect(await readFile(path.join(folder, 'b.csv.gz.rejects.csv'), 'utf8')).toBe(
      'line,column,reason,value\n3,arr,"is not an amount of money such as 1200 or 1,200.50",x; y\n',
    );
    expect(await accountIds()).toEqual(['a', 'c']);
  });

  it('removes the rejects file of an earlier run once every row goes in', async () => {
    await file('c.csv', 'id\n\u0000\n');
    await run(['accounts', 'c.csv']);
    expect(existsSync(path.join(folder, 'c.csv.rejects.csv'))).toBe(true);
    await file('c.csv', 'id\nc\n');
    expect((await run(['accounts', 'c.csv'])).code).toBe(0);
    expect(existsSync(path.join(folder, 'c.csv.rejects.csv'))).toBe(false);
  });

  it('reads standard input, and writes rejects where --rejects says', async () => {
    const { code, stdout } = await run(
      ['events', '-', '--set', 'event=Visit', '--map', 'account=who', '--rejects', 'r.csv'],
      'who|timestamp\na|2026-01-01\nb|soon\n',
    );
    expect(code).toBe(1);
    expect(stdout).toContain('Imported events from standard input, 2 rows: 1 new, 0 changed, 0 unchanged, 1 rejected.');
    expect(stdout).toContain('line 3, timestamp: "soon" is not a date');
    expect(stdout).toContain('The rejected rows are in r.csv.');
    expect(existsSync(path.join(folder, 'r.csv'))).toBe(true);
  });

  it('with --dry-run and --strict writes nothing to the database', async () => {
    await file('d.csv', 'id,arr\nd,1\ne,oops\n');
    const dry = await run(['accounts', 'd.csv', '--dry-run']);
    expect(dry.code).toBe(1);
    expect(dry.stdout).toContain('Would import accounts from d.csv, 2 rows: 1 new');
    expect(existsSync(path.join(folder, 'd.csv.rejects.csv'))).toBe(false);
    expect((await run(['accounts', 'd.csv', '--strict'])).code).toBe(1);
    expect(await accountIds()).toEqual([]);
  });

  it('warns of metrics that the playbook lacks', async () => {
    await file('m.csv', 'account,day,strange_metric\na,2026-01-01,5\n');
    const { code, stdout } = await run(['metrics', 'm.csv']);
    expect(code).toBe(0);
    expect(stdout).toContain('The playbook has no metric strange_metric');
  });

  it.each([
    ['no file', ['accounts', 'none.csv'], 'There is no file none.csv.'],
    ['an unknown kind', ['acounts', 'x.csv'], 'acounts'],
    ['an unknown option', ['accounts', 'x.csv', '--maps', 'a=b'], '--maps'],
    ['hostile headers', ['accounts', 'hostile.csv'], 'Column 2 of hostile.csv may not be called "__proto__"'],
    ['a time zone that is none', ['accounts', 'x.csv', '--time-zone', 'Mars'], '--time-zone Mars is not known'],
    ['a mapping that is none', ['events', 'x.csv', '--mapping', 'none.yml'], 'none.yml is missing'],
    ['a mapping and --map', ['events', 'x.csv', '--mapping', 'm.yml', '--map', 'user=id'], 'leave out --map and --set'],
    ['rejects over the input', ['accounts', 'x.csv', '--rejects', './x.csv'], 'is the file that is imported'],
    [
      'rejects nowhere',
      ['accounts', 'bad.csv', '--rejects', 'no/such/folder.csv'],
      'The rejects file cannot be written',
    ],
  ])('ends with 2 on wrong use: %s', async (_, args, message) => {
    await file('x.csv', 'id,account,timestamp\nx,x,2026-01-01\n');
    await file('bad.csv', 'id,arr\nx,oops\n');
    await file('hostile.csv', 'id,__proto__\nx,y\n');
    await file('m.yml', 'events: [{ event: E, account: account, timestamp: timestamp }]');
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(await accountIds()).toEqual([]);
  });

  it('explains itself', async () => {
    const { code, stdout } = await run(['events', '--help']);
    expect(code).toBe(0);
    for (const word of ['--map', '--mapping', '--dry-run', '--json', 'Columns: account, user, event']) {
      expect(stdout).toContain(word);
    }
  });
});

describe('an import that is killed', () => {
  it('can be run again, and ends with every row in once', async () => {
    const rows = Array.from({ length: 150_000 }, (_, index) => `a${index % 20},E,2026-01-01,${index}`);
    await file('killed.csv', `account,event,timestamp,id\n${rows.join('\n')}\n`);
    const child = spawnCli(['import', 'events', 'killed.csv'], { env: env(), cwd: folder });
    const count = async () =>
      (
        await database.db
          .selectFrom('events')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
      ).count;
    const ended = new Promise((resolve) => child.once('close', resolve));
    while ((await count()) === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await ended;
    const { code, stdout } = await run(['events', 'killed.csv', '--json']);
    expect(code).toBe(0);
    const { inserted, unchanged } = JSON.parse(stdout);
    expect(inserted + unchanged).toBe(150_000);
    expect(unchanged).toBeGreaterThan(0);
    expect(await count()).toBe(150_000);
  }, 120_000);
});

describe('a large input', () => {
  it('of 80 MB is read within a heap of 50 MB', async () => {
    const filling = 'x'.repeat(400);
    function* lines() {
      yield 'account,event,timestamp,id,text\n';
      // Few different ids, so that the time goes into reading.
      for (let index = 0; index < 200_000; index += 1000) {
        yield Array.from({ length: 1000 }, (_, more) => `a,E,2026-01-01,${more},"${filling}${index}"\n`).join('');
      }
    }
    const child = spawnCli(['import', 'events', '-', '--json'], {
      env: { ...env(), NODE_OPTIONS: '--max-old-space-size=50' },
      cwd: folder,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    const ended = new Promise((resolve) => child.once('close', resolve));
    await pipeline(Readable.from(lines()), child.stdin);
    expect(await ended, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 200_000, inserted: 1000, repeated: 199_000 });
  }, 180_000);
});
