import { figureThreshold, figureValue } from '../../../blocks/alert-words.ts';
import { addDays, endOfDay, localDay } from '../../days.ts';
import { findRealAlerts } from '../../db/indicator-replay.ts';
import { findAccountIds } from '../../db/scores.ts';
import type { Db } from '../../db/types.ts';
import { formatNumber } from '../../format.ts';
import { type Firing, type Replay, replayRule } from '../../indicators/replay.ts';
import { type RuleToTry, readRuleToTry } from '../../indicators/rule-to-try.ts';
import type { Figure } from '../../indicators/types.ts';
import { readPlaybook } from '../../playbook/read.ts';
import { findAccount } from '../metrics/find.ts';
import type { Cli } from '../types.ts';

const progressEveryMs = 2000;

/** What `try` is given besides the rule. */
export type TryOptions = {
  days: number;
  most: number;
  account?: string;
  clearsWhen?: string;
  minimumVolume?: string;
  inARow?: number;
  coolDown?: number;
  playbook?: string;
};

/** How the replay compares with the alerts that there really were; accounts. */
type Sent = { times: number; sent: number; accounts: number; both: number };

/** `bellwether indicators try`. */
export async function tryRule(cli: Cli, text: string, options: TryOptions): Promise<void> {
  const config = await cli.config();
  const { timeZone } = config;
  const rule = readRuleToTry(await readPlaybook(options.playbook ?? config.playbook), text, options);
  const { db } = await cli.connect();
  const accountIds = await findAccounts(cli, db, options.account, timeZone);
  if (!accountIds) return;
  const now = cli.now();
  const to = localDay(now, timeZone);
  const from = addDays(to, 1 - options.days);
  const showProgress = createProgress(cli, accountIds.length);
  const replay = await replayRule(db, rule, {
    accountIds,
    from,
    to,
    now,
    timeZone,
    mostFirings: options.most,
    signal: cli.signal,
    onProgress: showProgress,
  });
  const since = endOfDay(addDays(from, -1), timeZone);
  const sent =
    rule.id === null ? null : compare(replay, await findRealAlerts(db, { indicator: rule.id, since, accountIds }));
  if (replay.interrupted) cli.stderr.write(`Interrupted: these are ${formatNumber(replay.accounts)} accounts only.\n`);
  const tried = { rule, days: options.days, from, to, replay, sent };
  if (cli.json) cli.printJson(toAnswer(tried));
  else for (const line of toLines(tried)) cli.print(line);
}

async function findAccounts(cli: Cli, db: Db, account: string | undefined, timeZone: string): Promise<string[] | null> {
  if (account === undefined) return findAccountIds(db);
  const found = await findAccount(cli, db, account, timeZone);
  return found && [found.id];
}

function createProgress(cli: Cli, total: number): (done: number) => void {
  let shownAt = performance.now();
  return (done) => {
    if (performance.now() - shownAt < progressEveryMs) return;
    shownAt = performance.now();
    cli.stderr.write(`${formatNumber(done)} of ${formatNumber(total)} accounts\n`);
  };
}

function compare({ firedFor }: Replay, alerts: Awaited<ReturnType<typeof findRealAlerts>>): Sent {
  const accounts = new Set(alerts.map(({ account }) => account));
  return {
    times: alerts.length,
    sent: alerts.filter(({ sent }) => sent).length,
    accounts: accounts.size,
    both: [...accounts].filter((account) => firedFor.has(account)).length,
  };
}

type Tried = { rule: RuleToTry; days: number; from: string; to: string; replay: Replay; sent: Sent | null };

function toAnswer({ rule: { id, indicator }, days, from, to, replay, sent }: Tried) {
  const { accounts, withData, times, already, open, medianDays, firedFor, churned, churnedAfter, undated } = replay;
  return {
    rule: {
      id,
      rules: indicator.rules.map(({ subject, text, clears, volume }) => ({
        subject,
        when: text,
        clearsWhen: clears?.equation ?? null,
        minimumVolume: volume?.equation ?? null,
      })),
      inARow: indicator.evaluationsInARow,
      coolDownDays: indicator.coolDownDays,
    },
    days,
    from,
    to,
    accounts,
    withData,
    fired: { times, accounts: firedFor.size, already, open, medianDays },
    churn: {
      all: churned,
      firedBefore: churnedAfter,
      undated,
      precision: share(churnedAfter, firedFor.size),
      recall: share(churnedAfter, churned),
      medianNotice: replay.medianNotice,
    },
    really: sent,
    firings: replay.firings,
    interrupted: replay.interrupted,
  };
}

