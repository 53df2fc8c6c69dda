import type { RichTextBlock, RichTextBlockElement, RichTextElement, RichTextLink, RichTextText } from '@slack/types';
import { emojiCharacter } from './emoji.ts';

type TextStyle = NonNullable<RichTextText['style']>;
type Marker = '*' | '_' | '~';

const STYLE_OF: Record<Marker, keyof TextStyle> = { '*': 'bold', _: 'italic', '~': 'strike' };
const BARE_LINK = /^https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"\]]/;
const SAFE_LINK = /^(https?|mailto|tel|slack):/i;

/** Undoes Slack's three escapes, once: `&amp;lt;` becomes `&lt;`. */
export function unescapeSlack(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_, name: string) => (name === 'amp' ? '&' : name === 'lt' ? '<' : '>'));
}

/** True for links the page may open; javascript: and the like are not. */
export function isSafeLink(url: string): boolean {
  return SAFE_LINK.test(url);
}

/**
 * Slack's mrkdwn as a rich_text block. Escapes are undone only after the markup was read, so that an escaped
 * `&lt;!channel&gt;` stays text.
 */
export function parseMrkdwn(source: string): RichTextBlock {
  const elements: RichTextBlockElement[] = [];
  const fence = /```\n?([\s\S]+?)\n?```/g;
  let from = 0;
  for (const match of source.matchAll(fence)) {
    elements.push(...parseLines(source.slice(from, match.index)));
    elements.push({
      type: 'rich_text_preformatted',
      elements: [{ type: 'text', text: unescapeSlack(match[1] ?? '') }],
    });
    from = match.index + match[0].length;
  }
  elements.push(...parseLines(source.slice(from)));
  return { type: 'rich_text', elements };
}

/** Sections and quotes of text without fences. */
function parseLines(source: string): RichTextBlockElement[] {
  const elements: RichTextBlockElement[] = [];
  const add = (type: 'rich_text_section' | 'rich_text_quote', lines: string[]) => {
    const text = lines.join('\n').replace(/^\n|\n$/g, '');
    if (text !== '') elements.push({ type, elements: parseInline(text, {}) });
  };
  let plain: string[] = [];
  let quote: string[] = [];
  const lines = source.split('\n');
  for (const [index, line] of lines.entries()) {
    const quoted = /^(?:&gt;|>) ?(.*)/.exec(line);
    const rest = /^(?:&gt;|>){3} ?(.*)/.exec(line);
    if (quoted !== null) {
      add('rich_text_section', plain);
      plain = [];
    } else {
      add('rich_text_quote', quote);
      quote = [];
    }
    if (rest !== null) {
      add('rich_text_quote', [...quote, rest[1] ?? '', ...lines.slice(index + 1)]);
      return elements;
    }
    if (quoted !== null) quote.push(quoted[1] ?? '');
    else plain.push(line);
  }
  add('rich_text_section', plain);
  add('rich_text_quote', quote);
  return elements;
}

function parseInline(source: string, style: TextStyle): RichTextElement[] {
  const elements: RichTextElement[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') elements.push(styledText(unescapeSlack(text), style));
    text = '';
  };
  let at = 0;
  while (at < source.length) {
    const found = readSpan(source, at, style) ?? readToken(source, at, style);
    if (found === null) {
      text += source[at];
      at += 1;
    } else {
      flush();
      elements.push(...found.elements);
      at = found.end;
    }
  }
  flush();
  return elements;
}

type Found = { elements: RichTextElement[]; end: number };

/** Code, bold, italic and struck text that starts at `at`. */
function readSpan(source: string, at: number, style: TextStyle): Found | null {
  const marker = source[at];
  if (marker === '`') {
    const end = source.indexOf('`', at + 1);
    const inner = source.slice(at + 1, end);
    if (end < 0 || inner.trim() === '' || inner.includes('\n')) return null;
    return { elements: [styledText(unescapeSlack(inner), { ...style, code: true })], end: end + 1 };
  }
  if (marker !== '*' && marker !== '_' && marker !== '~') return null;
  const end = closingMarker(source, at, marker);
  if (end === null) return null;
  const inner = parseInline(source.slice(at + 1, end), { ...style, [STYLE_OF[marker]]: true });
  return { elements: inner, end: end + 1 };
}

/** Where the span opened at `at` ends: on the same line, at a word's edge, outside code and <...>. */
function closingMarker(source: string, at: number, marker: Marker): number | null {
  if (isWord(source[at - 1]) || isBlank(source[at + 1]) || source[at + 1] === marker) return null;
  for (let end = at + 1; end < source.length && source[end] !== '\n'; end += 1) {
    const closer = source[end] === '`' ? '`' : source[end] === '<' ? '>' : null;
    const skip = closer === null ? -1 : source.indexOf(closer, end + 1);
    if (skip > 0) end = skip;
    else if (source[end] === marker && !isBlank(source[end - 1]) && !isWord(source[end + 1])) return end;
  }
  return null;
}

/** A `<...>` token, an emoji or a bare link that starts at `at`. */
function readToken(source: string, at: number, style: TextStyle): Found | null {
  const rest = source.slice(at, at + 3100);
  if (rest.startsWith('<')) {
    const token = /^<([^<>\n]+)>/.exec(rest);
    if (token?.[1] === undefined) return null;
    return { elements: [parseToken(token[1], style)], end: at + token[0].length };
  }
  if (rest.startsWith(':')) {
    const name = /^:([a-z0-9_+-]+):/.exec(rest);
    const character = name?.[1] === undefined ? null : emojiCharacter(name[1]);
    if (name === null || character === null) return null;
    return { elements: [styledText(character, style)], end: at + name[0].length };
  }
  if (!rest.startsWith('http') || isWord(source[at - 1])) return null;
  const url = BARE_LINK.exec(rest)?.[0];
  return url === undefined ? null : { elements: [linkTo(url, undefined, style)], end: at + url.length };
}

function parseToken(token: string, style: TextStyle): RichTextElement {
  const bar = token.indexOf('|');
  const target = bar < 0 ? token : token.slice(0, bar);
  const label = bar < 0 ? undefined : token.slice(bar + 1);
  const group = /^!subteam\^(\w+)$/.exec(target);
  const date = /^!date\^(\d+)\^([^^]*)(?:\^(.+))?$/.exec(target);
  if (/^@[UW]\w+$/.test(target)) return { type: 'user', user_id: target.slice(1), style };
  if (/^#[CGD]\w+$/.test(target)) return { type: 'channel', channel_id: target.slice(1), style };
  if (target === '!here' || target === '!channel' || target === '!everyone') {
    return { type: 'broadcast', range: target.slice(1) as 'here' | 'channel' | 'everyone', style };
  }
  if (group?.[1] !== undefined) {
    return label === undefined ? { type: 'usergroup', usergroup_id: group[1], style } : styledText(label, style);
  }
  if (date?.[1] !== undefined && date[2] !== undefined) {
    return { type: 'date', timestamp: Number(date[1]), format: date[2], fallback: label ?? '', url: date[3], style };
  }
  if (isSafeLink(target)) return linkTo(target, label, style);
  return styledText(unescapeSlack(label ?? target), style);
}

function linkTo(url: string, label: string | undefined, style: TextStyle): RichTextLink {
  const text = unescapeSlack(label ?? url.replace(/^mailto:/, ''));
  return { type: 'link', url: unescapeSlack(url), text, style };
}

function styledText(text: string, style: TextStyle): RichTextText {
  return { type: 'text', text, style };
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

function isBlank(character: string | undefined): boolean {
  return character === undefined || /\s/.test(character);
}
