import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ASSIGN_TASK,
  FINISH_TASK,
  NEXT_TASKS,
  PREVIOUS_TASKS,
  REOPEN_TASK,
  readTaskPlace,
  SET_TASK_DUE,
  TASKS_PAGE_SIZE,
  taskCard,
  taskList,
  writeTaskPlace,
} from '../../../blocks/task-list.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import type { Task } from '../../../src/db/tasks.ts';
import { hostileText } from '../../hostile.ts';
import { makeIndicator, makeIndicators } from '../../indicators.ts';
import { createTestPlaybook } from '../../playbook.ts';

const pack = { ...createTestPlaybook(), indicators: makeIndicators([makeIndicator()]) };
const today = '2026-11-24';
const drawn = { pack, today, told: null };

function task(overrides: Partial<Task> = {}): Task {
  const origin = { indicator: null, alertId: null, createdBy: 'U01MAYALIND', doneAt: null, doneBy: null };
  const whose = { assigneeEmail: 'maya@bellwether.example', due: null };
  return { id: 3, accountId: 'acme', accountName: 'Acme', title: 'Call them', ...whose, ...origin, ...overrides };
}
const list = (tasks: Task[], rest = {}, given: Parameters<typeof taskList>[1] = drawn) =>
  taskList({ tasks, total: tasks.length, overdue: 0, list: 'mine', page: 1, ...rest }, given);
const texts = (blocks: unknown) => JSON.stringify(blocks);
const idsIn = (blocks: unknown) => texts(blocks).match(/(?<="action_id":")[^"]+/g) ?? [];

describe('taskList', () => {
  it.each([
    [{ due: '2026-11-20' }, '⚠️ *overdue*, was due 20 Nov 2026 (4 days ago) · from <@U01MAYALIND>'],
    [{ due: today }, '*due today* · from <@U01MAYALIND>'],
    [{ due: '2026-11-26' }, 'due 26 Nov 2026 (in 2 days) · from <@U01MAYALIND>'],
    [{ indicator: 'few_logins', createdBy: null }, 'no date · from the alert Few logins'],
    [{ createdBy: null }, 'no date · from a rule'],
  ])('says of %o when it is due and where it comes from', (given, line) => {
    expect(list([task(given)]).blocks[1]).toMatchObject({ text: { text: `*Acme* · Call them\n${line}` } });
  });

  it('has Done, a calendar and people beside each, that know the task and the list', () => {
    const { blocks } = list([task({ due: today })], { list: 'all', page: 2 });
    expect(idsIn(blocks)).toEqual([FINISH_TASK, SET_TASK_DUE, ASSIGN_TASK]);
    expect(blocks[2]).toMatchObject({ block_id: 'task 3 all 2', elements: [{}, { initial_date: today }, {}] });
    expect(readTaskPlace('task 3 all 2')).toEqual({ taskId: 3, list: 'all', page: 2 });
    expect(readTaskPlace(writeTaskPlace({ taskId: 9, list: 'one', page: 1 }))?.taskId).toBe(9);
    for (const other of ['', 'task', 'task x mine 1', 'task 3 theirs 1']) expect(readTaskPlace(other)).toBeNull();
  });

  it('tells whose they are only where they may be anybody’s', () => {
    expect(texts(list([task()]))).not.toContain('for maya');
    expect(texts(list([task()], { list: 'all' }))).toContain('for maya@bellwether.example');
    expect(texts(list([task({ assigneeEmail: null })], { list: 'all' }))).toContain('nobody has it');
  });

  it('counts, turns pages, and says when nothing is left', () => {
    const { text, blocks } = list([task()], { total: 2 * TASKS_PAGE_SIZE + 1, overdue: 4, page: 2 });
    expect(text.split('\n')[0]).toBe('Your tasks: 17 open, 4 overdue');
    expect(idsIn(blocks).slice(-2)).toEqual([PREVIOUS_TASKS, NEXT_TASKS]);
    expect(texts(blocks)).toContain('Page 2 of 3');
    expect(texts(list([]))).toContain('Nothing is left for you to do');
  });

  it('tells what was just done, with a way back', () => {
    const { blocks } = list([], {}, { ...drawn, told: { text: 'Done: it.', reopen: 3 } });
    expect(blocks[0]).toMatchObject({ accessory: { action_id: REOPEN_TASK, value: 'task 3 mine 1' } });
  });
});

describe('every list of tasks', () => {
  it('fits into a Slack message and is inert for any words', () => {
    const text = hostileText(500);
    fc.assert(
      fc.property(text, text, text, (accountName, title, email) => {
        const one = task({ accountName, title, assigneeEmail: email, indicator: title, createdBy: email, due: today });
        const many = Array.from({ length: TASKS_PAGE_SIZE }, (_, index) => ({ ...one, id: index }));
        const told = { text: 'Done.', reopen: 1 };
        const messages = [
          list(many, { total: 100, list: 'all', page: 2 }, { ...drawn, told }),
          taskCard(one, { ...drawn, told }),
          taskCard({ ...one, indicator: null, doneAt: new Date() }, { ...drawn, told }),
        ];
        for (const message of messages) {
          expect(checkBlocks(message.blocks, () => true)).toMatchObject({ ok: true });
          expect(texts(message)).not.toMatch(/<[!@#h]/);
          expect(Buffer.byteLength(message.text + texts(message.blocks))).toBeLessThan(12_000);
        }
      }),
      { numRuns: 30 },
    );
  });
});
