import { UserError } from '../../src/errors.ts';

/** What somebody wants of tickets; `number` is the help desk's. */
export type TicketsRequest = { kind: 'list'; list: 'mine' | 'all' } | { kind: 'show'; number: string };

/** Reads what follows `/cs tickets`. Throws a UserError that says what can. */
export function parseTicketsRequest(input: string): TicketsRequest {
  const text = input.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (text === '' || /^mine$/i.test(text)) return { kind: 'list', list: 'mine' };
  if (/^all$/i.test(text)) return { kind: 'list', list: 'all' };
  const [, number] = /^#? ?(\d{1,15})$/.exec(text) ?? [];
  if (number === undefined)
    throw new UserError('I understand `/cs tickets` (yours), `/cs tickets all` and `/cs tickets #12`.');
  return { kind: 'show', number: String(Number(number)) };
}
