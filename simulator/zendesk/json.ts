import type { Group, Person, State, StoredAudit, StoredComment, StoredFile, StoredTicket } from './state.ts';

/** A ticket as the API has it. */
export function ticketJson(state: State, ticket: StoredTicket) {
  const { deleted, audits, ...fields } = ticket;
  return {
    url: `${state.url}/api/v2/tickets/${ticket.id}.json`,
    ...fields,
    is_public: audits.some(({ comment }) => comment?.public),
    description: audits[0]?.comment?.body ?? '',
  };
}

/** A comment as the list of comments has it. */
export function commentJson(state: State, comment: StoredComment) {
  const { files, custom, body, ...rest } = comment;
  return {
    type: 'Comment',
    ...rest,
    body,
    html_body: `<div class="zd-comment"><p>${escapeHtml(body)}</p></div>`,
    plain_body: body.replaceAll('  ', ' &nbsp;'),
    attachments: files.map((file) => fileJson(state, file)),
    metadata: { system: { client: 'simulator' }, ...(state.commentMetadata && { custom }) },
  };
}

/** An audit, with its events. */
export function auditJson(state: State, ticket: StoredTicket, audit: StoredAudit) {
  const { comment, changes, custom, ...rest } = audit;
  const type = ticket.audits[0] === audit ? 'Create' : 'Change';
  const events = Object.entries(changes).map(([field_name, value], index) => ({
    id: audit.id * 10 + index,
    type,
    field_name,
    value,
  }));
  return {
    ...rest,
    ticket_id: ticket.id,
    metadata: { custom, system: { client: 'simulator' } },
    events: [...(comment ? [commentJson(state, comment)] : []), ...events],
  };
}

/** A file as attachments have it. */
export function fileJson(state: State, { id, token, name, type, bytes }: StoredFile) {
  return {
    id,
    file_name: name,
    content_type: type,
    content_url: `${state.url}/attachments/token/${token}/?name=${encodeURIComponent(name)}`,
    size: bytes.length,
    inline: false,
    deleted: false,
    malware_scan_result: name.includes('eicar') ? 'malware_found' : 'malware_not_found',
  };
}

/** A person as users have it. */
export const personJson = ({ id, name, email, role, external_id }: Person) => ({ id, name, email, role, external_id });

/** A group as the API has it. */
export const groupJson = ({ id, name, deleted }: Group) => ({ id, name, deleted });

/** Text that means nothing to a browser. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
