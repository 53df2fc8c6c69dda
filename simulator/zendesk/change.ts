import { nextId, type State, type StoredFile, type StoredTicket, stamp, type Via } from './state.ts';
import { tellWebhook } from './webhooks.ts';

/** How something came about; `rel` and where from only for merges and follow-ups. */
export const via = (channel: string, rel: string | null = null, from: object = {}, to: object = {}): Via => ({
  channel,
  source: { from, to, rel },
});

type Change = {
  author: number;
  via: Via;
  fields?: Partial<StoredTicket>;
  comment?: { author: number; body: string; public: boolean; files: StoredFile[] };
  custom?: Record<string, unknown>;
};

/** Changes a ticket, with an audit, and tells of it. Answers with the audit. */
export function change(state: State, ticket: StoredTicket, { author, via, fields = {}, comment, custom = {} }: Change) {
  const isNew = ticket.audits.length === 0;
  const id = nextId(state, 'other');
  const created_at = stamp(state);
  const changes = isNew ? fields : changed(ticket, fields);
  Object.assign(ticket, fields, { updated_at: created_at });
  const stored = comment && {
    ...comment,
    id: nextId(state, 'other'),
    audit_id: id,
    author_id: comment.author,
    via,
    created_at,
    custom,
  };
  const audit = { id, author_id: author, created_at, custom, via, changes, comment: stored ?? null };
  ticket.audits.push(audit);
  if (isNew || Object.keys(changes).length > 0)
    state.journal.add({ kind: 'ticket', ticket: ticket.id, change: isNew ? 'created' : 'changed', fields: changes });
  if (stored) {
    const { id: commentId, public: isPublic, body } = stored;
    const entry = { ticket: ticket.id, comment: commentId, public: isPublic, author: stored.author, body };
    state.journal.add({ kind: 'comment', ...entry });
  }
  for (const event of eventsOf(isNew, changes, stored !== undefined)) tellWebhook(state, ticket, event);
  return audit;
}

function changed(ticket: StoredTicket, fields: Partial<StoredTicket>): Record<string, unknown> {
  const before = ticket as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])),
  );
}

const eventNames: Record<string, string> = {
  status: 'status_changed',
  priority: 'priority_changed',
  group_id: 'group_assignment_changed',
  assignee_id: 'agent_assignment_changed',
  custom_fields: 'custom_field_changed',
  tags: 'tags_changed',
};

function eventsOf(isNew: boolean, changes: Record<string, unknown>, hasComment: boolean): string[] {
  const names = isNew ? ['created'] : Object.keys(changes).flatMap((field) => eventNames[field] ?? []);
  return [...names, ...(hasComment ? ['comment_added'] : [])];
}
