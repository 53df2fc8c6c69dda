const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

// Slack has no escape for its own formatting, so each active character is shown by one that looks like it.
const lookalikes: Record<string, string> = { '*': '∗', '~': '∼', '`': 'ˋ', _: 'ˍ' };

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
    .replace(/@(?=(?:channel|here|everyone)\b)/gi, '＠');
  return cut(inert, max, (part) => part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
}

/** Foreign text for a `plain_text` object, likewise one line and cut. */
export function plain(text: string, max = 75): string {
  // Slack does not read markup there; a copy of it elsewhere, such as a notification, might be.
  const inert = flatten(text)
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replace(/@(?=(?:channel|here|everyone)\b)/gi, '＠');
  return cut(inert, max, (part) => part);
}

/** One line without control characters, text-direction overrides or halves of characters; never empty. */
function flatten(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\s\p{Zl}\p{Zp}\p{Cc}]+/gu, ' ')
    // Directions and invisible fillers could reorder or hide what stands beside them. Joiners stay: emoji need them.
    .replace(/[\u00ad\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]/g, '')
    .trim();
  return line === '' ? '(no name)' : line;
}

/** Cuts between graphemes so that the encoded text, an ellipsis included, has at most `max` UTF-16 units. */
function cut(text: string, max: number, encode: (part: string) => string): string {
  const whole = encode(text);
  if (whole.length <= max) return whole;
  let result = '';
  for (const { segment } of graphemes.segment(text)) {
    const next = encode(segment);
    if (result.length + next.length > max - 1) break;
    result += next;
  }
  return `${result.trimEnd()}…`;
}
