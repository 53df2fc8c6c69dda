import type { Person } from './workspace.ts';

/** Escapes the three characters that Slack escapes. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const TOKEN = /(<(?:@[UW][A-Z0-9]+|#C[A-Z0-9]+(?:\|[^<>]*)?|!(?:here|channel|everyone))>)/;

/** What a person typed, as Slack stores it: escaped, with @name, @here and web addresses made tokens. */
export function typedText(text: string, users: readonly Person[]): string {
  return text
    .split(TOKEN)
    .map((part) => (TOKEN.test(part) ? part : tokenise(escapeText(part), users)))
    .join('');
}

const tokenise = (text: string, users: readonly Person[]) =>
  text
    .replaceAll(/(^|[\s(])@(here|channel|everyone)\b/g, '$1<!$2>')
    .replaceAll(/(^|[\s(])@([a-z0-9._-]+)/g, (all, before: string, name: string) => {
      const user = users.find((each) => each.name === name && !each.deleted);
      return user ? `${before}<@${user.id}>` : all;
    })
    .replaceAll(/(^|[\s(])(https?:\/\/[^\s<>]+)/g, '$1<$2>');

/** Whom a message notifies: `!channel`, `@U...`, `!subteam^S...`, each once. Plain text never does. */
export function pingsOf(text: string, blocks: unknown): string[] {
  const found = new Set(pingsInText(text));
  for (const node of nodes(blocks)) {
    if ((node.type === 'mrkdwn' || node.type === 'markdown') && typeof node.text === 'string') {
      for (const ping of pingsInText(node.text)) found.add(ping);
    }
    if (node.type === 'broadcast') found.add(`!${node.range}`);
    if (node.type === 'user') found.add(`@${node.user_id}`);
    if (node.type === 'usergroup') found.add(`!subteam^${node.usergroup_id}`);
  }
  return [...found];
}

const pingsInText = (text: string) =>
  [...text.matchAll(/<(@[UW][A-Z0-9]+|!(?:here|channel|everyone|group)|!subteam\^S[A-Z0-9]+)(?:\|[^<>]*)?>/g)].map(
    (match) => match[1] ?? '',
  );

function* nodes(value: unknown): Generator<Record<string, unknown>> {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const child of Object.values(value)) yield* nodes(child);
}
