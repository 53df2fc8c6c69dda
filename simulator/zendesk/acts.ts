import { change, via } from './change.ts';
import { storeFile } from './files.ts';
import { ownPerson, type State, type StoredTicket } from './state.ts';
import { findTicket } from './tickets.ts';
import type { ZendeskServer } from './types.ts';

type Acts = Pick<
  ZendeskServer,
  'reply' | 'answerByMail' | 'setStatus' | 'assign' | 'merge' | 'closeTicket' | 'deleteTicket'
>;

/** What agents and customers do in Zendesk itself. */
export function createActs(state: State): Acts {
  const agent = (id = [...state.people.values()].find(isOtherAgent)?.id) => id ?? ownPerson(state).id;
  const isOtherAgent = ({ role, email }: { role: string; email: string | null }) =>
    role !== 'end-user' && email !== state.email.toLowerCase();
  const open = (ticketId: number): StoredTicket => {
    const ticket = findTicket(state, ticketId);
    if (ticket.status === 'closed') throw new Error(`The ticket ${ticketId} is closed`);
    return ticket;
  };
  const set = (ticketId: number, fields: Partial<StoredTicket>) =>
    change(state, open(ticketId), { author: agent(), via: via('web'), fields });
  return {
    reply(ticketId, text, { public: isPublic = true, agentId, files = [] } = {}) {
      const author = agent(agentId);
      const stored = files.map(({ name, type, bytes }) => storeFile(state, name, type, bytes));
      const comment = { author, body: text, public: isPublic, files: stored };
      return change(state, open(ticketId), { author, via: via('web'), comment }).comment!.id;
    },
    answerByMail(ticketId, text) {
      const ticket = open(ticketId);
      const author = ticket.requester_id;
      const fields = ['pending', 'solved'].includes(ticket.status) ? { status: 'open' as const } : {};
      const comment = { author, body: text, public: true, files: [] };
      return change(state, ticket, { author, via: via('email'), fields, comment }).comment!.id;
    },
    setStatus: (ticketId, status) => void set(ticketId, { status }),
    assign(ticketId, assignee_id) {
      const isNew = open(ticketId).status === 'new';
      set(ticketId, { assignee_id, ...(isNew && assignee_id !== null && { status: 'open' }) });
    },
    merge: (sourceId, targetId, text) => merge(state, open(sourceId), open(targetId), agent(), text),
    closeTicket: (ticketId) => void set(ticketId, { status: 'closed' }),
    deleteTicket(ticketId) {
      findTicket(state, ticketId).deleted = true;
      state.journal.add({ kind: 'ticket', ticket: ticketId, change: 'deleted', fields: {} });
    },
  };
}

/** Both tickets get an internal note; the source is closed and tagged. */
function merge(
  state: State,
  source: StoredTicket,
  target: StoredTicket,
  author: number,
  text = `This request was closed and merged into request #${target.id} "${target.subject}".`,
): void {
  const note = (body: string) => ({ author, body, public: false, files: [] });
  change(state, source, {
    author,
    via: via('web'),
    fields: { status: 'closed', tags: [...source.tags, 'closed_by_merge'] },
    comment: note(text),
  });
  change(state, target, {
    author,
    via: via('web', 'merge', { ticket_id: source.id, subject: source.subject }),
    comment: note(`Request #${source.id} "${source.subject}" was closed and merged into this request.`),
  });
}
