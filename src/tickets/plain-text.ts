/** What people and channels that a text mentions are called, by id. */
export type Names = ReadonlyMap<string, string>;

const token = /<([^<>\n]*)>/g;
const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/** The ids of the people whom a text mentions without their names. */
export function mentionedPeople(markup: string): string[] {
  const ids = [...markup.matchAll(token)].flatMap(([, inner = '']) => /^@([UW][A-Z0-9]+)$/.exec(inner)?.[1] ?? []);
  return [...new Set(ids)];
}

/**
 * A text of Slack's as people read it: mentions and channels by name, links with their address, and what Slack escapes as it
 * was written. Emoji and formatting stay as they were typed.
 */
export function plainText(markup: string, names: Names): string {
  // What stands in a token is put in as it is: nothing that somebody typed becomes a token by being unescaped.
  return markup
    .split(token)
    .map((part, index) => (index % 2 === 1 ? wordsOf(part, names) : unescaped(part)))
    .join('')
    .replaceAll('\r\n', '\n');
}

function wordsOf(inner: string, names: Names): string {
  const bar = inner.indexOf('|');
  const target = bar === -1 ? inner : inner.slice(0, bar);
  const label = unescaped(bar === -1 ? '' : inner.slice(bar + 1)).trim();
  const sign = target[0];
  if (sign === '@') return `@${label || names.get(target.slice(1)) || target.slice(1)}`;
  if (sign === '#') return `#${label || names.get(target.slice(1)) || target.slice(1)}`;
  if (sign === '!') return special(target.slice(1), label);
  const address = unescaped(target);
  const bare = address.replace(/^(?:mailto:|tel:|https?:\/\/)/, '');
  if (label === '' || label === address) return /^(?:mailto|tel):/.test(address) ? bare : address;
  return label === bare || label === bare.replace(/\/$/, '') ? label : `${label} (${address})`;
}

function special(target: string, label: string): string {
  if (target.startsWith('subteam^')) return label || '@group';
  if (target.startsWith('date^')) return label || '(a date)';
  return label || `@${target.split('^', 1)[0]}`;
}

function unescaped(text: string): string {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => entities[entity] ?? entity);
}
