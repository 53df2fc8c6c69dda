import { createCrms } from '../../create-crms.ts';
import { CrmRefused, CrmUnavailable } from '../../crm/errors.ts';
import { type SyncReport, syncCrm } from '../../crm/sync.ts';
import type { Crm, CrmName, Quota } from '../../crm/types.ts';
import { localDay } from '../../days.ts';
import { UserError } from '../../errors.ts';
import { formatNumber } from '../../format.ts';
import { oneLine } from '../../one-line.ts';
import { readPlaybook } from '../../playbook/read.ts';
import { createQueue } from '../../queue/queue.ts';
import type { Cli } from '../types.ts';
import { conflictLine, showValue, silenceLine, titleOf } from './words.ts';

/** What a sync is given. */
export type SyncOptions = { dryRun?: true; clear?: true };

/** `bellwether sync salesforce|vitally`. */
export async function syncFromCrm(
  cli: Cli,
  name: CrmName,
  { dryRun = false, clear = false }: Partial<Record<keyof SyncOptions, boolean>>,
) {
  const config = await cli.config();
  const { sources } = await readPlaybook(config.playbook);
  const found = createCrms(config, sources, { log: await cli.log(), now: cli.now })[name];
  if ('missing' in found) throw new UserError(`${found.missing}; docs/crm.md says how to set it up.`);
  const { crm } = found;
  // Before anything is asked, as it is what a refusal is about.
  if (dryRun && !cli.json) for (const query of crm.queries) cli.print(`asks: ${query}`);
  const { db, url } = await cli.connect();
  const now = cli.now();
  const today = localDay(now, config.timeZone);
  const report = await tell(cli, crm, () => syncCrm(db, crm, { owners: sources.owners, now, today, dryRun, clear }));
  if (report === null) return;
  const { changes, segments, created, conflicts, unmatched, silences, faults } = report;
  if (!dryRun && changes.length + segments.length + created.length > 0) await askForScores(cli, url, config.redisUrl);
  if (cli.json) cli.printJson({ ...report, names: undefined });
  else for (const line of linesOf(report)) cli.print(line);
  if (conflicts.length + unmatched.length + silences.length + faults.length > 0) cli.exitWith(1);
}

/** Null when the CRM is in trouble, which is told; throws when somebody has to change a setting. */
async function tell(cli: Cli, { name }: Crm, sync: () => Promise<SyncReport>): Promise<SyncReport | null> {
  try {
    return await sync();
  } catch (error) {
    if (error instanceof CrmRefused && error.reason !== 'quota') throw new UserError(error.message);
    if (!(error instanceof CrmRefused || error instanceof CrmUnavailable)) throw error;
    if (cli.json) cli.printJson({ source: name, failed: error.message });
    else cli.stderr.write(`${error.message}\n`);
    cli.exitWith(1);
    return null;
  }
}

/** Leaves the computing of what has changed to the bot. What has been written stays, whatever happens here. */
async function askForScores(cli: Cli, databaseUrl: string, redisUrl: string | undefined): Promise<void> {
  try {
    const queue = await createQueue({ databaseUrl, redisUrl, log: await cli.log() });
    cli.defer(queue.close);
    await queue.enqueue('refresh-accounts', {}, { key: 'refresh-accounts', delayMs: 1_000 });
  } catch (error) {
    cli.stderr.write(`Scores are not asked for (${(error as Error).message}); the bot’s next look computes them.\n`);
  }
}

function linesOf(report: SyncReport): string[] {
  const { dryRun, label, records, matched, changes, segments, created, conflicts, unmatched, missing } = report;
  const title = (id: string) => titleOf(id, report.names.get(id) ?? id);
  const lines = [
    ...created.map((id) => `${title(id)} ${dryRun ? 'would be made' : 'is new'}`),
    ...changes.map(
      ({ accountId, field, was, is }) => `${title(accountId)} ${oneLine(field)}: ${showValue(was)} -> ${showValue(is)}`,
    ),
    ...segments.map(({ accountId, added, removed }) => {
      const words = [...added.map((name) => `+${oneLine(name)}`), ...removed.map((name) => `-${oneLine(name)}`)];
      return `${title(accountId)} segments: ${words.join(', ')}`;
    }),
    ...conflicts.map((conflict) => `differs: ${conflictLine(conflict)}`),
    ...unmatched.map(({ id, name, why }) => `unknown: ${titleOf(id, name)}: ${oneLine(why)}`),
    ...missing.map(
      ({ accountId, recordId, name, seenAt }) =>
        `missing: ${titleOf(recordId, name)} was ${title(accountId)}, last seen ${seenAt.toISOString().slice(0, 10)}; nothing is cleared`,
    ),
    ...report.faults.map((fault) => `unreadable: ${oneLine(fault)}`),
    ...report.silences.map((silence) => silenceLine(label, silence)),
  ];
  const counts = [
    `${counted(records, 'account')} in ${label}`,
    `${formatNumber(matched)} of ours`,
    `${counted(changes.length + segments.length, 'change')}${dryRun ? ' to make' : ' made'}`,
    counted(conflicts.length, 'conflict'),
    `${formatNumber(unmatched.length)} unknown`,
    `${formatNumber(missing.length)} missing`,
  ];
  return [...lines, `${counts.join(', ')}.`, ...(report.quota ? [quotaLine(label, report.quota)] : [])];
}

function quotaLine(label: string, quota: Quota): string {
  const limit = formatNumber(quota.limit);
  return quota.kind === 'day'
    ? `${label} has answered ${formatNumber(quota.used)} of ${limit} requests of the last 24 hours.`
    : `${label} lets us send ${formatNumber(quota.remaining)} more of ${limit} requests this minute.`;
}

function counted(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}
