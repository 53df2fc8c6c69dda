import { readTaskPlace, TASKS_PAGE_SIZE, type TaskPlace, taskCard, taskList } from '../../blocks/task-list.ts';
import { findOpenTasks, findTask } from '../../src/db/tasks.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import type { Message } from '../../src/slack/response-url.ts';
import { alertContext } from '../alerts/context.ts';
import type { ActionArgs, Request } from '../types.ts';

/** What was just done, and the task that can be reopened for it. */
export type Told = { text: string; reopen: number | null } | null;

const gone = 'This task is no longer there.';

/** The task and the list that a control stands for. Throws a UserError when it is from another version. */
export function placeOf({ value, blockId }: Pick<ActionArgs, 'value' | 'blockId'>): TaskPlace {
  const place = readTaskPlace(value) ?? readTaskPlace(blockId);
  if (!place) throw new UserError(gone);
  return place;
}

/** The list in which something was done, or the single task, as it is now. */
export async function tasksAt(request: Request, place: TaskPlace, told: Told, deps: Deps): Promise<Message> {
  if (place.list !== 'one') return tasksOf(request, { list: place.list, page: place.page, told }, deps);
  const task = await findTask(deps.db, place.taskId);
  if (!task) throw new UserError(gone);
  return taskCard(task, { ...alertContext(deps, null), told });
}

/** One page of the person's tasks or of all; a page that is not there becomes the last. */
export async function tasksOf(
  { person }: Request,
  { list, page, told }: { list: 'mine' | 'all'; page: number; told: Told },
  deps: Deps,
): Promise<Message> {
  if (list === 'mine' && person.email === null)
    throw new UserError(
      'Slack did not tell me your email address, so I cannot see which tasks are yours. `/cs tasks all` shows those of everybody.',
    );
  const context = alertContext(deps, person.email);
  const email = list === 'mine' ? person.email : null;
  const read = (wanted: number) =>
    findOpenTasks(deps.db, {
      email,
      today: context.today,
      limit: TASKS_PAGE_SIZE,
      offset: (wanted - 1) * TASKS_PAGE_SIZE,
    });
  const first = await read(Math.max(1, page));
  const shown = Math.max(1, Math.min(page, Math.ceil(first.total / TASKS_PAGE_SIZE)));
  const found = shown === page ? first : await read(shown);
  return taskList({ ...found, list, page: shown }, { ...context, told });
}
