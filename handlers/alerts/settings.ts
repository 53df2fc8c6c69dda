import { ALERTS_PAGE_SIZE, alertSettings } from '../../blocks/alert-settings.ts';
import {
  type AlertPreferences,
  deletePreferences,
  findPreferences,
  upsertPreferences,
} from '../../src/db/alert-preferences.ts';
import { findOpenAlerts } from '../../src/db/alert-view.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import type { Message } from '../../src/slack/response-url.ts';
import type { Request } from '../types.ts';
import { alertContext, viewContext } from './context.ts';
import { showChanges } from './deliver.ts';

const noEmail =
  'Slack did not tell me your email address, so I cannot see which alerts are yours. An administrator can give me the permission `users:read.email`.';

/** How alerts reach the person, and a page of what is open in their accounts; `told` is what was just done. */
export async function settingsOf(
  { person }: Request,
  { page, told }: { page: number; told: string | null },
  deps: Deps,
): Promise<Message> {
  const email = emailOf(person);
  const context = viewContext(deps);
  const read = (wanted: number) =>
    findOpenAlerts(deps.db, email, { limit: ALERTS_PAGE_SIZE, offset: (wanted - 1) * ALERTS_PAGE_SIZE }, context);
  const [own, first] = await Promise.all([findPreferences(deps.db, email), read(Math.max(1, page))]);
  const shown = Math.max(1, Math.min(page, Math.ceil(first.total / ALERTS_PAGE_SIZE)));
  const found = shown === page ? first : await read(shown);
  return alertSettings(
    {
      preferences: own ?? usualPreferences(deps),
      chosen: own !== null,
      timeZone: { name: person.timeZone ?? deps.config.timeZone, known: person.timeZone !== null },
      open: { ...found, page: shown },
      told,
    },
    alertContext(deps, email),
  );
}

/** Changes some of how alerts reach the person; `null` is all as the playbook has it. */
export async function setPreferences(
  { person }: Request,
  change: Partial<AlertPreferences> | null,
  deps: Deps,
): Promise<void> {
  const email = emailOf(person);
  const now = deps.now();
  if (change === null) await deletePreferences(deps.db, email, now);
  else {
    const before = (await findPreferences(deps.db, email)) ?? usualPreferences(deps);
    await upsertPreferences(deps.db, email, { ...before, ...change }, now);
  }
  // What was put off for them may be due now.
  await showChanges(deps);
}

/** What holds for those who never chose: the playbook's, and each alert by itself. */
function usualPreferences({ playbook }: Deps): AlertPreferences {
  const { quietHours, quietWeekend } = playbook.indicators.delivery;
  return { quietHours, quietWeekend, digestAt: null };
}

function emailOf({ email }: Request['person']): string {
  if (email === null) throw new UserError(noEmail);
  return email;
}
