import { z } from 'zod';
import { addDays, localDay } from '../src/days.ts';
import { deleteEndedAlerts } from '../src/db/alerts.ts';
import { deleteJobRunsBefore } from '../src/db/job-runs.ts';
import { deleteHandledEvents } from '../src/db/slack-events.ts';
import { deleteHandledStripeEvents } from '../src/db/stripe-events.ts';
import type { JobDefinition } from '../src/queue/types.ts';

const payload = z.strictObject({});
const dayMs = 24 * 60 * 60 * 1000;

/** Runs are looked at for a quarter; catching up needs 35 days of them. */
const keptDays = 90;
/** Ended alerts are looked at for a quarter, too, and compared with the same time of the year before. */
const keptAlertDays = 400;
/** What people wrote in Slack is with the ticket by then, or is of none. */
const keptEventDays = 7;
/** Stripe repeats an event for days; an id that was forgotten would only have a customer read again. */
const keptStripeEventDays = 30;

/** Keeps the records of runs and of alerts from growing for ever. */
export const pruneRuns: JobDefinition<z.infer<typeof payload>> = {
  name: 'prune-runs',
  description: `forget what ran more than ${keptDays} days ago, and alerts that ended more than ${keptAlertDays} days ago`,
  payload,
  schedule: '23 3 * * *',
  async run(_payload, { db, config, now }) {
    const deleted = await deleteJobRunsBefore(db, addDays(localDay(now(), config.timeZone), -keptDays));
    const alerts = await deleteEndedAlerts(db, new Date(now().getTime() - keptAlertDays * dayMs));
    const slackEvents = await deleteHandledEvents(db, new Date(now().getTime() - keptEventDays * dayMs));
    const stripeEvents = await deleteHandledStripeEvents(db, new Date(now().getTime() - keptStripeEventDays * dayMs));
    return { deleted, alerts, slackEvents, stripeEvents };
  },
};
