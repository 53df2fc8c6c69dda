import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WaitingMessage } from '../../../src/db/ticket-messages.ts';
import { markupOf, slackMessageSchema } from '../../../src/slack/slack-message.ts';
import { nextBatch } from '../../../src/tickets/batches.ts';
import { commentBody, transcript } from '../../../src/tickets/comment-text.ts';
import { isTicketEmoji } from '../../../src/tickets/emoji.ts';
import { instantOf } from '../../../src/tickets/instant.ts';
import { readMessageEvent } from '../../../src/tickets/message-event.ts';
import { readReaction } from '../../../src/tickets/opening.ts';
import { mentionedPeople, plainText } from '../../../src/tickets/plain-text.ts';
import { subjectOf } from '../../../src/tickets/request.ts';

const names = new Map([['U01MAYA', 'Maya Lindqvist']]);

describe('plain text of Slack markup', () => {
  test.each([
    ['Hi <@U01MAYA> and <@U02X|ana>, <@U03GONE>', 'Hi @Maya Lindqvist and @ana, @U03GONE'],
    ['in <#C01GEN|general> and <#C02|>', 'in #general and #C02'],
    ['<!here> <!channel> <!subteam^S01|@support> <!subteam^S02>', '@here @channel @support @group'],
    ['<!date^1392734382^{date}|Feb 18>', 'Feb 18'],
    ['<https://acme.example/a?b=1&amp;c=2>', 'https://acme.example/a?b=1&c=2'],
    ['<https://acme.example|the page>', 'the page (https://acme.example)'],
    ['<http://acme.example|acme.example>', 'acme.example'],
    ['<mailto:a@acme.example|a@acme.example> <tel:+123>', 'a@acme.example +123'],
    ['1 &lt; 2 &amp;&amp; 3 &gt; 2', '1 < 2 && 3 > 2'],
    ['&lt;@U01MAYA&gt; is no mention', '<@U01MAYA> is no mention'],
    ['&amp;lt; stays', '&lt; stays'],
    ['*bold* _it_ `code`\nnext', '*bold* _it_ `code`\nnext'],
  ])('%s', (markup, wanted) => {
    expect(plainText(markup, names)).toBe(wanted);
  });

  test('what somebody typed comes back as it was typed, whatever that is', () => {
    const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '&', '@', 'U01MAYA', 'lt;', '|', 'a', '!', ' ') }),
        (text) => {
          expect(plainText(escaped(text), names)).toBe(text);
        },
      ),
    );
  });

  test('mentions without a name are found, each once', () => {
    expect(mentionedPeople('<@U01MAYA> <@U01MAYA> <@U02X|ana> &lt;@U03Y&gt; <@W04>')).toEqual(['U01MAYA', 'W04']);
  });
});

test('the emoji is known in every skin tone, and no other is', () => {
  expect(
    ['ticket', 'ticket::skin-tone-3', 'ticket::skin-tone-2::skin-tone-6'].every((name) =>
      isTicketEmoji(name, 'ticket'),
    ),
  ).toBe(true);
  expect(
    ['tickets', 'admission_tickets', 'ticket::', 'ticket::skin-tone-7', ''].some((name) =>
      isTicketEmoji(name, 'ticket'),
    ),
  ).toBe(false);
  expect(isTicketEmoji('acme-help', 'acme-help')).toBe(true);
});

test('when something was written is known to the microsecond', () => {
  expect(instantOf('1795875019.000123')).toBe('2026-11-28T14:10:19.000123Z');
  expect(instantOf('1795875019.5')).toBe('2026-11-28T14:10:19.500000Z');
});

test('a subject is the first line that says something, in one line; else the file, else who wrote', () => {
  const given = { fileNames: ['log.txt'], authorName: 'Priya Nair' };
  expect(subjectOf({ ...given, text: '\n  It\tfails \nalways' })).toBe('It fails');
  expect(subjectOf({ ...given, text: ' \n' })).toBe('File: log.txt');
  expect(subjectOf({ text: '', fileNames: [], authorName: 'Priya\nNair' })).toBe('A message from Priya Nair');
  expect(subjectOf({ ...given, text: 'x'.repeat(300) })).toHaveLength(100);
});

let ids = 0;
const waiting = (over: Partial<WaitingMessage> = {}): WaitingMessage => {
  ids += 1;
  return {
    id: ids,
    key: `slack:C1:${ids}`,
    origin: 'thread',
    isPublic: true,
    authorKind: 'customer',
    authorSlackId: 'U1',
    authorName: 'Priya Nair',
    text: `text ${ids}`,
    files: [],
    ts: `${ids}.000001`,
    saidAt: new Date('2026-11-24T10:00:00Z'),
    commentKey: null,
    begunAt: null,
    ...over,
  };
};

