import type { PageChannel, PageUser, SlashCommand } from '../types.ts';
import { emojiCharacter, searchEmoji } from './emoji.ts';

const MOST = 6;
const EVERYBODY = [
  { key: '@here', label: 'here', detail: 'Notifies everyone here who is active' },
  { key: '@channel', label: 'channel', detail: 'Notifies everyone here' },
];

export type Suggestion = { key: string; label: string; detail: string; text: string };

/** What the composer offers for what is typed: commands after `/`, people after `@`, channels after `#`, emoji after `:`. */
export function suggest(
  text: string,
  on: { commands: SlashCommand[]; people: PageUser[]; channels: PageChannel[] },
): Suggestion[] {
  if (/^\/\S*$/.test(text)) {
    return on.commands
      .filter(({ command }) => command.startsWith(text.toLowerCase()))
      .map(({ command, usage_hint, description }) => ({
        key: command,
        label: `${command} ${usage_hint ?? ''}`.trim(),
        detail: description,
        text: `${command} `,
      }));
  }
  const [, mark, typed] = /(?:^|\s)([@#:])(\S*)$/.exec(text) ?? [];
  if (mark === undefined || typed === undefined) return [];
  const before = text.slice(0, text.length - typed.length);
  if (mark === ':') {
    if (typed.length < 2 || typed.includes(':')) return [];
    return searchEmoji(typed)
      .slice(0, MOST)
      .map((name) => ({
        key: name,
        label: emojiCharacter(name) ?? '',
        detail: `:${name}:`,
        text: `${before}${name}: `,
      }));
  }
  const names =
    mark === '@'
      ? [...on.people.map(({ id, real_name, title }) => ({ key: id, label: real_name, detail: title })), ...EVERYBODY]
      : on.channels.map(({ id, name, topic }) => ({ key: id, label: name, detail: topic }));
  return names
    .filter(({ label }) => label !== '' && label.toLowerCase().includes(typed.toLowerCase()))
    .slice(0, MOST)
    .map((one) => ({ ...one, text: `${before}${one.label} ` }));
}
