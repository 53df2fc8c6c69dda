import type { AccountKeys } from '../../src/db/health-view.ts';
import { UserError } from '../../src/errors.ts';

/** How far back an explanation looks: days before the newest score, or a calendar day. */
export type Period = { days: number } | { day: string };

/** What somebody typed after `/health`. */
export type HealthRequest =
  | { kind: 'mine' }
  | { kind: 'help' }
  /** `text` is what was meant, without Slack's own markup; `why` asks for the explanation instead of the card. */
  | ({ kind: 'account'; why: Period | null } & NamedAccount)
  /**
   * What can be meant by words with `trend` in them, the last `trend` first: an account, and what follows. `whole` is the
   * account that all of the words would name; `null` where quotes rule that out.
   */
  | { kind: 'trend'; readings: { account: NamedAccount; rest: string }[]; whole: NamedAccount | null };

/** An account as somebody named it. */
export type NamedAccount = { text: string; keys: AccountKeys };

const MAX_DAYS = 366;
/** Longer than any id; a name that long is found by its beginning. */
const MAX_TEXT = 255;
/** In no name the word stands oftener. */
const MOST_READINGS = 4;
/** How far back when nobody says. */
export const usualPeriod: Period = { days: 7 };

/** Reads the words after the command. Throws a UserError when the period makes no sense. */
export function parseHealthRequest(input: string): HealthRequest {
  const text = input
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (text === '') return { kind: 'mine' };
  if (/^help$/i.test(text)) return { kind: 'help' };
  if (/^["'“”„‘’«» ]+$/u.test(text))
    throw new UserError('There is no name between the quotes; put one there, as in `/health "Acme Corp"`.');
  const trend = readTrend(text);
  if (trend) return trend;
  const match =
    /^["'“”„‘’«»](.+?)["'“”„‘’«»](\s+why(?:\s+(\S.*))?)?$/iu.exec(text) ?? /^(.+?)(\s+why(?:\s+(\S.*))?)?$/i.exec(text);
  const [, account = text, why, period] = match ?? [];
  return { kind: 'account', ...readAccount(account), why: why === undefined ? null : readPeriod(period) };
}

/** An account's name may have the word in it, so each place where it stands is a way to read it. */
function readTrend(text: string): HealthRequest | null {
  const quoted = /^["'“”„‘’«»](.+?)["'“”„‘’«»]\s+trends?(?:\s+(.*))?$/iu.exec(text);
  if (quoted)
    return {
      kind: 'trend',
      readings: [{ account: readAccount(quoted[1] ?? ''), rest: quoted[2] ?? '' }],
      whole: null,
    };
  const places = [...text.matchAll(/\s+trends?(?=\s|$)/gi)].slice(-MOST_READINGS).reverse();
  const readings = places.flatMap((match) => {
    const rest = text.slice(match.index + match[0].length).trim();
    return /^why\b/i.test(rest) ? [] : [{ account: readAccount(text.slice(0, match.index)), rest }];
  });
  if (readings.length === 0) return null;
  const whole = readAccount(text);
  // The host of an address at the beginning would name the account without the rest.
  return { kind: 'trend', readings, whole: { ...whole, keys: { ...whole.keys, channel: null, domain: null } } };
}

function readPeriod(words: string | undefined): Period {
  if (words === undefined) return usualPeriod;
  const days = /^(\d{1,4}) ?d(?:ays?)?$/i.exec(words);
  if (days) {
    const count = Number(days[1]);
    if (count >= 1 && count <= MAX_DAYS) return { days: count };
    throw new UserError(`I can look back from 1 to ${MAX_DAYS} days, as in \`why 30d\`.`);
  }
  if (/^\d{4}-\d{2}-\d{2}$/.test(words) && new Date(`${words}T00:00:00Z`).toJSON()?.startsWith(words))
    return { day: words };
  throw new UserError(
    'After `why` I understand a number of days such as `7d` or `30d`, or a date such as `2026-11-01`. ' +
      'If the word belongs to the name, put the name in quotes: `/health "The Why Company"`.',
  );
}

/** An account as its words name it, without Slack’s own markup. */
export function readAccount(words: string): NamedAccount {
  const channel = /^<#([CG][A-Z0-9]+)(?:\|([^>]*))?>$/.exec(words);
  const text = channel ? channel[2] || (channel[1] ?? '') : unmark(words).slice(0, MAX_TEXT).toWellFormed();
  const lower = text.toLowerCase();
  return {
    text,
    keys: {
      id: channel ? null : text,
      channel: channel?.[1] ?? null,
      domain: channel ? null : domainOf(lower),
      alias: channel ? null : lower,
      name: channel ? null : text,
    },
  };
}

/** Slack escapes three characters, and makes links of addresses: `<http://acme.com|acme.com>`. */
function unmark(words: string): string {
  return words
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/<(?:https?:\/\/|mailto:)[^<>|]*\|([^<>]+)>/g, '$1')
    .replace(/<(?:mailto:)?([^<>|\s]+[@.][^<>|\s]+)\|?>/g, '$1')
    .replace(/^#(?=\S)/, '')
    .trim();
}

/** The host of an address or of somebody's email, without `www.`; the words themselves when they are neither. */
function domainOf(words: string): string {
  const host = words
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/^[^@/\s]+@/, '')
    .replace(/[/?#].*$/, '')
    .replace(/:\d+$/, '')
    .replace(/\.$/, '');
  return host.replace(/^www\./, '') || words;
}
