import { findIndicatorActivity, type IndicatorActivity } from '../../db/indicator-activity.ts';
import { formatNumber } from '../../format.ts';
import type { Indicator, Rule } from '../../indicators/types.ts';
import { readPlaybook } from '../../playbook/read.ts';
import type { Cli } from '../types.ts';

/** One that did not fire for so long is called dead. */
const deadDays = 90;
const dayMs = 86_400_000;

/** `bellwether indicators list`. */
export async function listIndicators(cli: Cli, options: { playbook?: string }): Promise<void> {
  const config = await cli.config();
  const { indicators } = await readPlaybook(options.playbook ?? config.playbook);
  const { db } = await cli.connect();
  const since = new Date(cli.now().getTime() - deadDays * dayMs);
  const activity = new Map((await findIndicatorActivity(db, since)).map((each) => [each.indicator, each]));
  const list = indicators.list.map((indicator) => describe(indicator, activity.get(indicator.id)));
  const known = new Set(list.map(({ id }) => id));
  const retired = [...activity.values()]
    .filter(({ indicator, times }) => times > 0 && !known.has(indicator))
    .map(({ indicator: id, times, lastAt, open }) => ({ id, times, lastAt, open }));
  if (cli.json) {
    cli.printJson({ indicators: list, retired });
    return;
  }
  for (const indicator of list) print(cli, indicator);
  for (const { id, times, lastAt } of retired) {
    cli.print(`${id}: no longer in the playbook`);
    cli.print(`  fired      ${countOf(times, 'time')}, last ${lastAt?.toISOString()}`);
  }
}

type Listed = ReturnType<typeof describe>;

function describe({ id, name, kind, severity, rules, segments, exceptSegments }: Indicator, done?: IndicatorActivity) {
  const { times = 0, recently = 0, lastAt = null, open = 0, accounts = 0 } = done ?? {};
  return {
    id,
    name,
    kind,
    severity,
    rules: rules.map(({ subject, forEach, text, clears, volume }) => ({
      subject,
      of: ofWhat(forEach, rules),
      when: text,
      clearsWhen: oneLine(clears?.equation),
      minimumVolume: oneLine(volume?.equation),
    })),
    segments,
    exceptSegments,
    /** Accounts for which there was data. */
    accounts,
    times,
    lastAt,
    open,
    dead: recently === 0 && open === 0,
  };
}

/** What a rule is read of: each invoice, or the account; or only accounts without invoices, where another is read of each. */
function ofWhat(forEach: Rule['forEach'], rules: readonly Rule[]): 'invoice' | 'account' | 'account without invoices' {
  if (forEach !== null) return forEach;
  return rules.some((each) => each.forEach !== null) ? 'account without invoices' : 'account';
}

function oneLine(equation: string | null | undefined): string | null {
  return equation?.replace(/\s+/g, ' ').trim() ?? null;
}

function print(cli: Cli, { id, name, kind, severity, rules, segments, exceptSegments, ...done }: Listed): void {
  cli.print(`${id}: ${name}, ${kind}, ${severity} severity`);
  for (const { subject, of, when, clearsWhen, minimumVolume } of rules) {
    const what = of === 'account' ? subject : of === 'invoice' ? 'each invoice' : of;
    cli.print(`  when       ${what === '' ? '' : `${what}: `}${when}`);
    if (clearsWhen !== null) cli.print(`  clears     ${clearsWhen}`);
    if (minimumVolume !== null) cli.print(`  volume     ${minimumVolume}`);
  }
  if (segments.length > 0) cli.print(`  segments   only ${segments.join(', ')}`);
  if (exceptSegments.length > 0) cli.print(`  segments   not ${exceptSegments.join(', ')}`);
  cli.print(`  fired      ${firedText(done)}`);
}

function firedText({
  times,
  lastAt,
  open,
  accounts,
  dead,
}: Pick<Listed, 'times' | 'lastAt' | 'open' | 'accounts' | 'dead'>) {
  if (accounts === 0 && times === 0) return 'never: there was no data for any account';
  const data = `data for ${countOf(accounts, 'account')}`;
  if (times === 0) return `never, with ${data}`;
  const dying = dead ? `; dead, not once in ${deadDays} days` : '';
  return `${countOf(times, 'time')}, last ${lastAt?.toISOString()}, ${formatNumber(open)} open, ${data}${dying}`;
}

function countOf(count: number, what: string): string {
  return `${formatNumber(count)} ${what}${count === 1 ? '' : 's'}`;
}
