import { NEXT_ALERTS, PREVIOUS_ALERTS } from '../../blocks/alert-settings.ts';
import type { Deps } from '../../src/deps.ts';
import { settingsOf } from '../alerts/settings.ts';
import type { ActionArgs, ActionDefinition } from '../types.ts';

async function run(args: ActionArgs, deps: Deps): Promise<void> {
  const page = Math.max(1, Math.trunc(Number(args.value)) || 1);
  await args.respond(await settingsOf(args, { page, told: null }, deps), { replace: args.ephemeral });
}

/** "Previous page" below one's open alerts. */
export const previousAlerts: ActionDefinition = { actionId: PREVIOUS_ALERTS, run };

/** "Next page" below one's open alerts. */
export const nextAlerts: ActionDefinition = { actionId: NEXT_ALERTS, run };
