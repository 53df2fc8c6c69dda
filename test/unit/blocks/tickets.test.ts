import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockMessage } from '../../../blocks/text.ts';
import { ticketCard } from '../../../blocks/ticket-card.ts';
import { ESCALATION_FORM, escalationForm, readEscalation } from '../../../blocks/ticket-escalation.ts';
import { readTicketForm, SAVE_TICKET_FORM, TICKET_GROUP, TICKET_SEVERITY } from '../../../blocks/ticket-form.ts';
import { ESCALATE_TICKET, SOLVE_TICKET, TAKE_TICKET, ticketMirror } from '../../../blocks/ticket-mirror.ts';
import { ticketReminder } from '../../../blocks/ticket-reminder.ts';
import { ticketReply } from '../../../blocks/ticket-reply.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import { view as viewSchema } from '../../../simulator/schemas/blocks.ts';
import { pingsOf } from '../../../simulator/text.ts';
import { hostileText } from '../../hostile.ts';
import { createTestPlaybook } from '../../playbook.ts';
import { makeTicketReply, makeTicketView } from '../../tickets.ts';

const drawn = {
  pack: createTestPlaybook(),
  threadLink: 'https://northwind-cs.slack.com/archives/C01ACMESHRD/p1790000001000100',
  deskLink: 'https://northwind.zendesk.com/agent/tickets/12',
};
const reminded = { threadLink: drawn.threadLink, defaultsAt: new Date('2026-11-24T11:00:00Z') };
const groups = [
  { id: '1', name: 'Support' },
  { id: '2', name: 'Billing' },
];

const linesOf = ({ blocks }: Pick<BlockMessage, 'blocks'>) => {
  const texts = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    if ('type' in value && 'text' in value && typeof value.text === 'string') return value.text.split('\n');
    return Object.values(value).flatMap(texts);
  };
  return blocks.flatMap(texts);
};
const idsIn = ({ blocks }: BlockMessage) => JSON.stringify(blocks).match(/(?<="action_id":")[^"]+/g) ?? [];
const sizeOf = ({ text, blocks }: BlockMessage) => Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(blocks));

