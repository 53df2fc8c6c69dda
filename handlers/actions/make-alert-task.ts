import { MAKE_ALERT_TASK } from '../../blocks/alert-card.ts';
import { makeAlertTask } from '../alerts/make-task.ts';
import { readAlertId } from '../alerts/press.ts';
import type { ActionDefinition } from '../types.ts';

/** "Make a task" on an alert. */
export const makeTask: ActionDefinition = {
  actionId: MAKE_ALERT_TASK,
  stores: true,
  async run(args, deps) {
    await args.respond(await makeAlertTask(args, readAlertId(args.value), deps));
  },
};
