import { canSee, type Workspace } from './workspace.ts';

/** Escapes the three characters that Slack escapes. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const TOKEN = /(<(?:@[UW][A-Z0-9]+(?:\|[^<>]*)?|#C[A-Z0-9]+(?:\|[^<>]*)?|!(?:here|channel|everyone))>)/;

type Typing = {
  workspace: Workspace;
  /** Who types: nobody can name a channel that they do not see. */
  user: string;
  /** Adds names to mentions, as in the text of a command that asks to be escaped. */
  named?: boolean;
  /** Typed at a keyboard, so that a `<!channel>` in it is only text; else such tokens are taken as they are. */
  literal?: boolean;
};

/** What a person typed, as Slack stores it: escaped, and names after @ and #, addresses and the like made tokens. */
export function typedText(text: string, typing: Typing): string {
  if (typing.literal) return tokenise(escapeText(text), typing);
  return text
    .split(TOKEN)
    .map((part) => (TOKEN.test(part) ? part : tokenise(escapeText(part), typing)))
    .join('');
}

const BEFORE = '(^|[\\s(])';
const DOMAIN = '(?:[a-z0-9-]+\\.)+(?:com|org|net|io|dev|app|co|ai|eu|uk|de|fr|es|se|nl)';
const RULES = {
  url: new RegExp(`${BEFORE}(https?://[^\\s<>]+)`, 'g'),
  email: new RegExp(`${BEFORE}([\\w.+-]+@${DOMAIN})\\b(?![\\w./-])`, 'gi'),
  domain: new RegExp(`${BEFORE}(${DOMAIN}(?:/[^\\s<>)]*)?)(?![\\w.-])`, 'gi'),
};

function tokenise(text: string, typing: Typing): string {
  const mentions = mentionsOf(typing);
  const longestFirst = [...mentions.keys()]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const known = new RegExp(`(?<![^\\s("'*_~[])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}_-])`, 'giu');
  return text
    .replace(known, (name) => mentions.get(name.toLowerCase()) ?? name)
    .replaceAll(RULES.url, '$1<$2>')
    .replaceAll(RULES.email, '$1<mailto:$2|$2>')
    .replaceAll(RULES.domain, '$1<http://$2|$2>');
}

/** What can be named, in small letters and escaped as the text is: people by either name, channels, everybody. */
function mentionsOf({ workspace, user, named = false }: Typing): Map<string, string> {
  const people = workspace.users.filter(({ deleted }) => !deleted);
  const channels = workspace.channels.filter(
    (channel) => (channel.kind === 'channel' || channel.kind === 'private') && canSee(workspace, channel, user),
  );
  const entries = [
    ...['here', 'channel', 'everyone'].map((range) => [`@${range}`, `<!${range}>`]),
    ...people.flatMap(({ id, name, real_name }) =>
      [real_name, name].map((called) => [`@${called}`, named ? `<@${id}|${name}>` : `<@${id}>`]),
    ),
    ...channels.map(({ id, name }) => [`#${name}`, `<#${id}|${name}>`]),
  ] as [string, string][];
  return new Map(entries.map(([name, token]) => [escapeText(name).toLowerCase(), token]));
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
