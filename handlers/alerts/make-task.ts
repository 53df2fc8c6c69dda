import { taskCard } from '../../blocks/task-list.ts';
import { addWorkingDays } from '../../src/days.ts';
import { findAlertView } from '../../src/db/alert-view.ts';
import { insertTask } from '../../src/db/tasks.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import type { Message } from '../../src/slack/response-url.ts';
import type { Request } from '../types.ts';
import { alertContext, viewContext } from './context.ts';
import { showChanges } from './deliver.ts';
import { gone } from './press.ts';

/** Working days in which a task of an alert is to be done. */
const DUE_DAYS = 2;

/** Makes the one task of an alert, for the account's CSM or else for who asks. Returns it with its controls. */
export async function makeAlertTask({ person }: Request, alertId: number, deps: Deps): Promise<Message> {
  const context = viewContext(deps);
  const alert = await findAlertView(deps.db, alertId, context);
  if (!alert) throw new UserError(gone);
  if (alert.state === 'resolved' && !alert.task)
    throw new UserError('This alert has ended by itself, so I made no task. `/cs tasks add` makes one of your own.');
  const indicator = deps.playbook.indicators.list.find(({ id }) => id === alert.indicator);
  const made = await insertTask(deps.db, {
    key: `alert:${alertId}`,
    accountId: alert.account.id,
    alertId,
    title: indicator?.task ?? indicator?.action ?? `Look at ${alert.indicator}`,
    assigneeEmail: alert.account.csmEmail ?? person.email,
    due: addWorkingDays(context.today, DUE_DAYS),
    createdBy: person.id,
    now: context.now,
  });
  if (!made) throw new UserError(gone);
  if (made.created) await showChanges(deps);
  const { pack, today } = alertContext(deps, person.email);
  const done = made.task.doneAt !== null;
  const text = made.created ? 'Task made.' : done ? 'Its task is done already.' : 'There is a task already.';
  return taskCard(made.task, { pack, today, told: { text, reopen: done ? made.task.id : null } });
}
