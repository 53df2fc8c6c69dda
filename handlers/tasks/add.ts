import { taskCard } from '../../blocks/task-list.ts';
import { findHealthView } from '../../src/db/health-view.ts';
import { insertTask } from '../../src/db/tasks.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import type { Message } from '../../src/slack/response-url.ts';
import { alertContext } from '../alerts/context.ts';
import { findAccount } from '../health/find-account.ts';
import { readAccount } from '../health/parse.ts';
import { unescaped } from '../metrics/words.ts';
import type { Request } from '../types.ts';
import type { TasksRequest } from './parse.ts';

type Wanted = Extract<TasksRequest, { kind: 'add' }>;

/** No name is tried that has more words. */
const MOST_WORDS = 8;

/** Makes a task that somebody wrote, for themselves; or asks which account was meant. */
export async function addTask({ person }: Request, wanted: Wanted, deps: Deps): Promise<Message> {
  const { pack, today } = alertContext(deps, person.email);
  const named = await splitName(wanted, today, deps);
  const found = await findAccount(readAccount(named.account), deps);
  if ('instead' in found)
    return {
      text: `${found.instead.text} Then add the task again with its id or its whole name in quotes.`,
    };
  const { account } = found.view;
  const made = await insertTask(deps.db, {
    key: null,
    accountId: account.id,
    alertId: null,
    title: unescaped(named.title),
    assigneeEmail: person.email,
    due: wanted.due,
    createdBy: person.id,
    now: deps.now(),
  });
  if (!made) throw new UserError('This account is no longer there.');
  return taskCard(made.task, { pack, today, told: { text: 'Added.', reopen: null } });
}

/** Without quotes, as many words as name an account exactly; else the first. */
async function splitName({ words, quoted }: Wanted, today: string, { db }: Deps) {
  if (quoted !== null) return { account: quoted, title: words };
  const parts = words.split(' ');
  for (let count = Math.min(MOST_WORDS, parts.length - 1); count > 1; count--) {
    const account = parts.slice(0, count).join(' ');
    if (await findHealthView(db, readAccount(account).keys, today))
      return { account, title: parts.slice(count).join(' ') };
  }
  return { account: parts[0] ?? '', title: parts.slice(1).join(' ') };
}
