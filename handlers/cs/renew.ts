import { alreadyDecided, renewalDecided } from '../../blocks/renewal-answers.ts';
import { localDay } from '../../src/days.ts';
import { findHealthView } from '../../src/db/health-view.ts';
import type { Outcome } from '../../src/db/renewal-outcomes.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { findAccount } from '../health/find-account.ts';
import { readAccount } from '../health/parse.ts';
import { unescaped } from '../metrics/words.ts';
import { parseRenewRequest, type RenewReading, renewExamples } from '../renewals/parse.ts';
import { decide } from '../renewals/press.ts';
import type { Subcommand } from '../types.ts';

/** `/cs renew acme renewed`: what became of a contract. */
export const renew: Subcommand = {
  name: 'renew',
  explain: () => [
    {
      example: 'renew acme renewed',
      does: 'the contract is renewed for a year, or until a date that follows; words after it are a note',
    },
    { example: 'renew acme lost chose another', does: 'it is not; no more reminders' },
    { example: 'renew acme moved 2027-10-01', does: 'it has another renewal date' },
  ],
  stores: () => true,
  async run(args, deps) {
    if (args.text.trim() === '') throw new UserError(renewExamples);
    const today = localDay(deps.now(), deps.config.timeZone);
    const wanted = await choose(parseRenewRequest(args.text, today), today, deps);
    const found = await findAccount(readAccount(wanted.account), deps);
    if ('instead' in found)
      return args.respond({ text: `${found.instead.text} Then say it again with its id or its whole name in quotes.` });
    // What is only alike may be another; what is written here is not undone by a look.
    const { account } = found.view;
    if (found.asked !== null)
      throw new UserError(
        `I know no account of that name. Did you mean \`${account.id}\`? Then say it again with that.`,
      );
    const note = wanted.note === null ? null : unescaped(wanted.note);
    const decided = await decide(args, { of: { accountId: account.id }, outcome: outcomeOf(wanted), note }, deps);
    const text =
      decided.outcome === 'changed'
        ? renewalDecided(account.name, wanted.state, decided, note)
        : alreadyDecided(decided, args.person.id);
    await args.respond({ text });
  },
};

/** Of the ways to read the words the first that names an account exactly; else the first. */
async function choose(readings: readonly RenewReading[], today: string, { db }: Deps): Promise<RenewReading> {
  const [first] = readings;
  if (!first) throw new UserError(renewExamples);
  if (readings.length === 1) return first;
  for (const each of readings) if (await findHealthView(db, readAccount(each.account).keys, today)) return each;
  return first;
}

function outcomeOf({ state, date }: RenewReading): Outcome {
  if (state === 'lost') return { state };
  if (state === 'renewed') return { state, date };
  if (date === null) throw new UserError(renewExamples);
  return { state, date };
}
