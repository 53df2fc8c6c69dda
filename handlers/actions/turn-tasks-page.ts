import { NEXT_TASKS, PREVIOUS_TASKS } from '../../blocks/task-list.ts';
import type { Deps } from '../../src/deps.ts';
import { placeOf, tasksAt } from '../tasks/answers.ts';
import type { ActionArgs, ActionDefinition } from '../types.ts';

async function run(args: ActionArgs, deps: Deps): Promise<void> {
  await args.respond(await tasksAt(args, placeOf(args), null, deps), { replace: args.ephemeral });
}

/** "Previous page" below a list of tasks. */
export const previousTasks: ActionDefinition = { actionId: PREVIOUS_TASKS, run };

/** "Next page" below a list of tasks. */
export const nextTasks: ActionDefinition = { actionId: NEXT_TASKS, run };
