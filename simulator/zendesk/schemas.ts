import { z } from 'zod';
import { invalid } from './refusal.ts';

const id = z.int().positive();
const comment = z.strictObject({
  body: z.string(),
  public: z.boolean().default(true),
  author_id: id.optional(),
  uploads: z.array(z.string()).default([]),
});
const fields = {
  subject: z.string().optional(),
  external_id: z.string().max(255).optional(),
  status: z.enum(['new', 'open', 'pending', 'hold', 'solved', 'closed']).optional(),
  priority: z.enum(['low', 'normal', 'high', 'urgent']).optional(),
  group_id: id.optional(),
  assignee_id: id.nullable().optional(),
  assignee_email: z.email().optional(),
  custom_fields: z.array(z.strictObject({ id, value: z.unknown() })).optional(),
  tags: z.array(z.string().regex(/^\S+$/, 'are invalid')).optional(),
  metadata: z.record(z.string(), z.unknown()).default({}),
};

const newTicketSchema = z.strictObject({
  ...fields,
  comment,
  requester: z.strictObject({ name: z.string().min(1), email: z.email() }).optional(),
  requester_id: id.optional(),
  via_followup_source_id: id.optional(),
});
const ticketChangeSchema = z.strictObject({
  ...fields,
  comment: comment.optional(),
  safe_update: z.boolean().default(false),
  updated_stamp: z.string().optional(),
});
const userSchema = z.strictObject({
  name: z.string().min(1),
  external_id: z.string().min(1).optional(),
  email: z.email().optional(),
  role: z.enum(['end-user', 'agent', 'admin']).default('end-user'),
  skip_verify_email: z.boolean().optional(),
});

export type NewTicket = z.output<typeof newTicketSchema>;
export type TicketChange = z.output<typeof ticketChangeSchema>;

/** The ticket of a request that creates one; 422 for what is missing or of another type. */
export const readNewTicket = (body: unknown): NewTicket => readIn(body, 'ticket', newTicketSchema);
/** The ticket of a request that changes one. */
export const readTicketChange = (body: unknown): TicketChange => readIn(body, 'ticket', ticketChangeSchema);
/** The user of a request that creates or updates one. */
export const readUser = (body: unknown): z.output<typeof userSchema> => readIn(body, 'user', userSchema);

/** Stricter than Zendesk, which passes over names that it does not know. */
function readIn<T extends z.ZodType>(body: unknown, name: string, schema: T): z.output<T> {
  const parsed = schema.safeParse((body as Record<string, unknown> | null)?.[name]);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw invalid(String(issue.path[0] ?? 'base'), `${issue.path.join('.') || name}: ${issue.message}`);
}
