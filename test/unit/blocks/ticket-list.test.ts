import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelLinked, channelOwner, channelTaken, unlinkedChannels } from '../../../blocks/channel-links.ts';
import {
  ADD_INTERNAL_NOTE,
  ASSIGN_DESK_TICKET,
  deskTicketCard,
  OPEN_DESK_TICKET,
  REOPEN_DESK_TICKET,
  REPLY_TO_CUSTOMER,
  readTicketPlace,
  SOLVE_DESK_TICKET,
  TICKETS_PAGE_SIZE,
  ticketList,
  writeTicketPlace,
} from '../../../blocks/ticket-list.ts';
import { customerReplyForm, internalNoteForm, readReplyMetadata } from '../../../blocks/ticket-reply-form.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import type { DeskComment, DeskTicket } from '../../../src/db/desk-tickets.ts';
import { hostileText } from '../../hostile.ts';

const now = new Date('2026-11-24T11:00:00Z');
const place = { ticketId: 7, list: 'mine' as const, page: 1 };

function ticket(over: Partial<DeskTicket> = {}): DeskTicket {
  return {
    id: 7,
    number: '12',
    desk: 'Bellwether',
    account: { id: 'acme', name: 'Acme' },
    channelId: 'C01ACMESHRD',
    subject: 'Exports fail',
    requesterName: 'Priya',
    words: 'All exports fail',
    status: 'open',
    severity: 'urgent',
    groupName: null,
    assignee: null,
    fault: null,
    createdAt: new Date('2026-11-24T10:00:00Z'),
    ...over,
  };
}

function comment(over: Partial<DeskComment> = {}): DeskComment {
  return { isPublic: true, authorName: 'Priya', role: 'us', body: 'Still', createdAt: now, ...over };
}

const list = (tickets: DeskTicket[], link: string | null = null) =>
  ticketList(
    {
      tickets: tickets.map((each) => ({ ticket: each, link })),
      total: tickets.length,
      urgent: 1,
      all: 9,
      list: 'all',
      page: 1,
    },
    { now, told: null, elsewhere: link && 'Zendesk' },
  );
const card = (given: Partial<DeskTicket>, comments: DeskComment[] = []) =>
  deskTicketCard({ ticket: ticket(given), comments, earlier: 0, place }, { now, told: null });
const texts = (value: unknown) => JSON.stringify(value);
const idsIn = (value: unknown) => texts(value).match(/(?<="action_id":")[^"]+/g) ?? [];

describe('ticketList', () => {
  it('has a button beside a ticket that is worked on here, and a link where it is elsewhere', () => {
    expect(idsIn(list([ticket()]))).toEqual([OPEN_DESK_TICKET]);
    const elsewhere = list([ticket({ number: '7' })], 'https://acme.zendesk.test/agent/tickets/7');
    expect(idsIn(elsewhere)).toEqual([]);
    expect(texts(elsewhere)).toContain('<https://acme.zendesk.test/agent/tickets/7|#7> Acme');
  });

  it('tells a place, and no other text, from a button', () => {
    expect(readTicketPlace(writeTicketPlace(place))).toEqual(place);
    for (const other of ['', 'ticket', 'ticket 7 one 1', 'ticket x all 1', 'ticket 7 all 1 '])
      expect(readTicketPlace(other)).toBeNull();
  });
});

describe('deskTicketCard', () => {
  it.each([
    ['new', [REPLY_TO_CUSTOMER, ADD_INTERNAL_NOTE, ASSIGN_DESK_TICKET, SOLVE_DESK_TICKET]],
    ['solved', [REPLY_TO_CUSTOMER, ADD_INTERNAL_NOTE, REOPEN_DESK_TICKET]],
    ['closed', []],
  ] as const)('of a ticket that is %s offers what can be done', (status, ids) => {
    expect(idsIn(card({ status }))).toEqual(ids);
  });

  it('tells a note from a reply and from what a customer said', () => {
    const shown = texts(
      card({}, [
        comment(),
        comment({ role: 'agent', body: 'On it' }),
        comment({ role: 'agent', isPublic: false, body: 'Disk' }),
      ]),
    );
    expect(shown).toContain('💬 *Priya* · just now\\n> Still');
    expect(shown).toContain('↩️ to the customer *Priya* · just now\\n> On it');
    expect(shown).toContain('🔒 internal note *Priya* · just now\\n> Disk');
  });
});

describe('the forms', () => {
  it('say to whom it goes in their id, title, button and words, and remember where they were opened', () => {
    const about = { number: '12', channelId: 'C01ACMESHRD' };
    const metadata = { place, responseUrl: 'https://hooks.example/x' };
    const [reply, note] = [customerReplyForm(about, metadata), internalNoteForm(about, metadata)];
    expect(reply.callback_id).not.toBe(note.callback_id);
    expect([reply.submit?.text, note.submit?.text]).toEqual(['Send to customer', 'Add note']);
    for (const view of [reply, note]) {
      expect(view.title.text.length).toBeLessThanOrEqual(24);
      expect(readReplyMetadata(view.private_metadata ?? '')).toEqual(metadata);
    }
    expect(readReplyMetadata(internalNoteForm(about, { place, responseUrl: null }).private_metadata ?? '')).toEqual({
      place,
      responseUrl: null,
    });
    for (const other of ['', 'x', '\nticket', 'a\nb']) expect(readReplyMetadata(other)).toBeNull();
  });
});

it('stays within Slack’s limits and inert whatever customers write', () => {
  const text = hostileText(400);
  const any = fc.record({
    subject: text,
    words: fc.oneof(text, fc.constant('x'.repeat(20_000))),
    requesterName: fc.option(text),
    assignee: fc.option(text),
    fault: fc.option(text),
    groupName: fc.option(text),
    number: fc.option(fc.stringMatching(/^\d{1,12}$/)),
    name: text,
    body: fc.oneof(text, fc.constant(`${'long line '.repeat(2000)}\n`.repeat(3))),
  });
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: TICKETS_PAGE_SIZE }), (given) => {
      const tickets = given.map(({ name, body: _body, ...rest }) => ticket({ ...rest, account: { id: 'a', name } }));
      const comments = Array.from({ length: 12 }, (_, index) =>
        comment({ body: given[index % given.length]!.body, authorName: given[index % given.length]!.name }),
      );
      const channels = given.map(({ name }) => ({ id: 'C01ACMESHRD', name }));
      const [first] = channels as [(typeof channels)[0]];
      const messages = [
        list(tickets),
        deskTicketCard({ ticket: tickets[0]!, comments, earlier: 3, place }, { now, told: 'Done.' }),
        unlinkedChannels(channels),
        channelOwner(first, first),
        channelLinked(first, first, { before: null, tickets: 2 }),
        channelTaken(first, first, first),
      ];
      for (const { text: plain, blocks } of messages) {
        expect(checkBlocks(blocks, () => true)).toMatchObject({ ok: true });
        expect(Buffer.byteLength(plain + JSON.stringify(blocks))).toBeLessThan(12_000);
        const all = texts([plain, blocks]);
        expect(all).not.toMatch(/<!(?:channel|here|everyone|subteam)|<@U01MAYA|<https:\/\/evil|<#C1>/);
      }
    }),
    { numRuns: 40 },
  );
});
