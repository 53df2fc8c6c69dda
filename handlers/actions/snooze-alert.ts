import { SNOOZE_ALERT } from '../../blocks/alert-card.ts';
import { readSnooze, snoozeAlert } from '../alerts/press.ts';
import type { ActionDefinition } from '../types.ts';

/** A choice of how long an alert is silent. */
export const chooseSnooze: ActionDefinition = {
  actionId: SNOOZE_ALERT,
  stores: true,
  async run(args, deps) {
    const { alertId, snooze } = readSnooze(args.value);
    const told = await snoozeAlert(args, alertId, snooze, deps);
    if (told !== null) await args.respond({ text: told });
  },
};
