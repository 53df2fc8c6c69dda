import { ACKNOWLEDGE_ALERT } from '../../blocks/alert-card.ts';
import { acknowledge, readAlertId } from '../alerts/press.ts';
import type { ActionDefinition } from '../types.ts';

/** "Acknowledge" on an alert. */
export const acknowledgeAlert: ActionDefinition = {
  actionId: ACKNOWLEDGE_ALERT,
  stores: true,
  async run(args, deps) {
    const told = await acknowledge(args, readAlertId(args.value), deps);
    if (told !== null) await args.respond({ text: told });
  },
};
