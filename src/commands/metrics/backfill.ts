import { groupByDays } from '../../account-days.ts';
import { addDays, localDay } from '../../days.ts';
import { countEvents } from '../../db/count-events.ts';
import { findDefinitionHashes } from '../../db/metric-definitions.ts';
import { findFirstDays } from '../../db/metric-values.ts';
import { findAccountIds } from '../../db/scores.ts';
import type { Db } from '../../db/types.ts';
import { UserError } from '../../errors.ts';
import { formatNumber } from '../../format.ts';
import { hashDefinitions } from '../../metrics/dependencies.ts';
import { fillMetricValues } from '../../metrics/fill.ts';
import type { CompiledMetric } from '../../metrics/types.ts';
import { equationsOf } from '../../playbook/equations.ts';
import { readPlaybook } from '../../playbook/read.ts';
import type { Cli } from '../types.ts';
import { findAccount, findMetric, readDay } from './find.ts';

const mostDays = 1100;
const progressEveryMs = 2000;

type Options = { from?: string; to?: string; account?: string; after?: string };

/** `bellwether metrics backfill`: values of past days, computed and stored; scores stay as they are. */
export async function backfillMetrics(cli: Cli, wanted: readonly string[], options: Options): Promise<void> {
  const config = await cli.config();
  const { timeZone } = config;
  const playbook = await readPlaybook(config.playbook);
  const ids =
    wanted.length > 0 ? wanted.map((id) => findMetric(playbook, id).id) : playbook.metrics.map(({ id }) => id);
  const { given, to } = readDays(options, localDay(cli.now(), timeZone));
  const { db } = await cli.connect();
  const accountIds = await findAccounts(cli, db, options, timeZone);
  if (!accountIds) return;
  await countEvents(db, { metrics: equationsOf(playbook), timeZone, now: cli.now(), log: await cli.log() });
  const earliest = addDays(to, 1 - mostDays);
  const starts = await findFirstDays(db, accountIds, timeZone);
  const bounded = given === null && starts.some(({ day }) => day < earliest);
  const from = given ?? earliest;
  const accounts = starts
    .map(({ account, day }) => ({ account, from: day < from ? from : day }))
    .filter((account) => account.from <= to);
  if (bounded)
    cli.stderr.write(`The data goes further back than ${mostDays} days; give --from and --to for the rest.\n`);
  const redefined = await findRedefined(db, playbook.metrics, timeZone);
  const progress = { stored: 0, done: 0, last: null as string | null, shownAt: performance.now() };
  for (const { from: first, items } of groupByDays(accounts, to)) {
    if (cli.signal.aborted) break;
    const request = { ids, redefined, accountIds: items.map(({ account }) => account), from: first, to };
    progress.stored += await fillMetricValues(db, playbook.metrics, { ...request, now: cli.now(), timeZone });
    progress.done += items.length;
    progress.last = items.at(-1)?.account ?? null;
    if (performance.now() - progress.shownAt < progressEveryMs) continue;
    progress.shownAt = performance.now();
    cli.stderr.write(`${formatNumber(progress.done)} of ${formatNumber(accounts.length)} accounts\n`);
  }
  const interrupted = progress.done < accounts.length;
  const begin = accounts.reduce<string | null>((least, { from: day }) => (least && least < day ? least : day), null);
  const summary = {
    metrics: ids,
    accounts: progress.done,
    from: begin,
    to,
    stored: progress.stored,
    bounded,
    interrupted,
  };
  if (cli.json) cli.printJson({ ...summary, after: interrupted ? progress.last : null });
  else cli.print(describe(summary));
  if (interrupted && progress.last !== null) {
    cli.stderr.write(
      `What is stored stays. To go on: the same command with --after ${JSON.stringify(progress.last)}\n`,
    );
  }
}

function readDays({ from, to }: Options, today: string): { given: string | null; to: string } {
  const last = to === undefined ? today : readDay('--to', to, today);
  if (from === undefined) return { given: null, to: last };
  const first = readDay('--from', from, today);
  if (first > last) throw new UserError(`--from ${first} is after --to ${last}.`);
  if (addDays(first, mostDays) <= last) {
    throw new UserError(`At most ${mostDays} days can be computed at once; ask for less.`);
  }
  return { given: first, to: last };
}

async function findAccounts(cli: Cli, db: Db, { account, after }: Options, timeZone: string): Promise<string[] | null> {
  if (account === undefined) {
    const all = await findAccountIds(db);
    // By their place, since the database may sort otherwise than we compare.
    return after === undefined ? all : all.slice(all.indexOf(after) + 1);
  }
  const found = await findAccount(cli, db, account, timeZone);
  return found && [found.id];
}

async function findRedefined(db: Db, metrics: readonly CompiledMetric[], timeZone: string): Promise<Set<string>> {
  const known = await findDefinitionHashes(db);
  const changed = [...hashDefinitions(metrics, timeZone)].filter(
    ([id, hash]) => known.has(id) && known.get(id) !== hash,
  );
  return new Set(changed.map(([id]) => id));
}

type Summary = { metrics: readonly string[]; accounts: number; from: string | null; to: string; stored: number };

function describe({ metrics, accounts, from, to, stored }: Summary): string {
  if (from === null) return 'There is no data to compute values from.';
  const count = (number: number, what: string) => `${formatNumber(number)} ${what}${number === 1 ? '' : 's'}`;
  return `${count(stored, 'value')} stored or corrected, of ${count(metrics.length, 'metric')} and ${count(accounts, 'account')}, ${from} to ${to}.`;
}
