import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { startEmbeddedPostgres } from '../../src/db/embedded.ts';
import { createTestDatabase } from '../database.ts';
import { runCli, spawnCli } from '../run-cli.ts';

const MIGRATION_LOCK = 7_305_801;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'bellwether-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('help and wrong use', () => {
  test('--help lists every command on standard output and ends well', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    for (const { name, description } of commands) {
      expect(stdout).toContain(`  ${name}`);
      expect(stdout.replace(/\s+/g, ' ')).toContain(description);
    }
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each(commands.map(({ name }) => name))('%s --help says the same as -h and as help for it', async (name) => {
    const [long, short, help] = await Promise.all(
      [
        [name, '--help'],
        [name, '-h'],
        ['help', name],
      ].map((args) => runCli(args)),
    );
    expect(long).toMatchObject({ code: 0, stderr: '' });
    expect(long?.stdout).toMatch(`Usage: bellwether ${name}`);
    expect([short, help]).toEqual([long, long]);
  });

  test.each(['--version', '-V'])('%s says the version and ends well', async (option) => {
    const { version } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(await runCli([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('no command is wrong use: the help goes to standard error', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/Usage: bellwether[\s\S]*Name a command/);
  });

  test('a command that is nearly right is refused with the right one', async () => {
    const { code, stderr } = await runCli(['migrat']);
    expect(code).toBe(2);
    expect(stderr).toBe("unknown command 'migrat'\n(Did you mean migrate?)\n--help shows what is possible.\n");
  });

  test('with --json a refusal is one JSON object on standard error', async () => {
    for (const args of [['--json'], ['migrate', '--json', '--nonsense'], ['nonsense', '--json']]) {
      const { code, stdout, stderr } = await runCli(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(JSON.parse(stderr)).toEqual({ error: { code: 'usage_error', message: expect.any(String) } });
    }
  });

  test('a wrong setting is wrong use, and is named', async () => {
    const { code, stderr } = await runCli(['migrate', '--json'], { env: { TIMEZONE: 'Mars/Olympus' } });
    expect(code).toBe(2);
    expect(JSON.parse(stderr).error).toEqual({
      code: 'config_error',
      message: expect.stringMatching(/TIMEZONE must be/),
    });
  });

  test('output that nobody reads any more is no error', async () => {
    const child = spawnCli(['--help']);
    child.stdout.destroy();
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('settings', () => {
  test('come from .env in the working directory, unless the environment says otherwise', async () => {
    writeFileSync(path.join(folder, '.env'), 'DATABASE_URL=postgres://u:secret@127.0.0.1:1/from_file\n');
    const fromFile = await runCli(['migrate'], { cwd: folder });
    expect(fromFile.code).toBe(2);
    expect(fromFile.stderr).toMatch(/^The database from_file at 127\.0\.0\.1:1 cannot be used: .*Check DATABASE_URL/);
    expect(fromFile.stderr).not.toContain('secret');
    const env = { DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/from_environment' };
    expect((await runCli(['migrate'], { cwd: folder, env })).stderr).toMatch(/^The database from_environment at/);
  });
});

describe('migrate', () => {
  test('two at once on an empty database apply everything once', async () => {
    const { url, drop } = await createTestDatabase({ migrated: false });
    const env = { DATABASE_URL: url };
    const results = await Promise.all([1, 2].map(() => runCli(['migrate', '--json'], { env })));
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    const applied = results.flatMap(({ stdout }) => JSON.parse(stdout).applied);
    expect(applied).toContain('0001-initial');
    expect(new Set(applied).size).toBe(applied.length);
    expect(await runCli(['migrate'], { env })).toEqual({
      code: 0,
      stdout: 'The database is up to date.\n',
      stderr: '',
    });
    await drop();
  });

  test('without DATABASE_URL it makes the embedded database, and leaves no server behind', async () => {
    const { code, stdout } = await runCli(['migrate', '--json'], { env: { DATA_DIR: folder } });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).applied).toContain('0001-initial');
    expect(existsSync(path.join(folder, 'postgres/data/postmaster.pid'))).toBe(false);
  });

  test('beside a running bot it works on the bot’s database and leaves it up', async () => {
    const bot = await startEmbeddedPostgres({ dataDir: folder, log: pino({ level: 'silent' }) });
    await bot.lockInstance();
    expect((await runCli(['migrate'], { env: { DATA_DIR: folder } })).code).toBe(0);
    expect(existsSync(path.join(folder, 'postgres/data/postmaster.pid'))).toBe(true);
    await bot.stop();
  });

  test('a fault nobody foresaw ends with 1 and no stack, unless LOG_LEVEL asks for it', async () => {
    const { db, url, drop } = await createTestDatabase({ migrated: false });
    await sql`create table kysely_migration (something_else int)`.execute(db);
    const quiet = await runCli(['migrate'], { env: { DATABASE_URL: url } });
    expect(quiet.code).toBe(1);
    expect(quiet.stderr).toMatch(/^Unexpected error: column "name" does not exist \(LOG_LEVEL=debug shows where\)\n$/);
    const verbose = await runCli(['migrate'], { env: { DATABASE_URL: url, LOG_LEVEL: 'debug' } });
    expect(verbose.stderr).toMatch(/\n +at /);
    await drop();
  });

  test('that is interrupted while it waits ends with the signal’s status', async () => {
    const { db, url, drop } = await createTestDatabase({ migrated: false });
    await db.connection().execute(async (connection) => {
      await sql`select pg_advisory_lock(${MIGRATION_LOCK})`.execute(connection);
      const child = spawnCli(['migrate'], { env: { DATABASE_URL: url } });
      const waiting = sql`select 1 from pg_locks where locktype = 'advisory' and not granted`;
      while ((await waiting.execute(db)).rows.length === 0) await sleep(10);
      child.kill('SIGINT');
      const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
      expect({ code, stderr }).toEqual({ code: 130, stderr: 'Interrupted.\n' });
    });
    await drop();
  });
});
