import { UserError } from '../../src/errors.ts';
import { unescaped } from '../metrics/words.ts';

/** A channel as somebody named it: by id, or by its name where Slack does not know which is meant. */
export type NamedChannel = { id: string } | { name: string };

/** What somebody wants of channels and accounts. `account` null: the channel is no account's. */
export type LinkRequest =
  | { kind: 'list' }
  | { kind: 'show'; channel: NamedChannel }
  | { kind: 'link'; channel: NamedChannel; account: string | null };

const examples =
  'I understand `/cs link` (channels without an account), `/cs link #acme-shared acme` and `/cs link #acme-shared none`.';

/** Reads what follows `/cs link`. Throws a UserError that says what can. */
export function parseLinkRequest(input: string): LinkRequest {
  const text = input.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (text === '') return { kind: 'list' };
  const [, id, name, rest] = /^(?:<#([CG][A-Z0-9]{2,})(?:\|[^>]*)?>|(?:&lt;)?(\S+))(?: (.+))?$/.exec(text) ?? [];
  const channel = id === undefined ? channelOf(name ?? '') : { id };
  if (rest === undefined) return { kind: 'show', channel };
  return { kind: 'link', channel, account: /^(?:none|nobody)$/i.test(rest) ? null : rest };
}

function channelOf(word: string): NamedChannel {
  if (/^[CG][A-Z0-9]{7,}$/.test(word)) return { id: word };
  const name = unescaped(word).replace(/^#/, '').toLowerCase();
  if (name === '' || /[<>@|"'“”]/.test(name)) throw new UserError(`Name a channel first. ${examples}`);
  return { name };
}
