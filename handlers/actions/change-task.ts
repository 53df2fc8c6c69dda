import { ASSIGN_TASK, FINISH_TASK, REOPEN_TASK, SET_TASK_DUE } from '../../blocks/task-list.ts';
import { assign, finish, reopen, setDue } from '../tasks/change.ts';
import type { ActionDefinition } from '../types.ts';

/** "Done" beside a task. */
export const taskDone: ActionDefinition = { actionId: FINISH_TASK, stores: true, run: finish };

/** "Reopen" beside a task that is done. */
export const taskReopened: ActionDefinition = { actionId: REOPEN_TASK, stores: true, run: reopen };

/** The calendar beside a task. */
export const taskDue: ActionDefinition = { actionId: SET_TASK_DUE, stores: true, run: setDue };

/** The menu of people beside a task. */
export const taskAssigned: ActionDefinition = { actionId: ASSIGN_TASK, stores: true, run: assign };
