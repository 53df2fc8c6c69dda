import { ALERT_NOT_USEFUL, ALERT_USEFUL } from '../../blocks/alert-card.ts';
import { readAlertId, vote } from '../alerts/press.ts';
import type { ActionDefinition } from '../types.ts';

/** "Useful" on an alert. */
export const alertUseful: ActionDefinition = {
  actionId: ALERT_USEFUL,
  stores: true,
  run: (args, deps) => vote(args, readAlertId(args.value), true, deps),
};

/** "Not useful" on an alert. */
export const alertNotUseful: ActionDefinition = {
  actionId: ALERT_NOT_USEFUL,
  stores: true,
  run: (args, deps) => vote(args, readAlertId(args.value), false, deps),
};
