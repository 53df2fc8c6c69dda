import { localDay } from '../../days.ts';
import { countEvents } from '../../db/count-events.ts';
import type { StoredValue } from '../../db/metric-explain.ts';
import { formatNumber } from '../../format.ts';
import type { MetricValue } from '../../health/types.ts';
import { type ExplainedPart, type Explanation, explainMetric } from '../../metrics/explain.ts';
import { equationsOf } from '../../playbook/equations.ts';
import { readPlaybook } from '../../playbook/read.ts';
import type { Cli } from '../types.ts';
import { findAccount, findMetric, type NamedAccount, readDay } from './find.ts';

type Options = { account: string; day?: string; events: number };

/** `bellwether metrics explain`. */
export async function explain(cli: Cli, id: string, options: Options): Promise<void> {
  const { timeZone, playbook: pack } = await cli.config();
  const playbook = await readPlaybook(pack);
  const metric = findMetric(playbook, id);
  const today = localDay(cli.now(), timeZone);
  const day = options.day === undefined ? today : readDay('--day', options.day, today);
  const { db } = await cli.connect();
  const account = await findAccount(cli, db, options.account, timeZone);
  if (!account) return;
  await countEvents(db, { metrics: equationsOf(playbook), timeZone, now: cli.now(), log: await cli.log() });
  const request = { account: account.id, day, events: options.events, now: cli.now(), timeZone };
  const explanation = await explainMetric(db, playbook.metrics, metric, request);
  // Deleted in between.
  if (!explanation) throw new Error(`The account ${account.id} is no longer there.`);
  if (cli.json) cli.printJson({ account, ...explanation });
  else print(cli, account, explanation);
}

function print(cli: Cli, account: NamedAccount, explanation: Explanation): void {
  printOne(cli, account, explanation);
  for (const other of explanation.reads) {
    cli.print('');
    print(cli, account, other);
  }
}

function printOne(cli: Cli, account: NamedAccount, explanation: Explanation): void {
  const { metric, day, value, source, imported, stored, parts, metrics, traits, note } = explanation;
  cli.print(`${metric.name} (${metric.id}) of ${account.name} on ${day}: ${show(value)}`);
  if (metric.description) cli.print(metric.description);
  if (note) cli.print(`No data, because ${note}.`);
  if (imported) {
    const used = source === 'equation' || source === 'none' ? 'and not used' : 'and used';
    cli.print(`Imported for ${imported.day}: ${show(imported.value)}, ${used}.`);
  }
  cli.print(storedLine(stored, value));
  if (metric.equation === null) return;
  cli.print('');
  cli.print('Equation');
  for (const line of metric.equation.trim().split('\n')) cli.print(`  ${line}`);
  if (parts.length > 0) cli.print('');
  for (const part of parts) printPart(cli, part);
  if (traits.length > 0) cli.print('');
  for (const { trait, value: kept } of traits)
    cli.print(`  trait ${JSON.stringify(trait)}: ${kept === null ? 'not set' : show(kept)}`);
  if (metrics.length > 0) cli.print('');
  for (const other of metrics) cli.print(`  metric ${other.metric} on ${other.day}: ${show(other.value)}`);
}

function printPart(cli: Cli, { text, depth, value, window, events, note }: ExplainedPart): void {
  const indent = '  '.repeat(depth + 1);
  cli.print(`${indent}${text.replace(/\s+/g, ' ')} = ${show(value)}${note ? `  (${note})` : ''}`);
  if (!window || !events) return;
  const span = window.from === null ? `up to ${window.to}` : `${window.from} to ${window.to}`;
  cli.print(`${indent}  ${span}: ${formatNumber(events.count)} ${events.count === 1 ? 'event' : 'events'}`);
  for (const { at, name, user, properties } of events.newest) {
    const said = Object.keys(properties).length > 0 ? `  ${JSON.stringify(properties)}` : '';
    cli.print(`${indent}    ${at.toISOString()}  ${JSON.stringify(name)}  ${user ?? 'nobody'}${said}`);
  }
  const more = events.count - events.newest.length;
  if (more > 0 && events.newest.length > 0) cli.print(`${indent}    and ${formatNumber(more)} earlier`);
}

function storedLine(stored: StoredValue | null, value: MetricValue): string {
  if (!stored) return 'Nothing is stored for this day.';
  const corrected = stored.correctedAt ? `, corrected ${stored.correctedAt.toISOString()}` : '';
  const other = stored.value === value ? '' : '; computed now, it is another';
  return `Stored: ${show(stored.value)}, computed ${stored.computedAt.toISOString()}${corrected}${other}.`;
}

function show(value: unknown): string {
  if (value === null) return 'no data';
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
