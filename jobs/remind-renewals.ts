import { z } from 'zod';
import { localDay } from '../src/days.ts';
import { findCreditEnds, lastReminded } from '../src/db/credit-ends.ts';
import { hasMissedRun } from '../src/db/job-runs.ts';
import { findRenewalAccounts } from '../src/db/renewal-accounts.ts';
import { remindAccount } from '../src/db/renewals.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { mostFirstMonths } from '../src/renewals/first-months.ts';
import { isIdle, planRenewal } from '../src/renewals/plan.ts';
import { findFirstMonths } from '../src/renewals/read-brief.ts';
import { deliverSoon } from './deliver-messages.ts';

const name = 'remind-renewals';
const payload = z.strictObject({});

/** Accounts whose use is read at once. */
const accountsAtOnce = 500;
/** Longer than an hour: then the hourly run was missed. */
const overdueMs = 90 * 60 * 1000;

/** Reminds of contracts that come to their end, each step once; by the local day, so that a missed run is made up for. */
export const remindRenewals: JobDefinition<z.infer<typeof payload>> = {
  name,
  description: 'remind CSMs of contracts that come to their end, and note those that have ended',
  payload,
  schedule: '27 * * * *',
  record: 'latest',
  isDue: ({ db, now }) => hasMissedRun(db, name, new Date(now().getTime() - overdueMs)),
  async run(_payload, { db, now, playbook, config: { timeZone }, queue }) {
    const at = now();
    const { renewals: settings } = playbook;
    const given = { today: localDay(at, timeZone), now: at, timeZone, settings };
    const last = lastReminded(given);
    const creditEnds = new Map([...(await findCreditEnds(db, given))].filter(([, end]) => end <= last));
    const accounts = await findRenewalAccounts(db, { today: given.today, last, also: [...creditEnds.keys()] });
    const plan = (id: string, firstMonths: number) => {
      const account = accounts.get(id);
      const creditEndsOn = creditEnds.get(id) ?? null;
      return account ? planRenewal(account, { ...given, firstMonths, creditEndsOn }) : null;
    };
    // Only where it matters is read how early the first reminder is to come.
    const [least, most] = [settings.firstMonths, mostFirstMonths(settings)];
    const isUncertain = (id: string) => JSON.stringify(plan(id, least)) !== JSON.stringify(plan(id, most));
    const uncertain = [...accounts.keys()].filter(isUncertain);
    const found = new Map<string, number>();
    for (let start = 0; start < uncertain.length; start += accountsAtOnce) {
      const some = await findFirstMonths(db, uncertain.slice(start, start + accountsAtOnce), given);
      for (const [id, months] of some) found.set(id, months);
    }
    const firstMonthsOf = (id: string) => found.get(id) ?? least;
    const hasWork = (id: string) => {
      const planned = plan(id, firstMonthsOf(id));
      return planned !== null && !isIdle(planned);
    };
    const done = { accounts: accounts.size, opened: 0, sent: 0, closed: 0, handedOver: 0 };
    const withWork = [...accounts.keys()].filter(hasWork);
    const faults: unknown[] = [];
    for (const id of withWork) {
      try {
        const reminded = await remindAccount(db, id, { ...given, firstMonths: firstMonthsOf(id) });
        done.opened += Number(reminded.opened);
        done.sent += Number(reminded.sent);
        done.closed += reminded.closed;
        done.handedOver += Number(reminded.handedOver);
      } catch (error) {
        // The others must not miss their day for it.
        faults.push(error);
      }
    }
    if (withWork.length > faults.length) await queue.enqueue('deliver-messages', {}, deliverSoon);
    if (faults.length > 0) throw new AggregateError(faults, `${faults.length} renewals could not be worked on`);
    return done;
  },
};
