import { alertOver, alreadyDone } from '../../blocks/alert-answers.ts';
import { SNOOZES } from '../../blocks/alert-card.ts';
import { changeAlert, voteAlert } from '../../src/db/alerts.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import type { Request } from '../types.ts';
import { showChanges } from './deliver.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Two people who press at once mean the same end. */
const roundedToMs = 5 * minuteMs;

/** How long an alert is to be silent; `days` null is until it changes. */
export type Snooze = (typeof SNOOZES)[number];

/** The id of the alert that a button is about. Throws a UserError when it is none. */
export function readAlertId(value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new UserError(gone);
}

/** The alert and the time that an option of the snooze menu stands for. Throws a UserError when it is none. */
export function readSnooze(value: string): { alertId: number; snooze: Snooze } {
  const [id = '', key] = value.split(' ');
  const snooze = SNOOZES.find((each) => each.key === key);
  if (!snooze) throw new UserError(gone);
  return { alertId: readAlertId(id), snooze };
}

/** The person takes the alert up. Returns what to tell them; `null` where all see it in the message. */
export function acknowledge(request: Request, alertId: number, deps: Deps): Promise<string | null> {
  return change(request, { alertId, to: 'acknowledged' }, deps);
}

/** The person wants to hear no more of it for a while. Returns what to tell them, as `acknowledge` does. */
export function snoozeAlert(request: Request, alertId: number, { days }: Snooze, deps: Deps): Promise<string | null> {
  const end = days === null ? null : deps.now().getTime() + days * dayMs;
  const snoozedUntil = end === null ? null : new Date(Math.ceil(end / roundedToMs) * roundedToMs);
  return change(request, { alertId, to: 'snoozed', snoozedUntil }, deps);
}

/** What the person thinks of having been told. */
export async function vote(request: Request, alertId: number, useful: boolean, deps: Deps): Promise<void> {
  const voted = await voteAlert(deps.db, { alertId, by: request.person.id, useful, now: deps.now() });
  if (!voted) throw new UserError(gone);
  await showChanges(deps);
}

/** What to tell of an alert that is no longer stored. */
export const gone = 'This alert is no longer there.';

type Wanted = { alertId: number; to: 'acknowledged' | 'snoozed'; snoozedUntil?: Date | null };

async function change({ person }: Request, wanted: Wanted, deps: Deps): Promise<string | null> {
  const { outcome, alert } = await changeAlert(deps.db, { ...wanted, by: person.id, now: deps.now() });
  if (outcome === 'gone' || !alert) throw new UserError(gone);
  if (outcome === 'ended') return alertOver;
  // Whoever is second may be looking at a message that does not show the first yet.
  await showChanges(deps);
  return outcome === 'already' ? alreadyDone(alert, person.id) : null;
}
