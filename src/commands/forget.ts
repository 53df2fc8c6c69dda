import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { addDays, localDay } from '../days.ts';
import { searchAccounts } from '../db/account-search.ts';
import { forgetAccount } from '../db/forget-account.ts';
import { findUsersLike } from '../db/forget-hints.ts';
import { forgetUser } from '../db/forget-user.ts';
import { findAccountIds } from '../db/ingest-accounts.ts';
import type { Db } from '../db/types.ts';
import { UserError } from '../errors.ts';
import { formatNumber } from '../format.ts';
import type { Cli } from './types.ts';

type Options = { yes?: boolean; dryRun?: boolean };
/** What is, or would be, removed: `ids` are all by which it is known. */
type Removal = {
  kind: 'user' | 'account';
  ids: string[];
  accounts: string[];
  removed: Record<string, number>;
  /** What is to be computed anew, besides what count-events asks for. */
  counted: { account: string; from: string }[];
};
/** Removes, or only tells what would be removed. Null when there is nothing of that id. */
type Forget = (rehearsed: boolean) => Promise<Removal | null>;

/** `bellwether forget user|account ID`. */
export function register(command: Command, cli: Cli): void {
  const add = (name: string, what: string) =>
    command
      .command(name)
      .description(`remove ${what} everywhere; the figures follow. See docs/privacy.md`)
      .argument('<id>', `the ${name}'s id`)
      .option('--yes', 'remove it without asking')
      .option('--dry-run', 'only show what would be removed')
      .addHelpText('after', `\nExit status: 0 done, 1 there is no such ${name}, 2 wrong use, --yes is missing too.`);
  add('user', 'a user with all events, of every account')
    .option('--account <account>', 'only of this account, by its id or an alias')
    .addHelpText('after', '\nExample:\n  bellwether forget user u-4711 --dry-run')
    .action((id: string, options: Options & { account?: string }) => forgetOneUser(cli, id, options));
  add('account', 'an account with its users, events, values, scores and tickets')
    .addHelpText('after', '\nExample:\n  bellwether forget account acme --yes')
    .action((id: string, options: Options) => forgetOneAccount(cli, id, options));
}

async function forgetOneUser(cli: Cli, id: string, options: Options & { account?: string }): Promise<void> {
  const { timeZone } = await cli.config();
  const { db, url } = await cli.connect();
  const account = options.account === undefined ? null : await findAccountId(db, options.account);
  const forget: Forget = async (rehearsed) => {
    const found = await forgetUser(db, id, { account, timeZone, rehearsed });
    return found && { kind: 'user', ...found };
  };
  await carryOut(cli, { forget, options, url, unknown: () => tellNoUser(cli, db, id, account) });
}

async function forgetOneAccount(cli: Cli, id: string, options: Options): Promise<void> {
  const { timeZone } = await cli.config();
  const { db, url } = await cli.connect();
  const forget: Forget = async (rehearsed) => {
    const found = await forgetAccount(db, id, { timeZone, rehearsed });
    return found && { kind: 'account', ids: [id], accounts: [id], removed: found.removed, counted: [] };
  };
  await carryOut(cli, { forget, options, url, unknown: () => tellNoAccount(cli, db, id) });
}

type Task = { forget: Forget; options: Options; url: string; unknown(): Promise<void> };

async function carryOut(cli: Cli, { forget, options, url, unknown }: Task): Promise<void> {
  if (options.dryRun || !options.yes) {
    const planned = await forget(true);
    if (!planned) return unknown();
    if (!cli.json || options.dryRun) show(cli, planned, true);
    if (options.dryRun || !(await isConfirmed(cli))) return;
  }
  const removal = await forget(false);
  if (!removal) return unknown();
  show(cli, removal, false);
  const hint = await askForFigures(cli, url, removal);
  if (!cli.json) cli.print(hint);
}