describe('what goes to the help desk as one comment', () => {
  test('a message each, as long as few wait', () => {
    const messages = Array.from({ length: 5 }, () => waiting());
    expect(nextBatch(messages)).toEqual({ messages: [messages[0]], commentKey: messages[0]?.key });
  });

  test('of many those that go to the same people, in order, and never a note with what is public', () => {
    const messages = [waiting(), waiting(), waiting(), waiting({ isPublic: false }), waiting(), waiting()];
    expect(nextBatch(messages).messages).toEqual(messages.slice(0, 3));
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), (publics) => {
        const { messages: batch } = nextBatch(publics.map((isPublic) => waiting({ isPublic })));
        expect(new Set(batch.map(({ isPublic }) => isPublic)).size).toBe(1);
      }),
    );
  });

  test('not more than a comment holds', () => {
    const long = Array.from({ length: 8 }, () => waiting({ text: 'ü'.repeat(10_000) }));
    expect(nextBatch(long).messages).toHaveLength(2);
    expect(nextBatch(Array.from({ length: 300 }, () => waiting())).messages).toHaveLength(100);
    expect(Buffer.byteLength(commentBody({ text: '漢'.repeat(60_000), files: [] }))).toBeLessThan(50_000);
  });

  test('again what an earlier attempt began, and nothing else', () => {
    const [one, two] = [waiting({ commentKey: 'k', begunAt: new Date() }), waiting({ commentKey: 'k' })];
    const rest = Array.from({ length: 9 }, () => waiting());
    expect(nextBatch([one, two, ...rest])).toEqual({ messages: [one, two], commentKey: 'k' });
    expect(nextBatch([...rest, one]).messages).toEqual(rest);
  });

  test('each under who said it and when', () => {
    const message = { ...waiting({ text: 'It fails' }), files: ['File: log.txt: https://x'] };
    expect(transcript([message])).toBe('Priya Nair, 2026-11-24 10:00 UTC:\nIt fails\n\nFile: log.txt: https://x');
  });
});

describe('what a message says', () => {
  const forwarded = { is_share: true, is_msg_unfurl: true, from_url: 'https://acme.slack.com/x', text: 'It fails' };
  const unfurled = { from_url: 'https://acme.example', title: 'Acme', text: 'Home' };
  test.each<[string, object, string]>([
    ['its text', { text: 'Hello' }, 'Hello'],
    ['what is forwarded with it, too', { text: 'See this', attachments: [forwarded] }, 'See this\nIt fails'],
    ['what is forwarded alone', { text: '', attachments: [forwarded] }, 'It fails'],
    ['nothing that Slack unfolds', { text: 'See acme.example', attachments: [unfurled] }, 'See acme.example'],
    [
      'what an app attaches, but nothing that Slack unfolds',
      { text: 'Alert', bot_id: 'B1', attachments: [{ title: 'CPU', text: '99%' }, unfurled] },
      'Alert\nCPU\n99%',
    ],
  ])('%s', (_what, message, wanted) => {
    expect(markupOf(slackMessageSchema.parse({ ts: '1.000001', user: 'U1', ...message }))).toBe(wanted);
  });
});

describe('events', () => {
  const said = { channel: 'C01', user: 'U1', text: 'a', ts: '2.000001', thread_ts: '1.000001' };
  test('of messages matter where something is said, edited or deleted in a thread', () => {
    expect(readMessageEvent(said)).toMatchObject({ what: 'said', threadTs: '1.000001' });
    expect(readMessageEvent({ ...said, subtype: 'thread_broadcast' })).toMatchObject({ what: 'said' });
    expect(readMessageEvent({ ...said, subtype: 'channel_join' })).toBe(null);
    expect(readMessageEvent({ ...said, thread_ts: undefined })).toBe(null);
    expect(readMessageEvent({ ...said, thread_ts: said.ts })).toBe(null);
    expect(readMessageEvent({ ...said, ts: 'x' })).toBe(null);
    expect(readMessageEvent('nothing')).toBe(null);
  });

  test('of changes are edits only where Slack says that somebody edited', () => {
    const changed = (message: object, previous_message: object = said) =>
      readMessageEvent({ subtype: 'message_changed', channel: 'C01', event_ts: '9.000001', message, previous_message });
    expect(changed({ ...said, attachments: [{ title: 'Unfurled' }] })).toBe(null);
    expect(changed({ ...said, text: 'b', edited: { user: 'U1', ts: '3.000000' } })).toMatchObject({ what: 'edited' });
    const edited = { ...said, edited: { user: 'U1', ts: '3.000000' } };
    expect(changed({ ...edited, attachments: [{ title: 'Unfurled' }] }, edited)).toBe(null);
    // What begins a thread and is deleted stays as an empty place.
    const root = { ...said, ts: '1.000001' };
    const tombstone = { ...root, subtype: 'tombstone', user: 'USLACKBOT', text: 'This message was deleted.' };
    expect(changed(tombstone, root)).toMatchObject({ what: 'deleted', message: { text: 'a' }, at: '9.000001' });
  });

  test('of reactions say on which message', () => {
    const item = { type: 'message', channel: 'C01', ts: '1.000001' };
    const reaction = { user: 'U01', reaction: 'ticket', item };
    expect(readReaction(reaction)).toMatchObject({ channelId: 'C01', ts: '1.000001', emoji: 'ticket' });
    expect(readReaction({ ...reaction, item: { type: 'file', file: 'F1' } })).toBe(null);
    expect(readReaction({ ...reaction, item: undefined })).toBe(null);
  });
});
