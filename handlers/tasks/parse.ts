import { addDays } from '../../src/days.ts';
import { UserError } from '../../src/errors.ts';

/** What somebody wants of the tasks. `words` are account and title; `due` null is no date. */
export type TasksRequest =
  | { kind: 'list'; list: 'mine' | 'all' }
  | { kind: 'add'; words: string; quoted: string | null; due: string | null };

const examples =
  'I understand `/cs tasks`, `/cs tasks all` and `/cs tasks add acme Call them by friday`; a name of several words goes in quotes, as in `/cs tasks add "Acme Corp" Call them by 2026-12-01`.';
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Reads what follows `/cs tasks`, as of the day `today`. Throws a UserError that says what can. */
export function parseTasksRequest(input: string, today: string): TasksRequest {
  const text = input
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (text === '' || /^mine$/i.test(text)) return { kind: 'list', list: 'mine' };
  if (/^all$/i.test(text)) return { kind: 'list', list: 'all' };
  const [, added] = /^add (.+)$/i.exec(text) ?? [];
  if (added === undefined) throw new UserError(examples);
  const { words, due } = readDue(added, today);
  const [, quoted, title] = /^["'“”„‘’«»](.+?)["'“”„‘’«»] ?(.*)$/u.exec(words) ?? [];
  if (quoted !== undefined && title === '') throw new UserError(`What is to be done? ${examples}`);
  if (quoted === undefined && !words.includes(' ')) throw new UserError(`What is to be done? ${examples}`);
  return { kind: 'add', words: title ?? words, quoted: quoted ?? null, due };
}

/** Takes `by friday` off the end. Words after `by` that are no day belong to the title. */
function readDue(text: string, today: string): { words: string; due: string | null } {
  const [, words, day] = /^(.+) by (\S+(?: \S+){0,2})$/i.exec(text) ?? [];
  const due = day === undefined ? null : dayOf(day.toLowerCase(), today);
  if (words === undefined || due === null) return { words: text, due: null };
  if (due < today) throw new UserError(`${due} is past; give me a day to come, as in \`by ${addDays(today, 7)}\`.`);
  return { words, due };
}

function dayOf(word: string, today: string): string | null {
  if (/^\d{4}-\d{2}-\d{2}$/.test(word)) {
    if (new Date(`${word}T00:00:00Z`).toJSON()?.startsWith(word)) return word;
    throw new UserError(`There is no day ${word}; write it as in \`by 2026-12-01\`.`);
  }
  if (word === 'today') return today;
  if (word === 'tomorrow') return addDays(today, 1);
  const [, count, unit] = /^(?:in )?(\d{1,3}) ?(d|days?|w|weeks?)$/.exec(word) ?? [];
  if (count !== undefined) return addDays(today, Number(count) * (unit?.startsWith('w') ? 7 : 1));
  const next = word.replace(/^(?:next|this|on) /, '');
  if (next === 'week') return addDays(today, 7);
  const wanted = next.length < 3 ? -1 : weekdays.findIndex((name) => name.startsWith(next));
  if (wanted < 0) return null;
  const ahead = (wanted - new Date(`${today}T00:00:00Z`).getUTCDay() + 7) % 7;
  return addDays(today, ahead === 0 ? 7 : ahead);
}