describe("a ticket's card in its thread", () => {
  it('says the number, where answers come, and asks for group and severity', () => {
    const card = ticketCard(makeTicketView({ groups }));
    expect(linesOf(card).slice(0, 2)).toEqual(['🎫 *Ticket #12 is created*', 'Answers come here, in this thread.']);
    expect(idsIn(card)).toEqual([TICKET_GROUP, TICKET_SEVERITY, SAVE_TICKET_FORM]);
    expect(linesOf(card)).toEqual(expect.arrayContaining(['Support', 'Billing', 'Low', 'Normal', 'High', 'Urgent']));
  });

  it('asks for the severity alone where the help desk has no groups', () => {
    expect(idsIn(ticketCard(makeTicketView({ groups: [] })))).toEqual([TICKET_SEVERITY, SAVE_TICKET_FORM]);
  });

  it('says who chose what, or that time was up, and asks no more', () => {
    const chosen = { severity: 'high', group: { id: '2', name: 'Billing' } } as const;
    const filled = ticketCard(makeTicketView({ groups, ticket: { ...chosen, form: 'filled', formBy: 'U02PRIYANAI' } }));
    expect(linesOf(filled)).toContain('Team *Billing*, urgency *High*, chosen by <@U02PRIYANAI>.');
    expect(idsIn(filled)).toEqual([]);
    const defaulted = ticketCard(makeTicketView({ groups, ticket: { ...chosen, form: 'defaulted' } }));
    expect(linesOf(defaulted)).toContain('Team *Billing*, urgency *High*, since nobody chose in time.');
  });

  it('names nobody for a choice that was not made, and shows no address of a colleague', () => {
    const assignee = { name: 'ada@bellwether.example', email: 'ada@bellwether.example' };
    const ticket = { status: 'open', form: 'filled', formBy: 'U02PRIYANAI', assignee } as const;
    const lines = linesOf(ticketCard(makeTicketView({ groups, ticket })));
    expect(lines[1]).toBe('Support is on it. Answers come here, in this thread.');
    expect(lines.join()).not.toMatch(/@bellwether|U02PRIYANAI/);
  });

  it.each([
    ['new', 'Answers come here, in this thread.'],
    ['open', 'Ada Agent is on it. Answers come here, in this thread.'],
    ['pending', '⏳ Waiting for you: Ada Agent needs an answer in this thread.'],
    ['hold', '⏸️ On hold: Ada Agent waits for somebody else.'],
    ['solved', '✅ Solved. If something is left, write here.'],
    ['closed', '✅ Closed. If something is left, write here.'],
  ] as const)('says how it stands: %s', (status, line) => {
    const assignee = status === 'new' ? null : { name: 'Ada Agent', email: 'ada@bellwether.example' };
    const card = ticketCard(makeTicketView({ ticket: { status, assignee } }));
    expect(linesOf(card)[1]).toBe(line);
    expect(card.text).toContain(line);
  });

  it('says in words that something was not delivered, and not why', () => {
    const card = ticketCard(
      makeTicketView({ notTaken: { count: 2, why: 'Zendesk said 422' }, notPosted: { count: 1, why: 'is_archived' } }),
    );
    expect(linesOf(card).at(-1)).toBe(
      '⚠️ 2 messages of this thread did not reach support. Please tell them in other words.',
    );
    expect(JSON.stringify(card)).not.toMatch(/422|archived/);
  });

  it.each([
    ['unreachable', {}, 'Support cannot be reached at the moment. What is said here reaches it later.'],
    ['other', { number: null }, 'This has not reached support yet. A colleague has to look at it.'],
    ['not_taken', { form: 'filled', severity: 'high' }, 'Support did not take the team that was chosen.'],
    ['not_taken', { form: 'open' }, null],
    ['other', {}, null],
  ] as const)('tells of trouble in its own words, never in those for colleagues: %s', (trouble, given, told) => {
    const fault = 'Zendesk does not take ticket 9: Assignee tom@bellwether.example is invalid. Check ZENDESK_EMAIL.';
    const card = ticketCard(makeTicketView({ groups, ticket: { ...given, trouble, fault } }));
    expect(linesOf(card).filter((line) => line.startsWith('⚠️'))).toEqual(told === null ? [] : [`⚠️ ${told}`]);
    expect(JSON.stringify(card)).not.toMatch(/ticket 9|tom@|ZENDESK/);
  });

  it('does not say that a ticket is created which is not yet', () => {
    const card = ticketCard(makeTicketView({ ticket: { number: null, trouble: 'unreachable' } }));
    expect(linesOf(card)[0]).toBe('🎫 *This becomes a ticket*');
    expect(card.text).not.toContain('created');
  });

  it('holds nothing that we know of the account, nor a link to where colleagues work', () => {
    const view = makeTicketView({
      groups,
      ticket: {
        assignee: { name: 'Ada Agent', email: 'ada@secret.example' },
        escalation: { why: 'secret', tried: 'secret', reproduction: 'secret', by: 'U1', at: new Date() },
        subject: 'secret',
        fault: 'secret',
        trouble: 'other',
      },
      account: { id: 'secret', name: 'secret', csmEmail: 'csm@secret.example', arr: 777_777, currency: 'USD' },
      health: { model: 'simple', score: 7.7, band: 'poor' },
      notTaken: { count: 1, why: 'secret' },
    });
    for (const form of ['open', 'filled', 'defaulted'] as const) {
      const card = JSON.stringify(ticketCard({ ...view, ticket: { ...view.ticket, form } }));
      expect(card).not.toMatch(/secret|777|7\.7|poor|zendesk|https?:/i);
    }
  });

  it('offers as many groups as fit, and no choice outlives them', () => {
    const many = Array.from({ length: 150 }, (_, index) => ({
      id: `g${index}`,
      name: `Team ${index} ${'é'.repeat(60)}`,
    }));
    const card = ticketCard(makeTicketView({ groups: many }));
    expect(checkBlocks(card.blocks, () => true)).toMatchObject({ ok: true });
    expect(sizeOf(card)).toBeLessThan(12_000);
    const idOf = (shown: typeof groups) => ticketCard(makeTicketView({ groups: shown })).blocks[1]?.block_id;
    expect(idOf(groups)).toBe(idOf([...groups]));
    expect(idOf(groups)).not.toBe(idOf(groups.slice(1)));
  });
});

