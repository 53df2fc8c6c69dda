const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

// Slack has no escape for its own formatting, so each active character is shown by one that looks like it.
const lookalikes: Record<string, string> = { '*': '∗', '~': '∼', '`': 'ˋ', _: 'ˍ' };

// Directions and invisible fillers could reorder or hide what stands beside them. Joiners stay: emoji need them.
const invisible = /[\u00ad\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]/g;

// What notifies a whole channel, where a text has it as a word of its own.
const everyone = /@(?=(?:channel|here|everyone)\b)/gi;

/**
 * Foreign text (a customer's name, a trait) for a `mrkdwn` text: one line, at most `max` characters long as Slack counts
 * them, in which nothing can mention, link, format or become an emoji.
 */
export function mrkdwn(text: string, max = 150): string {
  // Most names are plain words, and a card has dozens of them.
  if (text.length <= max && /^[a-z0-9](?:[a-z0-9 .,()%+-]*[a-z0-9.)%])?$/i.test(text)) return text;
  const inert = flatten(text)
    .replace(/[*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (character) => lookalikes[character] ?? character)
    .replace(/:(?=[a-z0-9_+'-]+:)/gi, '∶')
    .replace(/:(?=\/\/)|(?<=\b(?:mailto|tel)):/gi, '∶')
    .replace(everyone, '＠');
  const shown = cut(inert, max, (part) =>
    part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  );
  // What stood within a word may be at an end now.
  return shown.replace(/_(?=…$)/, 'ˍ').replace(everyone, '＠');
}

/** Foreign text for a `plain_text` object, likewise one line and cut. */
export function plain(text: string, max = 75): string {
  // Slack does not read markup there; a copy of it elsewhere, such as a notification, might be.
  const inert = flatten(text).replaceAll('<', '‹').replaceAll('>', '›').replace(everyone, '＠');
  return cut(inert, max, (part) => part).replace(everyone, '＠');
}

/** Foreign text as it is, its lines kept, for where Slack reads no markup; cut to `max` bytes. Empty for nothing to show. */
export function literal(text: string, max: number): string {
  const shown = text
    .toWellFormed()
    .replace(/\r\n?|[\u0085\p{Zl}\p{Zp}]/gu, '\n')
    .replace(/\t/g, ' ')
    .replace(/(?!\n)\p{Cc}/gu, '')
    .replace(invisible, '')
    .replace(/[^\S\n]+$/gm, '')
    .replace(/\n{4,}/g, '\n\n\n')
    .trim();
  return cut(shown, max, (part) => part, Buffer.byteLength);
}

/** One line without control characters, text-direction overrides or halves of characters; never empty. */
function flatten(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\s\p{Zl}\p{Zp}\p{Cc}]+/gu, ' ')
    .replace(invisible, '')
    .trim();
  return line === '' ? '(no name)' : line;
}

/** Cuts between graphemes so that the encoded text, an ellipsis included, has at most `max` UTF-16 units, or what `size` counts. */
function cut(
  text: string,
  max: number,
  encode: (part: string) => string,
  size: (part: string) => number = ({ length }) => length,
): string {
  const whole = encode(text);
  if (size(whole) <= max) return whole;
  let result = '';
  let taken = size('…');
  for (const { segment } of graphemes.segment(text)) {
    const next = encode(segment);
    taken += size(next);
    if (taken > max) break;
    result += next;
  }
  return `${result.trimEnd()}…`;
}
