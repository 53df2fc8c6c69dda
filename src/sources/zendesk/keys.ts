import { z } from 'zod';
import { ask, type Connection, read } from './connection.ts';
import { pagesOf } from './pages.ts';
import { auditSchema, commentIdOf } from './schemas.ts';

type Audit = z.output<typeof auditSchema>;

const auditsSchema = z.object({ audits: z.array(auditSchema) });
const auditAnswerSchema = z.object({ audit: auditSchema });

/**
 * The id and our key of each comment of a ticket that has one: they are in the audits. Where `auditIds` are given, only
 * those are read.
 */
export async function* commentKeys(
  zendesk: Connection,
  ticketId: string,
  auditIds?: readonly string[],
): AsyncGenerator<[commentId: string, key: string]> {
  const audits = auditIds ? eachAudit(zendesk, ticketId, auditIds) : allAudits(zendesk, ticketId);
  for await (const audit of audits) {
    const key = audit.metadata?.custom?.bellwether;
    const commentId = commentIdOf(audit);
    if (key && commentId !== null) yield [commentId, key];
  }
}

async function* eachAudit(zendesk: Connection, ticketId: string, auditIds: readonly string[]): AsyncGenerator<Audit> {
  for (const auditId of auditIds) {
    const answer = await ask(zendesk, { method: 'GET', path: `tickets/${ticketId}/audits/${auditId}` });
    yield read(zendesk, answer, `ticket ${ticketId}`, auditAnswerSchema).audit;
  }
}

async function* allAudits(zendesk: Connection, ticketId: string): AsyncGenerator<Audit> {
  const list = { path: `tickets/${ticketId}/audits`, what: `ticket ${ticketId}`, schema: auditsSchema };
  for await (const { audits } of pagesOf(zendesk, list)) yield* audits;
}
