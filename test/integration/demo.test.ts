import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { ana, maya } from '../bot.ts';
import { run, startDemo, temporaryFolder } from '../running.ts';

/** Process ids of the database server in a data folder. */
function postmasterOf(dataDir: string): number | null {
  const file = path.join(dataDir, 'postgres', 'data', 'postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : null;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function ask(url: string, text: string): Promise<void> {
  const answer = await fetch(`${url}sim/message`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: maya, channel: 'C01CSTEAM00', text }),
  });
  expect(answer.status).toBe(200);
}

async function seenBy(url: string): Promise<string> {
  return (await fetch(`${url}sim/messages?user=${maya}&channel=C01CSTEAM00`)).text();
}

/** What the bot has written to a person in the simulated Slack. */
async function toldTo(url: string, user: string): Promise<string> {
  const opened = await fetch(`${url}sim/open`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, other: 'U01BELLBOT0' }),
  });
  const { channel } = (await opened.json()) as { channel: { id: string } };
  return (await fetch(`${url}sim/messages?user=${user}&channel=${channel.id}`)).text();
}

/** Filled by the first test; a demo that finds its data starts at once. */
const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-demo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the demo', () => {
  it('serves the page and the bot on one port, answers, is adopted after kill -9, and leaves nothing behind on Ctrl-C', async () => {
    const first = await startDemo(folder);
    expect(await (await fetch(first.url)).text()).toContain('<html');
    expect((await fetch(`${first.url}readyz`)).status).toBe(200);
    expect((await fetch(`${first.url}slack/events`, { method: 'POST', body: '{}' })).status).toBe(401);
    await ask(first.url, '/health globex');
    await expect.poll(() => seenBy(first.url), { timeout: 15_000 }).toContain('Globex Industries');
    await expect.poll(() => toldTo(first.url, maya), { timeout: 15_000 }).toContain('Tyrell Optics');
    await expect.poll(() => toldTo(first.url, ana), { timeout: 30_000 }).toContain('Renewal · Gekko Freight');

    const second = run('simulator/demo/main.ts', { PORT: '0', DATA_DIR: folder });
    expect(await second.exit).toBe(1);
    expect(second.output()).toMatch(/Another Bellwether \(pid \d+\) is running on .*DATA_DIR/);

    first.child.kill('SIGKILL');
    await first.exit;
    const third = await startDemo(folder);
    await ask(third.url, '/health globex');
    await expect.poll(() => seenBy(third.url), { timeout: 15_000 }).toContain('Globex Industries');
    // The simulated Slack is another one, in which nothing has been said yet.
    await expect.poll(() => toldTo(third.url, maya), { timeout: 15_000 }).toContain('Tyrell Optics');
    await expect.poll(() => toldTo(third.url, ana), { timeout: 30_000 }).toContain('Renewal · Gekko Freight');
    expect(third.output()).not.toContain('message_not_found');

    const postmaster = postmasterOf(folder);
    expect(postmaster !== null && isRunning(postmaster)).toBe(true);
    third.child.kill('SIGINT');
    expect(await third.exit).toBe(0);
    expect(postmaster !== null && isRunning(postmaster)).toBe(false);
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(folder);
  }, 120_000);

  it('is told to end while it starts, and ends cleanly', async () => {
    const empty = await temporaryFolder();
    const demo = run('simulator/demo/main.ts', { PORT: '0', DATA_DIR: empty });
    await expect.poll(() => postmasterOf(empty), { timeout: 30_000 }).not.toBeNull();
    demo.child.kill('SIGINT');
    expect(await demo.exit).toBe(0);
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(empty);
  }, 90_000);
});

describe.each([
  ['the terminal is closed', ['SIGHUP']],
  ['it is told twice', ['SIGINT', 'SIGINT']],
] as const)('the demo, when %s', (_how, signals) => {
  it('stops its database', async () => {
    const demo = await startDemo(folder);
    for (const signal of signals) {
      demo.child.kill(signal);
      await sleep(500);
    }
    expect(await demo.exit).not.toBeNull();
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(folder);
  }, 60_000);
});

describe('the demo, before it makes anything', () => {
  it('refuses a PORT that is none', async () => {
    const empty = await temporaryFolder();
    const demo = run('simulator/demo/main.ts', { PORT: 'abc', DATA_DIR: empty });
    expect(await demo.exit).toBe(1);
    expect(demo.output()).toContain('- PORT must be a port number, 0 to 65535');
  });

  it('refuses a PORT that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const empty = await temporaryFolder();
    const demo = run('simulator/demo/main.ts', { PORT: String(port), DATA_DIR: empty });
    expect(await demo.exit).toBe(1);
    expect(demo.output()).toBe(`Port ${port} is taken by another program; stop it, or set PORT to another one.\n`);
    expect(await readdir(empty)).toEqual([]);
  });
});

describe('npm start', () => {
  it.each(['--help', 'boot'])('refuses the role %s, saying which there are', async (role) => {
    const bot = run('src/main.ts', {}, [role]);
    expect(await bot.exit).toBe(1);
    expect(bot.output()).toBe(`There is no role ${role}; use bot, worker, or none for both.\n`);
  });

  it('refuses to start and names every fault at once', async () => {
    const bot = run('src/main.ts', { PORT: 'x', TIMEZONE: 'Nowhere', PLAYBOOK: 'product-usage' });
    expect(await bot.exit).toBe(1);
    for (const name of ['PORT', 'TIMEZONE', 'SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET']) {
      expect(bot.output()).toContain(`- ${name} `);
    }
  });
});