describe('a form as a press brings it along', () => {
  const chosen = (value: unknown) => ({ block: { [TICKET_SEVERITY]: { selected_option: { value } } } }) as never;
  it('is read for what it offers, and nothing else', () => {
    expect(readTicketForm({})).toEqual({ groupId: null, severity: null });
    expect(readTicketForm(chosen('urgent'))).toEqual({ groupId: null, severity: 'urgent' });
    for (const value of ['URGENT', 'closed', '', 7, null, { toString: 'x' }])
      expect(readTicketForm(chosen(value)).severity).toBeNull();
  });
});

describe('an agent’s reply', () => {
  it('is shown as it was written, with links, under their name', () => {
    const { text, blocks, as } = ticketReply(
      makeTicketView({
        reply: makeTicketReply({ text: 'Hi *you*,\nsee https://help.example/a_b.\n:tada: <!channel>' }),
      }),
    );
    expect(as.name).toBe('Ada Agent');
    expect(blocks).toEqual([
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: 'Hi *you*,\nsee ' },
              { type: 'link', url: 'https://help.example/a_b' },
              { type: 'text', text: '.\n:tada: <!channel>' },
            ],
          },
        ],
      },
    ]);
    expect(pingsOf(text, blocks)).toEqual([]);
    expect(linesOf(as.otherwise)[0]).toBe('*Ada Agent*');
    expect(as.otherwise.text).toContain('Ada Agent');
  });

  it('names its files, with a link where there is one', () => {
    const files = [
      { name: 'fix.pdf', link: 'https://northwind.zendesk.com/attachments/token/abc/?name=fix.pdf' },
      { name: 'a<!here>.png', link: 'javascript:alert(1)' },
      { name: 'b|c.png', link: 'https://evil.example/|x>' },
      { what: 'else' },
    ];
    const { blocks } = ticketReply(makeTicketView({ reply: makeTicketReply({ text: '', files }) }));
    expect(linesOf({ blocks })).toEqual([
      '📎 <https://northwind.zendesk.com/attachments/token/abc/?name=fix.pdf|fix.pdf>',
      '📎 a&lt;!here&gt;.png',
      '📎 b|c.png',
    ]);
  });

  it('that is longer than fits is cut, and says so', () => {
    for (const text of ['word '.repeat(13_000), '"\n'.repeat(9_000), '👨‍👩‍👧'.repeat(3_000)]) {
      const reply = ticketReply(makeTicketView({ reply: makeTicketReply({ text }) }));
      expect(linesOf(reply).at(-1)).toContain('longer than fits');
      expect(sizeOf(reply)).toBeLessThan(12_000);
      expect(sizeOf(reply.as.otherwise)).toBeLessThan(12_000);
    }
    const usual = 'word '.repeat(600).trim();
    expect(linesOf(ticketReply(makeTicketView({ reply: makeTicketReply({ text: usual }) })))).toEqual([usual]);
  });

  it.each([
    ['an internal note', { isPublic: false }],
    ["a customer's word", { authorKind: 'customer' as const }],
    ['our own', { authorKind: 'us' as const }],
    ["a bot's", { authorKind: 'bot' as const }],
    ["a colleague's", { authorKind: 'staff' as const }],
    ['of the thread itself', { origin: 'thread' as const }],
    ["of the mirror's thread", { origin: 'mirror' as const }],
  ])('is never made of %s', (_what, given) => {
    expect(() => ticketReply(makeTicketView({ reply: makeTicketReply(given) }))).toThrow(/public/);
    expect(() => ticketReply(makeTicketView({ reply: null }))).toThrow();
  });
});

