import { z } from 'zod';
import type { Attachment, Group, Ticket } from '../../helpdesk/types.ts';

/** Our ids are text. Zendesk's are numbers, and a number too large to be told from its neighbours is not read at all. */
export const idSchema = z
  .int()
  .positive()
  .transform((id) => String(id));

const timeSchema = z.iso.datetime({ offset: true }).transform((time) => new Date(time));

export const userSchema = z.object({
  id: idSchema,
  name: z.string(),
  email: z.string().nullish(),
  role: z.string().nullish(),
});

const viaSchema = z
  .object({
    channel: z.union([z.string(), z.number()]).nullish(),
    source: z
      .object({
        rel: z.string().nullish(),
        from: z.object({ ticket_id: z.coerce.number().nullish() }).nullish().catch(null),
        to: z.object({ ticket_id: z.coerce.number().nullish() }).nullish().catch(null),
      })
      .nullish(),
  })
  .nullish()
  .catch(null);

export const groupSchema = z.object({ id: idSchema, name: z.string(), deleted: z.boolean().nullish() });

const ticketSchema = z.object({
  id: idSchema,
  external_id: z.string().nullish(),
  subject: z.string().nullish(),
  status: z.enum(['new', 'open', 'pending', 'hold', 'solved', 'closed']),
  priority: z.enum(['low', 'normal', 'high', 'urgent']).nullish(),
  group_id: idSchema.nullish(),
  assignee_id: idSchema.nullish(),
  requester_id: idSchema.nullish(),
  tags: z.array(z.string()).nullish(),
  via: viaSchema,
  updated_at: timeSchema,
});

/** A ticket, with the people and groups that it names beside it. */
export const ticketAnswerSchema = z.object({
  ticket: ticketSchema,
  users: z.array(userSchema).nullish(),
  groups: z.array(groupSchema).nullish(),
});

const attachmentSchema = z
  .object({
    id: idSchema,
    file_name: z.string(),
    content_type: z.string().nullish(),
    content_url: z.string(),
    size: z.int().nonnegative(),
    deleted: z.boolean().nullish(),
    malware_scan_result: z.string().nullish(),
  })
  .transform(
    (file): Attachment => ({
      id: file.id,
      name: file.file_name,
      type: file.content_type ?? 'application/octet-stream',
      size: file.size,
      url: file.content_url,
      isUnsafe: file.malware_scan_result === 'malware_found' || file.deleted === true,
    }),
  );

/** What addComment and createTicket leave in an audit, so that they are known again. */
const metadataSchema = z.object({ custom: z.object({ bellwether: z.string().nullish() }).nullish() }).nullish();

export const commentSchema = z.object({
  id: idSchema,
  audit_id: idSchema.nullish(),
  author_id: z.int(),
  body: z.string().nullish(),
  plain_body: z.string().nullish(),
  public: z.boolean(),
  created_at: timeSchema,
  attachments: z.array(attachmentSchema).nullish(),
  via: viaSchema,
  metadata: metadataSchema,
});

export const auditSchema = z.object({
  metadata: metadataSchema,
  events: z.array(z.object({ id: z.int(), type: z.string() })),
});

/** The first event that is a comment has the comment's id. */
export function commentIdOf({ events }: z.output<typeof auditSchema>): string | null {
  const comment = events.find(({ type }) => type === 'Comment');
  return comment ? String(comment.id) : null;
}

export function toGroup({ id, name }: z.output<typeof groupSchema>): Group {
  return { id, name };
}

/** A ticket in our own terms; `mergedInto` is not of Zendesk's ticket and asked for separately. */
export function toTicket(
  { ticket, users, groups }: z.output<typeof ticketAnswerSchema>,
  mergedInto: string | null,
): Ticket {
  const assignee = users?.find(({ id }) => id === ticket.assignee_id);
  const group = groups?.find(({ id }) => id === ticket.group_id);
  const source = ticket.via?.source;
  return {
    id: ticket.id,
    externalId: ticket.external_id ?? null,
    subject: ticket.subject ?? '',
    status: ticket.status,
    severity: ticket.priority ?? null,
    group: group ? toGroup(group) : null,
    assignee: assignee ? { name: assignee.name, email: assignee.email ?? null } : null,
    requesterId: ticket.requester_id ?? null,
    mergedInto,
    followUpOf: source?.rel === 'follow_up' && source.from?.ticket_id ? String(source.from.ticket_id) : null,
    updatedAt: ticket.updated_at,
  };
}
