import { localDay } from '../../days.ts';
import { findMetricCoverage } from '../../db/metric-explain.ts';
import { isEventLeaf } from '../../metrics/evaluate.ts';
import type { CompiledMetric } from '../../metrics/types.ts';
import { readPlaybook } from '../../playbook/read.ts';
import type { Cli } from '../types.ts';

/** `bellwether metrics list`. */
export async function listMetrics(cli: Cli, options: { playbook?: string }): Promise<void> {
  const config = await cli.config();
  const { metrics } = await readPlaybook(options.playbook ?? config.playbook);
  const { db } = await cli.connect();
  const ids = metrics.map(({ id }) => id);
  const coverage = await findMetricCoverage(db, ids, localDay(cli.now(), config.timeZone));
  const byMetric = new Map(coverage.map((row) => [row.metric, row]));
  const list = metrics.map((metric) => {
    const { accountsToday = 0, newestDay = null } = byMetric.get(metric.id) ?? {};
    const { id, name, unit, description, equation } = metric;
    return { id, name, unit, description, equation, reads: readsOf(metric), accountsToday, newestDay };
  });
  if (cli.json) cli.printJson(list);
  else for (const metric of list) printMetric(cli, metric);
}

type Reads = {
  events: string[];
  properties: string[];
  userTraits: string[];
  accountTraits: string[];
  metrics: string[];
};

/** What an equation reads, by the names under which it is stored; `*` is any event. */
function readsOf({ leaves, traits, dependsOn, past }: CompiledMetric): Reads {
  const facts = leaves.map(({ leaf }) => leaf);
  const events = facts.filter(isEventLeaf);
  const matches = events.flatMap((leaf) => leaf.events);
  const ofUsers = facts.flatMap((leaf) => (leaf.kind === 'user' && leaf.measure !== 'count' ? [leaf.trait] : []));
  const keys = (list: readonly { key: string }[]) => list.map(({ key }) => key);
  return {
    events: distinct(matches.map(({ name }) => name ?? '*')),
    properties: distinct([
      ...events.flatMap(({ property }) => property ?? []),
      ...matches.flatMap(({ properties }) => keys(properties)),
    ]),
    userTraits: distinct([...ofUsers, ...matches.flatMap(({ userTraits }) => keys(userTraits))]),
    accountTraits: distinct(traits),
    metrics: distinct([...dependsOn, ...past.map(({ metric }) => metric)]),
  };
}

function distinct(list: readonly string[]): string[] {
  return [...new Set(list)].sort();
}

type Listed = Pick<CompiledMetric, 'id' | 'name' | 'unit' | 'equation'> & {
  reads: Reads;
  accountsToday: number;
  newestDay: string | null;
};

function printMetric(cli: Cli, { id, name, unit, equation, reads, accountsToday, newestDay }: Listed): void {
  const read = [
    ['events', reads.events],
    ['properties', reads.properties],
    ['traits of users', reads.userTraits],
    ['traits of the account', reads.accountTraits],
    ['metrics', reads.metrics],
  ] as const;
  const shown = read.filter(([, names]) => names.length > 0).map(([kind, names]) => `${kind}: ${names.join(', ')}`);
  cli.print(`${id}: ${name}, ${unit}`);
  cli.print(`  equation   ${equation?.replace(/\s+/g, ' ').trim() ?? 'none, its values are imported'}`);
  if (shown.length > 0) cli.print(`  reads      ${shown.join('; ')}`);
  const accounts = `${accountsToday} ${accountsToday === 1 ? 'account' : 'accounts'} with data today`;
  cli.print(`  values     ${newestDay === null ? 'none yet' : `${accounts}, the newest of ${newestDay}`}`);
}
