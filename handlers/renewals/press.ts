import { alreadyDecided } from '../../blocks/renewal-answers.ts';
import { readRenewalPlace } from '../../blocks/renewal-card.ts';
import { doneAlready } from '../../blocks/task-answers.ts';
import { localDay } from '../../src/days.ts';
import {
  type Decided,
  type Decision,
  decideRenewal,
  finishRenewalTask,
  type Outcome,
} from '../../src/db/renewal-outcomes.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { formatDay } from '../../src/format.ts';
import { showChanges } from '../alerts/deliver.ts';
import type { Request } from '../types.ts';

const gone = 'This renewal is no longer there.';

/** The id of the contract that a control is about. Throws a UserError when it is none. */
export function readRenewalId(value: string): number {
  const id = readRenewalPlace(value);
  if (id === null) throw new UserError(gone);
  return id;
}

/** Stores what the person says of a contract. Throws a UserError that says why it cannot be. */
export async function decide(
  { person }: Pick<Request, 'person'>,
  { of, outcome, note }: { of: Decision['of']; outcome: Outcome; note: string | null },
  deps: Deps,
): Promise<Extract<Decided, { outcome: 'changed' | 'already' | 'renewedBefore' }>> {
  const now = deps.now();
  const today = localDay(now, deps.config.timeZone);
  const decided = await decideRenewal(deps.db, { of, outcome, note, by: person.id, today, now });
  switch (decided.outcome) {
    case 'gone':
      throw new UserError(gone);
    case 'ended':
      throw new UserError('The account has another renewal date by now; `/cs renew` changes that one.');
    case 'undated':
      throw new UserError('I know no renewal date of this account. `/cs renew acme moved 2027-10-01` sets one.');
    case 'badDate':
      throw new UserError(`The next renewal date must be after the one that was, ${formatDay(decided.was)}.`);
    default:
      // Whoever is second may be looking at a message that does not show the first yet.
      await showChanges(deps);
      return decided;
  }
}

/** The same for a control in a message. Returns what to tell the person; `null` where all see it in the message. */
export async function decideHere(
  request: Pick<Request, 'person'>,
  renewalId: number,
  outcome: Outcome,
  deps: Deps,
): Promise<string | null> {
  const decided = await decide(request, { of: { renewalId }, outcome, note: null }, deps);
  return decided.outcome === 'changed' ? null : alreadyDecided(decided, request.person.id);
}

/** The contract's task is done. Returns what to tell the person, as `decideHere` does. */
export async function finishTaskHere(
  { person }: Pick<Request, 'person'>,
  renewalId: number,
  deps: Deps,
): Promise<string | null> {
  const { outcome, task } = await finishRenewalTask(deps.db, renewalId, person.id, deps.now());
  if (outcome === 'gone') throw new UserError('This task is no longer there.');
  await showChanges(deps);
  return outcome === 'already' ? doneAlready(task, person.id) : null;
}
