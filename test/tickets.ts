import type { TicketReply, TicketView } from '../src/db/ticket-view.ts';

type Parts = Partial<Omit<TicketView, 'message' | 'ticket'>> & {
  message?: Partial<TicketView['message']>;
  ticket?: Partial<TicketView['ticket']>;
};

/** What an agent said in public. */
export function makeTicketReply(given: Partial<TicketReply> = {}): TicketReply {
  return {
    origin: 'desk',
    isPublic: true,
    authorKind: 'agent',
    authorName: 'Ada Agent',
    text: 'Please try again.',
    files: [],
    ...given,
  };
}

/** A new ticket of Acme's, whose form is open, as a message shows it. */
export function makeTicketView({ message, ticket, ...given }: Parts = {}): TicketView {
  const at = new Date('2026-11-24T10:00:00Z');
  return {
    message: {
      id: 1,
      kind: given.reply === undefined ? 'ticket' : 'ticket_reply',
      ownerEmail: null,
      detour: null,
      isPosted: false,
      ...message,
    },
    ticket: {
      id: 7,
      channelId: 'C01ACMESHRD',
      threadTs: '1790000001.000100',
      number: '12',
      desk: 'Zendesk',
      subject: 'The export fails',
      requesterName: 'Priya Nair',
      status: 'new',
      severity: null,
      group: null,
      assignee: null,
      form: 'open',
      formBy: null,
      formSince: at,
      escalation: null,
      fault: null,
      trouble: null,
      createdAt: at,
      ...ticket,
    },
    account: { id: 'acme', name: 'Acme Corp', csmEmail: null, arr: null, currency: 'USD' },
    health: null,
    groups: [],
    reply: null,
    notPosted: { count: 0, why: null },
    notTaken: { count: 0, why: null },
    notesNotTaken: { count: 0, why: null },
    ...given,
  };
}
