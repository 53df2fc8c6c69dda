import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { completeLibraries } from '../../src/db/embedded/binaries.ts';
import { startEmbeddedPostgres } from '../../src/db/embedded.ts';
import { UserError } from '../../src/errors.ts';

const log = pino({ level: 'silent' });
const root = path.resolve(import.meta.dirname, '../..');

type Answer = { url: string; adopted: boolean; refused?: string };
type Process = { child: ChildProcess; answer: Promise<Answer> };

let dataDir: string;
let children: ChildProcess[];
/** A folder with a database in it, which takes a second to make. */
let made: string;

beforeAll(async () => {
  made = mkdtempSync(path.join(tmpdir(), 'bellwether-embedded-'));
  await (await startEmbeddedPostgres({ dataDir: made, log })).stop();
});

afterAll(() => rmSync(made, { recursive: true, force: true }));

beforeEach(() => {
  // As root, the folder is closed to the user that PostgreSQL runs as, like /root is.
  dataDir = mkdtempSync(path.join(tmpdir(), 'bellwether-embedded-'));
  children = [];
});

afterEach(async () => {
  await Promise.all(children.map(kill));
  if (existsSync(pidFile())) await (await start()).stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const useMade = () => cpSync(made, dataDir, { recursive: true });
const start = () => startEmbeddedPostgres({ dataDir, log });
const pidFile = () => path.join(dataDir, 'postgres/data/postmaster.pid');
const serverPid = () => (existsSync(pidFile()) ? Number(readFileSync(pidFile(), 'utf8').split('\n')[0]) : 0);

function startProcess(role: 'bot' | 'user'): Process {
  const script = fileURLToPath(new URL('../embedded-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, dataDir, role], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // a process group of its own, as a terminal gives it
  });
  children.push(child);
  const answer = once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(line) as Answer);
  return { child, answer };
}

async function leave({ child }: Process): Promise<void> {
  const exit = once(child, 'exit');
  child.stdin?.end();
  await exit;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended, though nobody has asked how.
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('several processes on one folder', () => {
  test('two that start at once on an empty folder share one server, and the last to leave stops it', async () => {
    const both = [startProcess('user'), startProcess('user')] as const;
    const answers = await Promise.all(both.map(({ answer }) => answer));
    expect(answers.map(({ adopted }) => adopted).sort()).toEqual([false, true]);
    expect(answers[0]?.url).toBe(answers[1]?.url);
    const pid = serverPid();
    await leave(both[0]);
    expect(await query((await both[1].answer).url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await leave(both[1]);
    expect(runs(pid)).toBe(false);
    expect(existsSync(pidFile())).toBe(false);
  });

  test('two that leave at once leave no server behind', async () => {
    useMade();
    const both = [startProcess('user'), startProcess('user')];
    await Promise.all(both.map(({ answer }) => answer));
    const pid = serverPid();
    await Promise.all(both.map(leave));
    await until(() => !runs(pid));
  });

  test('one that comes while the last leaves gets a server that works', async () => {
    useMade();
    let server = await start();
    for (let round = 0; round < 5; round += 1) {
      const [, next] = await Promise.all([server.stop(), start()]);
      expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      server = next;
    }
    await server.stop();
  });

  test('a second bot is refused with the first one’s process id, and a user that is no bot is welcome', async () => {
    useMade();
    const bot = startProcess('bot');
    await bot.answer;
    const user = startProcess('user');
    expect(await user.answer).toMatchObject({ adopted: true });
    const second = startProcess('bot');
    expect(await second.answer).toEqual({
      refused: `Another Bellwether (pid ${bot.child.pid}) is running on ${dataDir}; stop it or set DATA_DIR to another folder.`,
    });
    await leave(user);
    expect(await query((await bot.answer).url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('Ctrl-C in the terminal does not reach the server', async () => {
    useMade();
    const bot = startProcess('bot');
    const { url } = await bot.answer;
    process.kill(-(bot.child.pid ?? 0), 'SIGINT');
    await sleep(200);
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('after kill -9', () => {
  test('of the bot, the next bot adopts the server', async () => {
    useMade();
    const bot = startProcess('bot');
    const { url } = await bot.answer;
    await kill(bot.child);
    const next = startProcess('bot');
    expect(await next.answer).toEqual({ url, adopted: true });
  });

  test('of the bot and the server, the next start recovers what was committed', async () => {
    useMade();
    const bot = startProcess('bot');
    const { url } = await bot.answer;
    await query(url, 'create table kept as select 42 as answer');
    await kill(bot.child);
    process.kill(serverPid(), 'SIGKILL');
    const next = startProcess('bot');
    expect(await query((await next.answer).url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test('of the server, a sequence goes on where it was, also when it was made along with its first value', async () => {
    useMade();
    const first = await start();
    await query(first.url, "do $$ begin execute 'create sequence ids'; perform nextval('ids'); end $$");
    for (let id = 2; id <= 5; id += 1)
      expect(await query(first.url, "select nextval('ids')::int as id")).toEqual([{ id }]);
    const pid = serverPid();
    process.kill(pid, 'SIGKILL');
    await until(() => !runs(pid));
    await first.stop();
    const next = await start();
    const [{ id }] = (await query(next.url, "select nextval('ids')::int as id")) as [{ id: number }];
    expect(id).toBeGreaterThan(5);
    await next.stop();
  });

  test('of the server alone, the bot starts it again at the same address and keeps its place', async () => {
    useMade();
    const bot = startProcess('bot');
    const { url } = await bot.answer;
    const pid = serverPid();
    process.kill(pid, 'SIGKILL');
    const locks = () => query(url, "select 1 from pg_locks where locktype = 'advisory'").catch(() => []);
    await until(async () => serverPid() !== pid && (await locks()).length === 2);
    const second = startProcess('bot');
    expect((await second.answer).refused).toMatch(`Another Bellwether (pid ${bot.child.pid})`);
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('while the database is being made, the next start makes it anew and clears away the half', async () => {
    const first = startProcess('user');
    const half = () => readdirSync(dataDir).find((name) => name.startsWith('postgres.new-'));
    await until(() => half() !== undefined);
    first.answer.catch(() => undefined);
    await kill(first.child);
    mkdirSync(path.join(dataDir, 'postgres.new-4194305-old/data'), { recursive: true });
    const server = await start();
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(path.join(dataDir, 'postgres.new-4194305-old'))).toBe(false);
    await server.stop();
  });

  test('and a restart of the machine, a process id that is another program’s by now does not hinder the start', async () => {
    useMade();
    await (await start()).stop();
    const lines = [process.pid, path.join(dataDir, 'postgres/data'), 1, 5432, '', '127.0.0.1', '0 0', 'ready   '];
    writeFileSync(pidFile(), `${lines.join('\n')}\n`);
    const server = await start();
    expect(server.adopted).toBe(false);
    await server.stop();
  });
});

describe('the embedded server', () => {
  test('listens on loopback only, wants a password, and stores text in UTF-8 with Unicode’s letters', async () => {
    useMade();
    const server = await start();
    expect(await query(server.url, "select lower('ÄÉØ') as low, current_setting('server_encoding') as enc")).toEqual([
      { low: 'äéø', enc: 'UTF8' },
    ]);
    const settings =
      "select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories')";
    expect(await query(server.url, `${settings} order by name`)).toEqual([
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
    const stranger = new URL(server.url);
    stranger.password = 'guess';
    await expect(query(stranger.href, 'select 1')).rejects.toThrow(/password authentication failed/);
    await server.stop();
  });

  test('of another major version is refused with what to do', async () => {
    useMade();
    await (await start()).stop();
    writeFileSync(path.join(dataDir, 'postgres/data/PG_VERSION'), '15\n');
    await expect(start()).rejects.toThrow(/is of PostgreSQL 15, this is PostgreSQL 18\. Move that folder away/);
  });

  test('in a folder with spaces, quotes and letters of any kind works', async () => {
    const folder = path.join(dataDir, "it's Müller & Søn (1) 100%");
    cpSync(made, folder, { recursive: true });
    const server = await startEmbeddedPostgres({ dataDir: folder, log });
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  test('does not touch a folder of that name that is something else', async () => {
    mkdirSync(path.join(dataDir, 'postgres'));
    writeFileSync(path.join(dataDir, 'postgres/diary.txt'), 'dear diary');
    await expect(start()).rejects.toThrow(/postgres is not a database; move it away/);
  });

  test('refuses a DATA_DIR that is a file', async () => {
    const file = path.join(dataDir, 'file');
    writeFileSync(file, '');
    const started = startEmbeddedPostgres({ dataDir: file, log });
    await expect(started).rejects.toThrow(UserError);
    await expect(started).rejects.toThrow(/DATA_DIR .*file cannot be used .*Set it to a folder/);
  });

  test.each([
    ['a dollar', '$HOME'],
    ['a quote', 'a"b'],
    ['a backtick', '`id`'],
    ['a thousand letters', Array(10).fill('x'.repeat(100)).join('/')],
  ])('refuses a DATA_DIR with %s, which its programs could not handle', async (_what, name) => {
    const started = startEmbeddedPostgres({ dataDir: path.join(dataDir, name), log });
    await expect(started).rejects.toThrow(/cannot use a path .* set DATA_DIR to another folder/);
  });

  test.runIf(process.platform === 'linux')('refuses a DATA_DIR where the system makes no folders', async () => {
    for (const folder of ['/proc/bellwether', '/proc/self']) {
      await expect(startEmbeddedPostgres({ dataDir: folder, log })).rejects.toThrow(UserError);
    }
  });

  test.runIf(process.getuid?.() === 0)('runs for root as the ordinary user that has the files', async () => {
    useMade();
    execFileSync('chown', ['-R', '12345:12345', path.join(dataDir, 'postgres')]);
    const server = await start();
    expect(statSync(`/proc/${serverPid()}`).uid).toBe(12345);
    await server.stop();
    expect(statSync(path.join(dataDir, 'postgres/data')).uid).toBe(12345);
  });

  test('that npm did not install is reported with both ways out', async () => {
    for (const file of ['src/errors.ts', 'src/db/embedded/binaries.ts', 'src/db/embedded/paths.ts']) {
      cpSync(path.join(root, file), path.join(dataDir, file), { recursive: true });
    }
    const { findBinaries } = await import(path.join(dataDir, 'src/db/embedded/binaries.ts'));
    expect(findBinaries).toThrow(
      'No DATABASE_URL is set and the embedded PostgreSQL is not installed; set DATABASE_URL, or run npm ci without --omit=dev',
    );
  });
});

describe('completeLibraries', () => {
  beforeEach(() => {
    mkdirSync(path.join(dataDir, 'native/lib'), { recursive: true });
    writeFileSync(path.join(dataDir, 'native/lib/libx.so.1.2'), 'library');
  });
  const list = (target: string) =>
    writeFileSync(
      path.join(dataDir, 'native/pg-symlinks.json'),
      JSON.stringify([{ source: 'native/lib/libx.so.1.2', target }]),
    );

  test('a missing link is made, and one that is there is left alone', () => {
    list('native/lib/libx.so.1');
    completeLibraries(dataDir);
    completeLibraries(dataDir);
    expect(readFileSync(path.join(dataDir, 'native/lib/libx.so.1'), 'utf8')).toBe('library');
  });

  test('a link that cannot be made is reported with what to do', () => {
    list('native/closed/libx.so.1');
    expect(() => completeLibraries(dataDir)).toThrow(
      /lacks the link .*libx\.so\.1.* Start Bellwether once as the owner/,
    );
  });
});
