import type { Task } from '../src/db/tasks.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { personLabel } from './alert-words.ts';

/** That a task is done now. */
export function doneNow({ accountName, title }: Task): string {
  return `✅ Done: *${mrkdwn(accountName, 60)}* · ${mrkdwn(title, 200)}`;
}

/** That somebody was quicker; `reader` is who is told. */
export function doneAlready(task: Task, reader: string): string {
  const who = task.doneBy === reader ? 'You' : personLabel(task.doneBy);
  return `${doneNow(task)}. ${who} did it already.`;
}
