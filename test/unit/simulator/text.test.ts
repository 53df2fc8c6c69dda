import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seedWorkspace } from '../../../simulator/seed.ts';
import { escapeText, pingsOf, typedText } from '../../../simulator/text.ts';

const workspace = seedWorkspace();

describe('the pings of a message', () => {
  test.each([
    ['<!channel> and <!here|here>', ['!channel', '!here']],
    ['<@U01MAYALIND>, <@U01MAYALIND|maya>', ['@U01MAYALIND']],
    ['<!subteam^S012345|@team>', ['!subteam^S012345']],
    ['@channel, &lt;!channel&gt;, <#C01GENERAL0>, <https://a.example|here>', []],
  ])('of the text %s are found', (text, pings) => {
    expect(pingsOf(text, [])).toEqual(pings);
  });

  test('are found in mrkdwn and rich text, never in plain text', () => {
    const blocks = [
      { type: 'header', text: { type: 'plain_text', text: '<!channel>' } },
      { type: 'section', fields: [{ type: 'mrkdwn', text: 'Hi <!everyone>' }] },
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'broadcast', range: 'here' }] }],
      },
    ];
    expect(pingsOf('', blocks)).toEqual(['!everyone', '!here']);
  });

  test('are none in any escaped text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => pingsOf(escapeText(`<!channel>${text}<@U01MAYALIND>`), []).length === 0),
    );
  });
});

describe('what a person types', () => {
  const typing = { workspace, user: 'U01MAYALIND' };

  test.each([
    ['a & b <c>', 'a &amp; b &lt;c&gt;'],
    ['@maya, @nobody', '<@U01MAYALIND>, @nobody'],
    ['Ask @Tom Okafor (or @tom).', 'Ask <@U01TOMOKAFO> (or <@U01TOMOKAFO>).'],
    ['@tomas and x@tom', '@tomas and x@tom'],
    ['@here', '<!here>'],
    ['see #cs-team', 'see <#C01CSTEAM00|cs-team>'],
    ['#leads, which Maya does not see', '#leads, which Maya does not see'],
    ['acme.com', '<http://acme.com|acme.com>'],
    ['https://acme.com/?a&b#general', '<https://acme.com/?a&amp;b#general>'],
    ['ann@acme.com', '<mailto:ann@acme.com|ann@acme.com>'],
    ['hello <@U01MAYALIND>', 'hello &lt;@U01MAYALIND&gt;'],
    ['<!channel> <#C01GENERAL0|general>', '&lt;!channel&gt; &lt;#C01GENERAL0|general&gt;'],
  ])('%s is stored as %s', (typed, stored) => {
    expect(typedText(typed, { ...typing, literal: true })).toBe(stored);
  });

  test('has its tokens taken as they are when a test says it', () => {
    expect(typedText('<@U01MAYALIND> & <b>', typing)).toBe('<@U01MAYALIND> &amp; &lt;b&gt;');
  });

  test('in an escaped command carries names beside ids', () => {
    expect(typedText('@Maya Lindqvist', { ...typing, named: true })).toBe('<@U01MAYALIND|maya>');
  });

  test('never pings anyone but by a name', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', '!', 'channel', '@', '|', 'U01MAYALIND', ' ', '&lt;')),
        (parts) => {
          const typed = parts.join('');
          fc.pre(!/@channel/.test(typed));
          expect(pingsOf(typedText(typed, { ...typing, literal: true }), [])).toEqual([]);
        },
      ),
    );
  });
});
