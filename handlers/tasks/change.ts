import { doneAlready, doneNow } from '../../blocks/task-answers.ts';
import type { ChangedTask, Task } from '../../src/db/tasks.ts';
import { assignTask, finishTask, reopenTask, setTaskDue } from '../../src/db/tasks.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { findHome, findPerson, type Person } from '../../src/slack/identity.ts';
import { showChanges } from '../alerts/deliver.ts';
import type { ActionArgs } from '../types.ts';
import { placeOf, type Told, tasksAt } from './answers.ts';

/** "Done": whoever is second is told who was first. */
export async function finish(args: ActionArgs, deps: Deps): Promise<void> {
  const changed = await finishTask(deps.db, placeOf(args).taskId, args.person.id, deps.now());
  await answer(args, changed, deps, (task) =>
    changed.outcome === 'already'
      ? { text: doneAlready(task, args.person.id), reopen: task.id }
      : { text: doneNow(task), reopen: task.id },
  );
}

/** "Reopen". */
export async function reopen(args: ActionArgs, deps: Deps): Promise<void> {
  await answer(args, await reopenTask(deps.db, placeOf(args).taskId), deps, () => null);
}

/** A day was chosen. */
export async function setDue(args: ActionArgs, deps: Deps): Promise<void> {
  const { taskId } = placeOf(args);
  const day = /^\d{4}-\d{2}-\d{2}$/.test(args.value) ? args.value : null;
  await answer(args, await setTaskDue(deps.db, taskId, day), deps, () => null);
}

/** Somebody was chosen to do it: only full members see customer data, so only they get tasks. */
export async function assign(args: ActionArgs, deps: Deps): Promise<void> {
  const { taskId } = placeOf(args);
  const email = await emailOfMember(args.value, deps);
  await answer(args, await assignTask(deps.db, taskId, email), deps, () => ({
    text: `Given to <@${args.value}>.`,
    reopen: null,
  }));
}

async function answer(args: ActionArgs, changed: ChangedTask, deps: Deps, told: (task: Task) => Told): Promise<void> {
  if (changed.outcome === 'gone') throw new UserError('This task is no longer there.');
  // Alerts' and renewals' messages show their tasks.
  if (changed.outcome === 'changed') await showChanges(deps);
  const message = await tasksAt(args, placeOf(args), told(changed.task), deps);
  await args.respond(message, { replace: args.ephemeral });
}

async function emailOfMember(userId: string, { slack, log }: Deps): Promise<string> {
  if (!/^[UW][A-Z0-9]{2,}$/.test(userId)) throw new UserError('Choose somebody to give the task to.');
  const [person, home] = await Promise.all([findPerson(slack, userId), findHome(slack)]).catch((error: unknown) => {
    log.warn({ err: error }, 'whoever a task was to be given to could not be looked up');
    throw new UserError('Sorry, I could not check with Slack who that is. Please try again in a minute.');
  });
  const isOurs =
    person.teamId === home.teamId || (home.enterpriseId !== null && person.enterpriseId === home.enterpriseId);
  if (person.kind !== 'member' || !isOurs) throw new UserError(refusal(person, userId));
  if (person.email === null)
    throw new UserError(`Slack does not tell me the email address of <@${userId}>, so I cannot give them a task.`);
  return person.email;
}

function refusal({ kind }: Person, userId: string): string {
  const why = { guest: 'is a guest', deactivated: 'is deactivated', bot: 'is an app' }[kind as string];
  return `<@${userId}> ${why ?? 'is not of this workspace'}; tasks are for full members only.`;
}
