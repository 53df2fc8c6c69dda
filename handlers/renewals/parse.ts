import { UserError } from '../../src/errors.ts';

/** What somebody wants to see of renewals. */
export type RenewalsRequest = { list: 'mine' | 'all'; months: number };

/** What somebody says of a contract, in one of the ways that the words can be read. */
export type RenewReading = {
  account: string;
  state: 'renewed' | 'lost' | 'moved';
  date: string | null;
  note: string | null;
};

const usualMonths = 4;
const mostMonths = 36;
/** Longer ones are cut. */
const mostNote = 1000;
/** No name has the words oftener. */
const mostReadings = 4;

const listExamples =
  'I understand `/cs renewals`, `/cs renewals all`, `/cs renewals next 6 months` and `/cs renewals all next 6 months`.';
/** What can be said with `/cs renew`. */
export const renewExamples =
  'I understand `/cs renew acme renewed`, `/cs renew acme renewed 2028-08-31 two years`, `/cs renew acme lost chose another` and `/cs renew acme moved 2027-10-01`; a name that has such a word in it goes in quotes.';

/** Reads what follows `/cs renewals`. Throws a UserError that says what can. */
export function parseRenewalsRequest(input: string): RenewalsRequest {
  const text = tidy(input).toLowerCase();
  const match = /^(mine|all)?(?: ?(?:(?:the )?next )?(\d{1,3}) ?(?:m|months?))?$/.exec(text);
  if (!match) throw new UserError(listExamples);
  const months = match[2] === undefined ? usualMonths : Number(match[2]);
  if (months < 1 || months > mostMonths) throw new UserError(`I can look ahead from 1 to ${mostMonths} months.`);
  return { list: match[1] === 'all' ? 'all' : 'mine', months };
}

/** Reads what follows `/cs renew`, as of `today`: the likeliest way first. Throws a UserError that says what can be said. */
export function parseRenewRequest(input: string, today: string): RenewReading[] {
  const text = tidy(input);
  const quoted = /^["'“”„‘’«»](.+?)["'“”„‘’«»] (renewed|lost|moved)\b ?(.*)$/iu.exec(text);
  if (quoted) return [reading(quoted[1] ?? '', quoted[2] ?? '', quoted[3] ?? '', today)];
  const places = [...text.matchAll(/(?<= )(?:renewed|lost|moved)(?= |$)/gi)].slice(0, mostReadings);
  if (places.length === 0) throw new UserError(renewExamples);
  const found: RenewReading[] = [];
  let fault: unknown = null;
  for (const match of places) {
    try {
      const rest = text.slice(match.index + match[0].length).trim();
      found.push(reading(text.slice(0, match.index).trim(), match[0], rest, today));
    } catch (error) {
      // Another place of such a word may be the one that was meant.
      fault ??= error;
    }
  }
  if (found.length === 0) throw fault;
  return found;
}

function reading(account: string, word: string, rest: string, today: string): RenewReading {
  const state = word.toLowerCase() as RenewReading['state'];
  const [, written, after = ''] = /^(?:(?:to|until|on) )?(\d{4}-\d{1,2}-\d{1,2})(?: (.*))?$/.exec(rest) ?? [];
  if (state === 'lost') return { account, state, date: null, note: noteOf(rest) };
  if (written === undefined && state === 'moved')
    throw new UserError(`To which date? Write it as in \`/cs renew ${account} moved 2027-10-01\`.`);
  if (written === undefined) return { account, state, date: null, note: noteOf(rest) };
  return { account, state, date: readDate(written, today), note: noteOf(after) };
}

/** A day that there is, not past and not more than ten years ahead. Throws a UserError. */
export function readDate(written: string, today: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(written) || !new Date(`${written}T00:00:00Z`).toJSON()?.startsWith(written))
    throw new UserError(`There is no day ${written}; write it as in 2027-10-01.`);
  if (written < today) throw new UserError(`${written} is past; give me a day to come.`);
  if (Number(written.slice(0, 4)) > Number(today.slice(0, 4)) + 10)
    throw new UserError(`${written} is more than ten years ahead; give me an earlier day.`);
  return written;
}

function noteOf(text: string): string | null {
  const note = text.trim().slice(0, mostNote).toWellFormed();
  return note === '' ? null : note;
}

function tidy(input: string): string {
  return input
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}