describe("a ticket's card for colleagues", () => {
  it('says whose it is, how it stands, where it is, and what to do', () => {
    const card = ticketMirror(
      makeTicketView({
        ticket: { severity: 'high', group: { id: '2', name: 'Billing' }, form: 'filled', status: 'open' },
        account: { id: 'acme', name: 'Acme Corp', csmEmail: 'maya@bellwether.example', arr: 120_000, currency: 'USD' },
        health: { model: 'simple', score: 5.4, band: 'concerning' },
      }),
      drawn,
    );
    expect(linesOf(card)).toEqual([
      '🎫 #12 The export fails',
      '*Acme Corp* · 🟡 5.4 / 10 Concerning · ARR *$120,000* · CSM maya@bellwether.example',
      'Open · urgency *High* · team *Billing* · nobody has it',
      expect.stringMatching(
        /^From Priya Nair in <#C01ACMESHRD> · <https:\S+p1790000001000100\|thread> · <https:\S+12\|Zendesk>/,
      ),
      'Take',
      'Escalate',
      'Solve',
      'Open account',
    ]);
  });

  it('says so where nothing is known', () => {
    const card = ticketMirror(makeTicketView({ account: null, health: null, ticket: { requesterName: null } }), {
      ...drawn,
      threadLink: null,
      deskLink: null,
    });
    expect(linesOf(card)).toEqual(
      expect.arrayContaining([
        '*Unknown account* · `/cs link` says whose this channel is',
        'New · no urgency · no team · nobody has it · form open',
      ]),
    );
    expect(idsIn(card)).toEqual([TAKE_TICKET, ESCALATE_TICKET, SOLVE_TICKET]);
  });

  it('shows why it was escalated, and asks for it no more', () => {
    const escalation = {
      why: 'All exports',
      tried: 'Again',
      reproduction: 'Press it',
      by: 'U01MAYALIND',
      at: new Date(),
    };
    const card = ticketMirror(makeTicketView({ ticket: { escalation } }), drawn);
    expect(linesOf(card)).toEqual(
      expect.arrayContaining(['*Why:* All exports', '*Tried:* Again', '*Reproduction:* Press it']),
    );
    expect(idsIn(card)).not.toContain(ESCALATE_TICKET);
  });

  it.each([
    ['is_archived', 'the channel is archived'],
    ['Slack refuses posts in the channel C01 (not_in_channel)', 'I am not in the channel any more'],
    ['An API error occurred: thread_not_found', 'the thread is gone'],
    ['the channel C01 is unknown to Slack, or private and without the bot', 'I am not in the channel any more'],
    ['<!channel>', '&lt;!channel&gt;'],
    [null, 'Slack does not answer'],
  ])('says why something did not reach the thread: %s', (why, words) => {
    const card = ticketMirror(makeTicketView({ notPosted: { count: 1, why } }), drawn);
    expect(linesOf(card)).toContain(
      `⚠️ 1 message did not reach the thread: ${words.replace('<', '‹').replace('&lt;', '‹').replace('&gt;', '›')}. It is tried again.`,
    );
  });

  it('offers nothing to do for one that is solved', () => {
    expect(idsIn(ticketMirror(makeTicketView({ ticket: { status: 'solved' }, account: null }), drawn))).toEqual([]);
  });
});

describe('a reminder', () => {
  it('says which ticket, where, and until when; and once it is filled, what was chosen', () => {
    const open = ticketReminder(makeTicketView({ message: { kind: 'ticket_reminder' } }), reminded);
    expect(linesOf(open)[0]).toBe('🎫 Ticket #12 of *Acme Corp*: The export fails');
    expect(linesOf(open)[1]).toContain(`<${drawn.threadLink}|its thread>`);
    const filled = ticketReminder(
      makeTicketView({ ticket: { form: 'filled', formBy: 'U02PRIYANAI', severity: 'low' } }),
      reminded,
    );
    expect(linesOf(filled)[1]).toBe('Urgency *Low*, chosen by <@U02PRIYANAI>.');
  });
});

