import type { PageUser, SlashCommand } from '../types.ts';
import { escapeSlack } from './mrkdwn.ts';

export type Suggestion = { key: string; label: string; detail: string; text: string };

/** What the composer offers for what is typed before the caret: commands after `/`, people after `@`. */
export function suggest(text: string, commands: SlashCommand[], people: PageUser[]): Suggestion[] {
  if (/^\/\S*$/.test(text)) {
    return commands
      .filter(({ command }) => command.startsWith(text.toLowerCase()))
      .map(({ command, usage_hint, description }) => ({
        key: command,
        label: `${command} ${usage_hint ?? ''}`.trim(),
        detail: description,
        text: `${command} `,
      }));
  }
  const mention = /(?:^|\s)@(\S*)$/.exec(text);
  if (mention?.[1] === undefined || text.startsWith('/')) return [];
  const wanted = mention[1].toLowerCase();
  return people
    .filter(({ real_name, name }) => `${real_name} ${name}`.toLowerCase().includes(wanted))
    .slice(0, 6)
    .map(({ id, real_name, title }) => ({
      key: id,
      label: real_name,
      detail: title,
      text: `${text.slice(0, text.length - wanted.length)}${real_name} `,
    }));
}

/** Typed text as Slack's composer sends it: escaped, names after @ and # turned into mentions. */
export function encodeText(text: string, people: PageUser[], channels: { id: string; name: string }[]): string {
  const names = new Map<string, string>([
    ['@channel', '<!channel>'],
    ['@here', '<!here>'],
    ['@everyone', '<!everyone>'],
    ...people.map(({ id, real_name }) => [`@${escapeSlack(real_name)}`, `<@${id}>`] as const),
    ...channels.map(({ id, name }) => [`#${escapeSlack(name)}`, `<#${id}>`] as const),
  ]);
  const longestFirst = [...names.keys()]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const known = new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}])`, 'gu');
  return escapeSlack(text).replace(known, (name) => names.get(name) ?? name);
}