function toLines({ rule: { id, indicator }, days, from, to, replay, sent }: Tried): string[] {
  const { accounts, withData, times, already, open, medianDays, firedFor, firings } = replay;
  const lines = indicator.rules.map(
    ({ subject, text }) => `${id ?? 'Rule'}${subject === '' ? '' : ` (${subject})`}: ${text}`,
  );
  lines.push(
    `${count(days, 'day')}, ${from} to ${to}; ${count(accounts, 'account')}, ${formatNumber(withData)} of them with data.`,
  );
  lines.push('');
  if (times === 0) lines.push('It would never have fired.');
  else {
    lines.push(`It would have fired ${count(times, 'time')}, for ${count(firedFor.size, 'account')}.`);
    if (already > 0) lines.push(`Of these it was so already on the first day ${count(already, 'time')}.`);
    const lasted = medianDays === null ? '' : ` Those that ended lasted ${count(medianDays, 'day')} at the median.`;
    lines.push(`${formatNumber(open)} would be open now.${lasted}`);
  }
  lines.push(...churnLines(replay));
  if (sent) lines.push(...sentLines(sent, firedFor.size));
  if (firings.length > 0) lines.push('', ...firings.map((firing) => firingLine(firing)));
  if (times > firings.length) lines.push(`  and ${formatNumber(times - firings.length)} more; --most lists them`);
  return lines;
}

function churnLines({ firedFor, churned, churnedAfter, undated, medianNotice }: Replay): string[] {
  if (churned === 0) return ['None of the accounts has churned, so nothing says whether it warns of that.'];
  const fired = firedFor.size;
  const notice = medianNotice === null ? '' : `, ${count(medianNotice, 'day')} before at the median`;
  const lines = [
    `Of the ${count(churned, 'account')} that churned, it fired for ${formatNumber(churnedAfter)} (${percentOf(churnedAfter, churned)})${notice}.`,
  ];
  if (fired > 0) {
    const hits = `${formatNumber(churnedAfter)} churned (${percentOf(churnedAfter, fired)})`;
    lines.unshift(`Of the ${count(fired, 'account')} that it fired for, ${hits}.`);
  }
  if (undated > 0) {
    lines.push(`Of ${formatNumber(undated)} nobody told when (trait churned_at), so all of their days count.`);
  }
  return lines;
}

function sentLines({ times, sent, accounts, both }: Sent, fired: number): string[] {
  if (times === 0) return ['Really it did not fire in these days.'];
  return [
    `Really it fired ${count(times, 'time')}, for ${count(accounts, 'account')}; ${formatNumber(sent)} went out.`,
    `In both: ${count(both, 'account')}; in the replay alone: ${formatNumber(fired - both)}; really alone: ${formatNumber(accounts - both)}.`,
  ];
}

function firingLine({ account, subject, from, to, already, figures }: Firing): string {
  const when = `${already ? '…         ' : from} to ${to ?? 'now'}`.padEnd(24);
  const name = account.name === account.id ? account.id : `${account.name} (${account.id})`;
  const what = subject === '' ? '' : `  ${subject}`;
  return `  ${when}  ${name}${what}  ${figures.slice(0, 1).map((figure) => figureText(figure, account.currency))}`;
}

function figureText(figure: Figure, currency: string): string {
  return `${figureValue(figure, currency)} (${figure.operator} ${figureThreshold(figure, currency)})`;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function percentOf(part: number, whole: number): string {
  return `${formatNumber(Math.round((100 * part) / whole))}%`;
}

function count(number: number, what: string): string {
  return `${formatNumber(number)} ${what}${number === 1 ? '' : 's'}`;
}
