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
  test.each([
    ['a & b <c>', 'a &amp; b &lt;c&gt;'],
    ['@maya, @nobody', '<@U01MAYALIND>, @nobody'],
    ['@here', '<!here>'],
    ['see #cs-team', 'see <#C01CSTEAM00|cs-team>'],
    ['acme.com', '<http://acme.com|acme.com>'],
    ['https://acme.com/?a&b', '<https://acme.com/?a&amp;b>'],
    ['ann@acme.com', '<mailto:ann@acme.com|ann@acme.com>'],
    ['hello <@U01MAYALIND>', 'hello <@U01MAYALIND>'],
  ])('%s is stored as %s', (typed, stored) => {
    expect(typedText(typed, workspace)).toBe(stored);
  });

  test('in an escaped command carries names beside ids', () => {
    expect(typedText('@maya', workspace, { named: true })).toBe('<@U01MAYALIND|maya>');
  });
});
