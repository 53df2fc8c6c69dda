import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMrkdwn, unescapeSlack } from '../../../../simulator/page/mrkdwn.ts';

/** The inline elements of a text that is one section. */
function inline(text: string): unknown[] {
  const { elements } = parseMrkdwn(text);
  expect(elements.map(({ type }) => type)).toEqual(['rich_text_section']);
  return elements.flatMap((element) => element.elements as unknown[]);
}

const text = (words: string, style: object = {}) => ({ type: 'text', text: words, style });

describe('parseMrkdwn()', () => {
  it('reads bold, italic, struck and code, one within another', () => {
    expect(inline('*a _b_* ~c~ `*d*`')).toEqual([
      text('a ', { bold: true }),
      text('b', { bold: true, italic: true }),
      text(' '),
      text('c', { strike: true }),
      text(' '),
      text('*d*', { code: true }),
    ]);
  });

  it.each([
    '2*3*4',
    'snake_case_name',
    '* a *',
    '**',
    '*two\nlines*',
    '10:30:00',
    '$5 and $6',
    '# no heading',
    '&copy;',
  ])('leaves %j as it is', (source) => expect(inline(source)).toEqual([text(source)]));

  it('undoes the three escapes once, after the markup was read', () => {
    expect(inline('&lt;!channel&gt; &lt;@U1&gt; &amp;lt;')).toEqual([text('<!channel> <@U1> &lt;')]);
  });

  it('reads mentions, links, dates and emoji', () => {
    expect(
      inline('<@U1><#C1|cs><!here><https://a.example/?b=1&amp;c=2|x &amp; y><!date^17^{date}|then>:ticket:'),
    ).toEqual([
      { type: 'user', user_id: 'U1', style: {} },
      { type: 'channel', channel_id: 'C1', style: {} },
      { type: 'broadcast', range: 'here', style: {} },
      { type: 'link', url: 'https://a.example/?b=1&c=2', text: 'x & y', style: {} },
      { type: 'date', timestamp: 17, format: '{date}', fallback: 'then', url: undefined, style: {} },
      text('🎫'),
    ]);
  });

  it('makes no link of javascript:', () => {
    expect(inline('<javascript:alert(1)|press>')).toEqual([text('press')]);
  });

  it('ends a bare link before the punctuation behind it', () => {
    expect(inline('(https://a.example/b_c_d).')).toEqual([
      text('('),
      { type: 'link', url: 'https://a.example/b_c_d', text: 'https://a.example/b_c_d', style: {} },
      text(').'),
    ]);
  });

  it('tells quotes and fenced text from the rest', () => {
    expect(parseMrkdwn('a\n> b\n> c\nd\n```e &lt;\n  *f*```').elements).toEqual([
      { type: 'rich_text_section', elements: [text('a')] },
      { type: 'rich_text_quote', elements: [text('b\nc')] },
      { type: 'rich_text_section', elements: [text('d')] },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'e <\n  *f*' }] },
    ]);
  });

  it('never throws, and never makes a mention of escaped text', () => {
    const escaped = fc
      .string({
        unit: fc.constantFrom('*', '_', '~', '`', '<', '>', '&', '!', '@', 'U', '1', ':', '\n', ' ', 'a', '|'),
      })
      .map((raw) => raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
    fc.assert(
      fc.property(escaped, (source) => {
        const types = parseMrkdwn(source).elements.flatMap((block) => block.elements.map(({ type }) => type));
        expect(types.filter((type) => type !== 'text')).toEqual([]);
      }),
    );
  });
});

describe('unescapeSlack()', () => {
  it('knows no other entities', () => {
    expect(unescapeSlack('&amp;&lt;&gt;&quot;&#60;&amp;amp;')).toBe('&<>&quot;&#60;&amp;');
  });
});
