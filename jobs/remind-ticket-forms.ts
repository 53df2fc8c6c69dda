import { z } from 'zod';
import { findGroups } from '../src/db/desk-groups.ts';
import { fillTicketForm, findOpenForms, remindOfForms } from '../src/db/ticket-presses.ts';
import type { Group } from '../src/helpdesk/types.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { deliverSoon } from './deliver-messages.ts';

const payload = z.strictObject({});
const minuteMs = 60_000;

/** Reminds CSMs of tickets that nobody has said the group and severity of, and after a while lets the defaults hold. */
export const remindTicketForms: JobDefinition<z.infer<typeof payload>> = {
  name: 'remind-ticket-forms',
  description: "remind the CSM of tickets' forms that are open, and after a while let the defaults hold",
  payload,
  schedule: '* * * * *',
  record: 'latest',
  async run(_payload, { db, config, now, queue }) {
    const at = now();
    const before = (minutes: number) => new Date(at.getTime() - minutes * minuteMs);
    const groups = new Map<string, readonly Group[]>();
    let defaulted = 0;
    for (const { ticketId, desk } of await findOpenForms(db, before(config.ticketDefaultMinutes))) {
      const known = groups.get(desk) ?? (await findGroups(db, desk));
      groups.set(desk, known);
      const chosen = { group: defaultGroup(known, config.ticketDefaultGroup), severity: 'normal' as const, by: null };
      const { outcome } = await fillTicketForm(db, ticketId, { ...chosen, now: at });
      if (outcome === 'changed') defaulted += 1;
    }
    const reminded = await remindOfForms(db, { before: before(config.ticketReminderMinutes), now: at });
    if (defaulted > 0) await queue.enqueue('work-on-tickets', {}, { key: 'work-on-tickets' });
    if (defaulted + reminded > 0) await queue.enqueue('deliver-messages', {}, deliverSoon);
    return { reminded, defaulted };
  },
};

/** The group that is named so, or has that id; else the help desk's first. */
function defaultGroup(groups: readonly Group[], wanted: string | undefined): Group | null {
  const isWanted = ({ id, name }: Group) => id === wanted || name.toLowerCase() === wanted?.toLowerCase();
  return groups.find(isWanted) ?? groups[0] ?? null;
}
