import type { ActionsBlock, KnownBlock } from '@slack/types';
import type { Task } from '../src/db/tasks.ts';
import { formatDay, formatDistance, formatNumber } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { type AlertPack, indicatorName, personLabel } from './alert-words.ts';
import { type BlockMessage, button, buttons, context, header, plainText, section } from './text.ts';

/** It is done; the value is a TaskPlace. */
export const FINISH_TASK = 'finish_task';
/** It is not done after all; the value is a TaskPlace. */
export const REOPEN_TASK = 'reopen_task';
/** A day was chosen on which it is due; the block's id is a TaskPlace. */
export const SET_TASK_DUE = 'set_task_due';
/** Somebody was chosen to do it; the block's id is a TaskPlace. */
export const ASSIGN_TASK = 'assign_task';
/** Another page of tasks; the value is a TaskPlace without a task. */
export const PREVIOUS_TASKS = 'tasks_previous';
/** As PREVIOUS_TASKS, forwards. */
export const NEXT_TASKS = 'tasks_next';

/** Tasks on a page. */
export const TASKS_PAGE_SIZE = 8;
/** A message above 12 kB may be refused; this leaves room for what stands around the tasks. */
const MOST_BYTES = 9_000;

/** A list of tasks: a person's own, those of all, or a single one. */
type TaskListKind = 'mine' | 'all' | 'one';
/** A task, or 0 for none, and the list and page in which its controls stand. */
export type TaskPlace = { taskId: number; list: TaskListKind; page: number };

/** What is drawn around tasks; `told` is what was just done. */
type TaskContext = { pack: AlertPack; today: string; told: { text: string; reopen: number | null } | null };

/** How a place is written in a value or a block's id. */
export function writeTaskPlace({ taskId, list, page }: TaskPlace): string {
  return `task ${taskId} ${list} ${page}`;
}

/** Reads a place; `null` when it is none of ours. */
export function readTaskPlace(value: string): TaskPlace | null {
  const [, id, list, page] = /^task (\d{1,15}) (mine|all|one) (\d{1,6})$/.exec(value) ?? [];
  return list ? { taskId: Number(id), list: list as TaskListKind, page: Number(page) } : null;
}

/** One page of tasks, the most urgent first. */
export function taskList(
  found: { tasks: readonly Task[]; total: number; overdue: number; list: 'mine' | 'all'; page: number },
  drawn: TaskContext,
): BlockMessage {
  const { tasks, total, overdue, list, page } = found;
  const pages = Math.max(1, Math.ceil(total / TASKS_PAGE_SIZE));
  const whose = list === 'mine' ? 'Your tasks' : 'All tasks';
  const title = total === 0 ? `${whose}: none` : `${whose}: ${formatNumber(total)} open${late(overdue)}`;
  const empty = list === 'mine' ? 'Nothing is left for you to do. 🎉' : 'Nothing is left to do. 🎉';
  return {
    text: [title, ...tasks.map((task) => `${mrkdwn(task.accountName, 60)}: ${mrkdwn(task.title, 60)}`)].join('\n'),
    blocks: [
      ...toldBlocks(drawn, { list, page }),
      header(title),
      ...(total === 0 ? [section(empty)] : fitting(tasks, { list, page }, drawn)),
      ...(pages > 1 ? pager(list, page, pages) : []),
      context('`/cs tasks add acme Call them by friday` adds one, `/cs tasks all` shows those of everybody.'),
    ],
  };
}

/** A single task with its controls. */
export function taskCard(task: Task, drawn: TaskContext): BlockMessage {
  const place = { list: 'one' as const, page: 1 };
  const told = drawn.told ? `${drawn.told.text} ` : '';
  return {
    text: `${told}${mrkdwn(task.accountName, 60)}: ${mrkdwn(task.title, 200)}`,
    blocks: [...toldBlocks(drawn, place), ...(task.doneAt === null ? fitting([task], place, drawn) : [])],
  };
}

type Place = Omit<TaskPlace, 'taskId'>;

function late(overdue: number): string {
  return overdue === 0 ? '' : `, ${formatNumber(overdue)} overdue`;
}

function toldBlocks({ told }: TaskContext, place: Place): KnownBlock[] {
  if (!told) return [];
  if (told.reopen === null) return [section(told.text)];
  const value = writeTaskPlace({ taskId: told.reopen, ...place });
  return [{ ...section(told.text), accessory: button(REOPEN_TASK, 'Reopen', value) }];
}

/** Titles are cut shorter where the tasks would not fit otherwise. */
function fitting(tasks: readonly Task[], place: Place, drawn: TaskContext): KnownBlock[] {
  const tries = [300, 120, 50].map((most) => tasks.flatMap((task) => taskBlocks(task, place, most, drawn)));
  return tries.find((blocks) => Buffer.byteLength(JSON.stringify(blocks)) <= MOST_BYTES) ?? tries.at(-1) ?? [];
}

function taskBlocks(task: Task, place: Place, most: number, { pack, today }: TaskContext): KnownBlock[] {
  const facts = [
    dueWords(task.due, today),
    ...(place.list === 'mine' ? [] : [assigneeWords(task)]),
    originWords(task, pack),
  ];
  return [
    section(`*${mrkdwn(task.accountName, 60)}* · ${mrkdwn(task.title, most)}\n${facts.join(' · ')}`),
    controls(task, writeTaskPlace({ taskId: task.id, ...place })),
  ];
}

function dueWords(due: string | null, today: string): string {
  if (due === null) return 'no date';
  if (due === today) return '*due today*';
  const day = `${formatDay(due)} (${formatDistance(due, today)})`;
  return due < today ? `⚠️ *overdue*, was due ${day}` : `due ${day}`;
}

function assigneeWords({ assigneeEmail }: Task): string {
  return assigneeEmail === null ? 'nobody has it' : `for ${mrkdwn(assigneeEmail, 60)}`;
}

function originWords({ indicator, createdBy }: Task, pack: AlertPack): string {
  if (indicator !== null) return `from the alert ${mrkdwn(indicatorName(pack, indicator), 60)}`;
  return createdBy === null ? 'from a rule' : `from ${personLabel(createdBy)}`;
}

function controls({ due }: Task, place: string): ActionsBlock {
  return {
    type: 'actions',
    block_id: place,
    elements: [
      button(FINISH_TASK, 'Done', place),
      {
        type: 'datepicker',
        action_id: SET_TASK_DUE,
        placeholder: plainText('Due date'),
        ...(due !== null && { initial_date: due }),
      },
      { type: 'users_select', action_id: ASSIGN_TASK, placeholder: plainText('Give to') },
    ],
  };
}

function pager(list: TaskListKind, page: number, pages: number): KnownBlock[] {
  const to = (other: number) => writeTaskPlace({ taskId: 0, list, page: other });
  const turns = [
    ...(page > 1 ? [button(PREVIOUS_TASKS, 'Previous page', to(page - 1))] : []),
    ...(page < pages ? [button(NEXT_TASKS, 'Next page', to(page + 1))] : []),
  ];
  return [context(`Page ${page} of ${pages}`), buttons(...turns)];
}
