import { localDay } from '../../src/days.ts';
import { addTask } from '../tasks/add.ts';
import { tasksOf } from '../tasks/answers.ts';
import { parseTasksRequest } from '../tasks/parse.ts';
import type { Subcommand } from '../types.ts';

/** `/cs tasks`: what is to be done, by oneself or by all, and what one adds. */
export const tasks: Subcommand = {
  name: 'tasks',
  explain: () => [
    { example: 'tasks', does: 'your tasks, the most urgent first' },
    { example: 'tasks all', does: 'those of everybody' },
    { example: 'tasks add acme Call them by friday', does: 'a task of your own; `by` a date, a weekday or `tomorrow`' },
  ],
  stores: (text) => /^\s*add\b/i.test(text),
  async run(args, deps) {
    const wanted = parseTasksRequest(args.text, localDay(deps.now(), deps.config.timeZone));
    if (wanted.kind === 'add') return args.respond(await addTask(args, wanted, deps));
    await args.respond(await tasksOf(args, { list: wanted.list, page: 1, told: null }, deps));
  },
};