function show(cli: Cli, { kind, ids, accounts, removed }: Removal, planned: boolean): void {
  if (cli.json) {
    cli.printJson({ kind, id: ids[0], ids, accounts, removed, dryRun: planned });
    return;
  }
  const [id, ...others] = ids;
  const known = others.length > 0 ? ` (also ${others.join(', ')})` : '';
  const of = kind === 'user' && accounts.length > 0 ? ` of ${accounts.join(', ')}` : '';
  const parts = Object.entries(removed)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${formatNumber(count)} ${words[name]?.[count === 1 ? 0 : 1] ?? name}`);
  const what = parts.length > 0 ? parts.join(', ') : 'nothing else';
  cli.print(`${planned ? 'This would remove' : 'Removed'} the ${kind} ${id}${known}${of}: ${what}.`);
}

const words: Readonly<Record<string, readonly [string, string]>> = {
  users: ['record of a user', 'records of users'],
  events: ['event', 'events'],
  waiting: ['waiting call', 'waiting calls'],
  aliases: ["other id of a user's", 'other ids of users'],
  metricValues: ['metric value', 'metric values'],
  importedValues: ['imported value', 'imported values'],
  scores: ['score', 'scores'],
  alerts: ['alert', 'alerts'],
  tasks: ['task', 'tasks'],
  tickets: ['ticket', 'tickets'],
  refusals: ['refused call', 'refused calls'],
};

async function isConfirmed(cli: Cli): Promise<boolean> {
  if (cli.json || !process.stdin.isTTY || !cli.stdout.isTTY) {
    throw new UserError('Nothing was removed. Give --yes to remove it; it cannot be undone.');
  }
  const asked = createInterface({ input: process.stdin, output: cli.stdout });
  try {
    const answer = await asked.question('Remove it? It cannot be undone. [y/N] ', { signal: cli.signal });
    if (/^y(es)?$/i.test(answer.trim())) return true;
  } finally {
    asked.close();
  }
  cli.print('Nothing was removed.');
  return false;
}

/** Leaves the counting and computing to the bot. What is removed stays so, whatever happens here. */
async function askForFigures(cli: Cli, databaseUrl: string, { counted }: Removal): Promise<string> {
  const { redisUrl, timeZone } = await cli.config();
  const today = localDay(cli.now(), timeZone);
  const days = counted.filter(({ from }) => from <= today);
  // As far back as compute-health goes at once.
  const furthest = addDays(today, -1099);
  const first = days.map(({ from }) => (from < furthest ? furthest : from)).sort()[0];
  const job = first === undefined ? 'count-events' : `compute-health --payload '{"from":"${first}"}'`;
  const byHand = `\`bellwether jobs run ${job}\``;
  try {
    const { createQueue } = await import('../queue/queue.ts');
    const queue = await createQueue({ databaseUrl, redisUrl, log: await cli.log() });
    cli.defer(queue.close);
    await queue.enqueue('count-events', {}, { key: 'count-events' });
    // Late events leave past values that rest on no events as they are; these here rest on the user.
    for (const { account, from } of days) {
      await queue.enqueue('score-accounts', { from, to: today, accountIds: [account] });
    }
    return `The figures follow when the bot runs, or now with ${byHand}.`;
  } catch (error) {
    return `The figures follow with ${byHand}; the bot could not be asked (${(error as Error).message}).`;
  }
}

async function findAccountId(db: Db, name: string): Promise<string> {
  const id = (await findAccountIds(db, [name])).get(name);
  if (id === undefined) throw new UserError(`--account ${name}: there is no account of this id or alias.`);
  return id;
}

async function tellNoUser(cli: Cli, db: Db, id: string, account: string | null): Promise<void> {
  const where = account === null ? '' : ` in the account ${account}`;
  const alike = (await findUsersLike(db, id)).filter((other) => other !== id);
  const hint = alike.length > 0 ? ` Did you mean ${alike.join(' or ')}?` : '';
  tellNone(cli, 'no_user', `There is no user ${id}${where}.${hint}`);
}

async function tellNoAccount(cli: Cli, db: Db, id: string): Promise<void> {
  const found = await searchAccounts(db, id);
  const near = found.kind === 'one' ? [found.account] : found.kind === 'several' ? found.accounts : found.nearest;
  const names = near.slice(0, 5).map((other) => (other.name === other.id ? other.id : `${other.id} (${other.name})`));
  const hint = names.length > 0 ? ` Did you mean ${names.join(' or ')}?` : '';
  tellNone(cli, 'no_account', `There is no account with the id ${id}.${hint}`);
}

function tellNone(cli: Cli, code: string, message: string): void {
  cli.stderr.write(`${cli.json ? JSON.stringify({ error: { code, message } }) : message}\n`);
  cli.exitWith(1);
}
