import { SET_DIGEST, SET_QUIET_HOURS, SET_WEEKEND, USUAL_ALERTS } from '../../blocks/alert-settings.ts';
import type { AlertPreferences } from '../../src/db/alert-preferences.ts';
import type { Deps } from '../../src/deps.ts';
import { readDigest, readQuietHours, readWeekend } from '../alerts/parse.ts';
import { setPreferences, settingsOf } from '../alerts/settings.ts';
import type { ActionArgs, ActionDefinition } from '../types.ts';

async function set(args: ActionArgs, change: Partial<AlertPreferences> | null, deps: Deps): Promise<void> {
  await setPreferences(args, change, deps);
  await args.respond(await settingsOf(args, { page: 1, told: null }, deps), { replace: args.ephemeral });
}

/** The menu of quiet hours. */
export const setQuietHours: ActionDefinition = {
  actionId: SET_QUIET_HOURS,
  stores: true,
  run: (args, deps) => set(args, { quietHours: readQuietHours(args.value) }, deps),
};

/** The menu of what happens at weekends. */
export const setWeekend: ActionDefinition = {
  actionId: SET_WEEKEND,
  stores: true,
  run: (args, deps) => set(args, { quietWeekend: readWeekend(args.value) }, deps),
};

/** The menu of when a digest comes. */
export const setDigest: ActionDefinition = {
  actionId: SET_DIGEST,
  stores: true,
  run: (args, deps) => set(args, { digestAt: readDigest(args.value) }, deps),
};

/** "Back to usual". */
export const usualAlerts: ActionDefinition = {
  actionId: USUAL_ALERTS,
  stores: true,
  run: (args, deps) => set(args, null, deps),
};
