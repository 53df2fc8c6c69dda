import { z } from 'zod';
import { addWorkingDays, endOfDay, localDay } from '../src/days.ts';
import { storeAlertChanges } from '../src/db/alert-changes.ts';
import { findRetiredAlerts } from '../src/db/alerts.ts';
import {
  deleteReadings,
  findIndicatorAccounts,
  findStandings,
  findWeekOfScores,
  standingKey,
  upsertReadings,
} from '../src/db/indicator-standings.ts';
import { findInvoicesToRead } from '../src/db/invoices-to-read.ts';
import { hasMissedRun } from '../src/db/job-runs.ts';
import { findAccountIds } from '../src/db/scores.ts';
import type { Deps } from '../src/deps.ts';
import { findChanges } from '../src/indicators/find-changes.ts';
import { type Changes, noChanges } from '../src/indicators/note-changes.ts';
import { scoreValues } from '../src/indicators/score-metrics.ts';
import { computeMetricsForDays } from '../src/metrics/compute.ts';
import type { EnqueueOptions, JobDefinition } from '../src/queue/types.ts';
import { deliverSoon } from './deliver-messages.ts';

const name = 'evaluate-indicators';

const payload = z.strictObject({
  /** All unless told. */
  accountIds: z.array(z.string()).max(500).optional(),
  /** Another day than today, as it was when it was over. */
  day: z.iso.date().optional(),
});

/** Accounts that are read at once. */
const accountsAtOnce = 500;
/** Longer than an hour: then the hourly run was missed. */
const overdueMs = 90 * 60 * 1000;
/** Working days until a task that is opened with an alert is due. */
const taskDays = 2;

/** How a run over all accounts is asked for: when their scores, which are computed meanwhile, are there. */
export const evaluateAllSoon: EnqueueOptions = { key: name, delayMs: 5_000 };

/** Reads the indicators, and opens and ends alerts. */
export const evaluateIndicators: JobDefinition<z.infer<typeof payload>> = {
  name,
  description: 'read the indicators of all accounts, or of some, and open and end alerts',
  payload,
  schedule: '17 * * * *',
  record: 'latest',
  isDue: async ({ db, now, playbook }) =>
    playbook.indicators.list.length > 0 && hasMissedRun(db, name, new Date(now().getTime() - overdueMs)),
  async run({ accountIds, day }, deps) {
    const { db, playbook, log } = deps;
    const at = momentOf(day, deps);
    const changes = noChanges();
    const ids = accountIds ?? (await findAccountIds(db));
    for (let start = 0; start < ids.length; start += accountsAtOnce) {
      const found = await readAccounts(ids.slice(start, start + accountsAtOnce), at, deps);
      await upsertReadings(db, found.readings, { day: at.day, readAt: at.now });
      await deleteReadings(db, found.forgotten, at.now);
      changes.opened.push(...found.opened);
      changes.ended.push(...found.ended);
      changes.edited.push(...found.edited);
    }
    if (!accountIds) changes.ended.push(...(await findRetired(deps)));
    if (changes.opened.length + changes.ended.length + changes.edited.length === 0)
      return { accounts: ids.length, opened: 0, ended: 0 };
    const { delivery } = playbook.indicators;
    const taskDue = addWorkingDays(at.day, taskDays);
    const stored = await storeAlertChanges(db, changes, { now: at.now, taskDue, delivery });
    if (stored.held?.isNew)
      log.error({ hold: stored.held.id }, 'too many accounts changed at once: alerts are held back');
    await deps.queue.enqueue('deliver-messages', {}, deliverSoon);
    return {
      accounts: ids.length,
      opened: stored.opened,
      ended: stored.ended,
      edited: stored.edited,
      held: stored.held?.id ?? null,
    };
  },
};

/** `isPast`: a day that is over, of which nobody knows what invoices there were. */
type Moment = { now: Date; day: string; isPast: boolean };

function momentOf(day: string | undefined, { now, config }: Deps): Moment {
  const current = now();
  const today = localDay(current, config.timeZone);
  if (day === undefined || day >= today) return { now: current, day: today, isPast: false };
  return { now: new Date(endOfDay(day, config.timeZone).getTime() - 1), day, isPast: true };
}

/** Load facts, compute, read: what the indicators find of some accounts. */
async function readAccounts(accountIds: readonly string[], { now, day, isPast }: Moment, deps: Deps): Promise<Changes> {
  const { db, config, playbook } = deps;
  const { indicators } = playbook;
  const request = { accountIds, days: [day], now, timeZone: config.timeZone };
  const metrics = (await computeMetricsForDays(db, indicators.computed, request)).get(day);
  const scores = await findWeekOfScores(db, accountIds, day);
  const standings = await findStandings(db, accountIds);
  const byAccount = Map.groupBy(standings.values(), ({ account }) => account);
  const readsInvoices = indicators.list.some(({ rules }) => rules.some(({ forEach }) => forEach === 'invoice'));
  const invoices = readsInvoices && !isPast ? await findInvoicesToRead(db, accountIds) : null;
  const found = noChanges();
  for (const account of await findIndicatorAccounts(db, accountIds)) {
    const computed = metrics?.get(account.id);
    if (!computed) continue;
    const week = scores.get(account.id) ?? [];
    const score = scoreValues(
      week.find((each) => each.day === day) ?? null,
      week.filter((each) => each.day < day),
    );
    const values = { ...computed.values, ...score };
    const standing = (indicator: string, subject: string) => standings.get(standingKey(account.id, indicator, subject));
    const read = {
      account,
      values,
      dataAt: computed.dataAt,
      standing,
      standings: byAccount.get(account.id) ?? [],
      invoices: invoices ? (invoices.get(account.id) ?? null) : undefined,
    };
    const changes = findChanges(indicators.list, read, { now, day, timeZone: config.timeZone });
    found.readings.push(...changes.readings);
    found.opened.push(...changes.opened);
    found.ended.push(...changes.ended);
    found.edited.push(...changes.edited);
    found.forgotten.push(...changes.forgotten);
  }
  return found;
}

/** Alerts of rules that the pack no longer has. */
async function findRetired({ db, playbook }: Deps): Promise<Changes['ended']> {
  const rules = playbook.indicators.list.flatMap(({ id, rules: all }) =>
    all.map(({ subject, forEach }) => ({ indicator: id, subject: forEach === null ? subject : null })),
  );
  const retired = await findRetiredAlerts(db, rules);
  return retired.map((alert) => ({ ...alert, resolution: 'retired' }));
}
