import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mrkdwn, plain } from '../../../src/slack/escape.ts';
import { hostileText } from '../../hostile.ts';

const hostile = hostileText(300);

describe('mrkdwn', () => {
  it('lets no text mention, link, format, break a line or become an emoji', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 5, max: 200 }), (text, max) => {
        const shown = mrkdwn(text, max);
        expect(shown.length).toBeLessThanOrEqual(max);
        expect(shown.length).toBeGreaterThan(0);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[<>*~`\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(shown).not.toMatch(/&(?!amp;|lt;|gt;)/);
        expect(shown).not.toMatch(/:[a-z0-9_+'-]+:|:\/\/|@(?:channel|here|everyone)\b/i);
        expect(shown).not.toMatch(/(^|[^\p{L}\p{N}])_|_([^\p{L}\p{N}]|$)/u);
      }),
    );
  });

  it('keeps an ordinary name as it is, with an emoji and an escaped ampersand', () => {
    expect(mrkdwn('Ben & Jerry’s 🍦 (EU), snake_case: ok')).toBe('Ben &amp; Jerry’s 🍦 (EU), snake_case: ok');
    expect(mrkdwn('Acme GmbH')).toBe('Acme GmbH');
  });

  it('cuts between what a reader sees as characters, and never inside of an escape', () => {
    expect(mrkdwn('👨‍👩‍👧👨‍👩‍👧', 10)).toBe('👨‍👩‍👧…');
    expect(mrkdwn('a&&&&', 8)).toBe('a&amp;…');
    expect(mrkdwn('snake_👨‍👩‍👧case', 7)).toBe('snakeˍ…');
    expect(mrkdwn('@channels', 9)).toBe('@channels');
    expect(mrkdwn('@channels', 8)).toBe('@channe…');
    expect(mrkdwn('@heresy of all', 6)).toBe('＠here…');
  });

  it('names what has no visible name', () => {
    for (const text of ['', '  ', '\u200b', '\u0007\n']) expect(mrkdwn(text)).toBe('(no name)');
  });
});

describe('plain', () => {
  it('keeps to one line and its length, without the brackets of mentions', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 150 }), (text, max) => {
        const shown = plain(text, max);
        expect(shown.length).toBeLessThanOrEqual(Math.max(max, 1));
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[<>\p{Cc}\u2028\u2029]/u);
        expect(shown).not.toMatch(/@(?:channel|here|everyone)\b/i);
      }),
    );
  });
});
