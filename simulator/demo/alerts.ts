import { evaluateIndicators } from '../../jobs/evaluate-indicators.ts';
import { addDays, endOfDay, localDay } from '../../src/days.ts';
import { upsertPreferences } from '../../src/db/alert-preferences.ts';
import { changeAlert, voteAlert } from '../../src/db/alerts.ts';
import { finishTask } from '../../src/db/tasks.ts';
import type { Deps } from '../../src/deps.ts';

/** So long people have been getting alerts. */
const PAST_DAYS = 30;
const DAY_MS = 86_400_000;

const CSMS = [
  { email: 'maya@bellwether.example', slackUserId: 'U01MAYALIND' },
  { email: 'tom@bellwether.example', slackUserId: 'U01TOMOKAFO' },
  { email: 'ana@bellwether.example', slackUserId: 'U01ANARUIZ0' },
];

/**
 * Replays the last weeks: alerts began and ended, and their CSMs dealt with them. Only those that begin today become
 * messages, which the worker then delivers; what is read in `beforeToday` was not known before. Throws when `ending` asks.
 */
export async function seedAlerts(
  deps: Deps,
  ending: AbortSignal,
  { beforeToday }: { beforeToday: () => Promise<unknown> },
): Promise<void> {
  const { db, config, now, playbook } = deps;
  // Whoever tries the demo at night or on a Sunday would see nothing until the next working day.
  const always = { quietHours: null, quietWeekend: false, digestAt: null };
  for (const { email } of CSMS) await upsertPreferences(db, email, always, now());
  const delivery = { ...playbook.indicators.delivery, holdAbovePercent: 100 };
  const past = { ...deps, playbook: { ...playbook, indicators: { ...playbook.indicators, delivery } } };
  const today = localDay(now(), config.timeZone);
  for (let daysAgo = PAST_DAYS; daysAgo > 0; daysAgo -= 1) {
    ending.throwIfAborted();
    const day = addDays(today, -daysAgo);
    await evaluateIndicators.run({ day }, past);
    await react(deps, new Date(endOfDay(day, config.timeZone).getTime() - 1));
  }
  // What was said then is no longer to be seen in this Slack.
  await db.updateTable('messages').set({ status: 'cancelled' }).where('status', '=', 'waiting').execute();
  await beforeToday();
  await evaluateIndicators.run({}, deps);
}

/** What CSMs did until `now` with the alerts that are a day old: most were useful, some were noise, some they left. */
async function react({ db }: Deps, now: Date): Promise<void> {
  const alerts = await db
    .selectFrom('alerts')
    .innerJoin('accounts', 'accounts.id', 'account_id')
    .select(['alerts.id', 'csm_email'])
    .where('state', '=', 'active')
    .where('opened_at', '<=', new Date(now.getTime() - DAY_MS))
    .orderBy('alerts.id')
    .execute();
  for (const { id, csm_email } of alerts) {
    const by = CSMS.find(({ email }) => email === csm_email)?.slackUserId;
    const mood = id % 6;
    if (!by || mood === 0) continue;
    await changeAlert(db, { alertId: id, to: 'acknowledged', by, now });
    if (mood !== 1) await voteAlert(db, { alertId: id, by, useful: mood !== 5, now });
    const task = await db.selectFrom('tasks').select('id').where('alert_id', '=', id).executeTakeFirst();
    if (task && mood !== 5) await finishTask(db, task.id, by, now);
  }
}