describe('the form to escalate', () => {
  it('asks three questions, and takes no empty answer', () => {
    const form = escalationForm({ number: '12' }, 7);
    expect(viewSchema.safeParse(form).error).toBeUndefined();
    expect(form.callback_id).toBe(ESCALATION_FORM);
    const values = (why: string) => ({
      why: { why: { value: why } },
      tried: { tried: { value: 'x' } },
      reproduction: { reproduction: { value: ' y ' } },
    });
    expect(readEscalation(values('  '))).toEqual({ errors: { why: expect.any(String) } });
    expect(readEscalation(values('w'))).toEqual({ escalation: { why: 'w', tried: 'x', reproduction: 'y' } });
    expect(Object.keys((readEscalation({}) as { errors: object }).errors)).toHaveLength(3);
  });

  it('has a title that fits, whatever the number', () => {
    fc.assert(
      fc.property(hostileText(60), (number) => {
        expect(viewSchema.safeParse(escalationForm({ number }, 7)).error).toBeUndefined();
      }),
    );
  });
});

describe('whatever customers and agents write', () => {
  const text = fc.oneof(hostileText(60), hostileText(3000), fc.constant(''));
  const anything = fc.record({
    name: text,
    subject: text,
    requesterName: fc.option(text),
    group: text,
    assignee: text,
    fault: fc.option(text),
    why: text,
    said: text,
    error: fc.option(text),
    status: fc.constantFrom('new', 'open', 'pending', 'hold', 'solved', 'closed' as const),
    form: fc.constantFrom('open', 'filled', 'defaulted' as const),
  });

  it('all messages stay within what Slack takes, and notify, link and format nothing of it', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const view = makeTicketView({
          message: { kind: 'ticket_reply', detour: given.why, ownerEmail: given.name },
          ticket: {
            subject: given.subject,
            requesterName: given.requesterName,
            group: { id: '2', name: given.group },
            assignee: { name: given.assignee, email: null },
            fault: given.fault,
            trouble: given.fault === null ? null : 'other',
            status: given.status,
            form: given.form,
            number: given.group.slice(0, 20) || '1',
            desk: given.assignee,
            escalation: { why: given.why, tried: given.said, reproduction: given.why, by: given.name, at: new Date() },
          },
          account: { id: 'acme', name: given.name, csmEmail: given.name, arr: null, currency: 'USD' },
          groups: [
            { id: '1', name: given.group },
            { id: '2', name: given.name },
          ],
          reply: makeTicketReply({
            text: given.said,
            authorName: given.name,
            files: [{ name: given.why, link: 'https://northwind.example/file' }],
          }),
          notPosted: { count: 1, why: given.error },
          notTaken: { count: 1, why: given.error },
          notesNotTaken: { count: 2, why: given.error },
        });
        const reply = ticketReply(view);
        const messages = [
          ticketCard(view),
          ticketMirror(view, drawn),
          ticketReminder(view, reminded),
          reply,
          reply.as.otherwise,
        ];
        for (const message of messages) {
          expect(checkBlocks(message.blocks, () => true)).toMatchObject({ ok: true });
          expect(sizeOf(message)).toBeLessThan(12_000);
          expect(pingsOf(message.text, message.blocks)).toEqual([]);
          const markup = [message.text, ...mrkdwnIn(message.blocks)].join('\n').replace(own, '');
          expect(markup).not.toMatch(/<[!@#h]|@(?:channel|here|everyone)\b/);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** What we write ourselves: links of ours, dates, the channel. */
const own = /<(?:https:\/\/northwind[^>|]*\|[^>]*|#C01ACMESHRD|!date\^\d+\^[^>]*)>/g;

function mrkdwnIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)];
  return Object.values(value).flatMap(mrkdwnIn);
}
