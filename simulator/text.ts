import type { Workspace } from './workspace.ts';

/** Escapes the three characters that Slack escapes. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const TOKEN = /(<(?:@[UW][A-Z0-9]+(?:\|[^<>]*)?|#C[A-Z0-9]+(?:\|[^<>]*)?|!(?:here|channel|everyone))>)/;

/** What a person typed, as Slack stores it: escaped, and its mentions, channels and addresses made tokens. `named` adds
 *  names to mentions, as in the text of a command that asks to be escaped. */
export function typedText(text: string, workspace: Workspace, { named = false } = {}): string {
  return text
    .split(TOKEN)
    .map((part) => (TOKEN.test(part) ? part : tokenise(escapeText(part), workspace, named)))
    .join('');
}

const BEFORE = '(^|[\\s(])';
const DOMAIN = '(?:[a-z0-9-]+\\.)+(?:com|org|net|io|dev|app|co|ai|eu|uk|de|fr|es|se|nl)';
const RULES = {
  broadcast: new RegExp(`${BEFORE}@(here|channel|everyone)\\b`, 'g'),
  user: new RegExp(`${BEFORE}@([a-z0-9._-]*[a-z0-9])`, 'g'),
  channel: new RegExp(`${BEFORE}#([a-z0-9_-]+)`, 'g'),
  url: new RegExp(`${BEFORE}(https?://[^\\s<>]+)`, 'g'),
  email: new RegExp(`${BEFORE}([\\w.+-]+@${DOMAIN})\\b(?![\\w./-])`, 'gi'),
  domain: new RegExp(`${BEFORE}(${DOMAIN}(?:/[^\\s<>)]*)?)(?![\\w.-])`, 'gi'),
};

function tokenise(text: string, workspace: Workspace, named: boolean): string {
  return text
    .replaceAll(RULES.broadcast, '$1<!$2>')
    .replaceAll(RULES.user, (all, before: string, name: string) => {
      const user = workspace.users.find((each) => each.name === name && !each.deleted);
      return user ? `${before}<@${user.id}${named ? `|${name}` : ''}>` : all;
    })
    .replaceAll(RULES.channel, (all, before: string, name: string) => {
      const channel = workspace.channels.find((each) => each.name === name);
      return channel ? `${before}<#${channel.id}|${name}>` : all;
    })
    .replaceAll(RULES.url, '$1<$2>')
    .replaceAll(RULES.email, '$1<mailto:$2|$2>')
    .replaceAll(RULES.domain, '$1<http://$2|$2>');
}

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
