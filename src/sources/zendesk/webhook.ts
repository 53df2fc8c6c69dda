import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { readInstant } from '../times.ts';

const mostSkewMs = 300_000;

type Delivery = {
  /** As it came; the signature is of these bytes. */
  body: Buffer;
  /** X-Zendesk-Webhook-Signature and X-Zendesk-Webhook-Signature-Timestamp. */
  signature: string | undefined;
  timestamp: string | undefined;
  secret: string;
  now: Date;
};

/** `event` is Zendesk's name of what happened; null for a trigger of one's own. */
export type ZendeskWebhook =
  | { kind: 'ticket'; ticketId: string; event: string | null }
  /** Signed, but about no ticket: what Zendesk sends to try a webhook, for instance. */
  | { kind: 'other' }
  /** Not from Zendesk, or sent too long ago. */
  | { kind: 'refused'; why: 'unsigned' | 'wrong_signature' | 'wrong_time' };

const ticketId = z
  .union([z.int().positive(), z.string().regex(/^\s*[1-9]\d{0,15}\s*$/)])
  .transform((id) => String(id).trim());

const eventSchema = z.object({
  type: z.string().regex(/^zen:event-type:(messaging_)?ticket\./),
  detail: z.object({ id: ticketId }),
});
const triggerSchema = z.union([
  z.object({ ticket_id: ticketId }).transform((body) => body.ticket_id),
  z.object({ ticket: z.object({ id: ticketId }) }).transform((body) => body.ticket.id),
]);

/**
 * Reads what a Zendesk webhook delivers: an event, or the JSON of a trigger with `ticket_id`. Only which ticket it is about
 * counts, since deliveries come doubled and in any order.
 */
export function readZendeskWebhook({ body, signature, timestamp, secret, now }: Delivery): ZendeskWebhook {
  if (!signature || !timestamp || secret === '') return { kind: 'refused', why: 'unsigned' };
  const expected = createHmac('sha256', secret).update(timestamp).update(body).digest('base64');
  const [given, wanted] = [Buffer.from(signature), Buffer.from(expected)];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    return { kind: 'refused', why: 'wrong_signature' };
  const sentAt = readInstant(timestamp);
  if (sentAt === null || Math.abs(now.getTime() - sentAt) > mostSkewMs) return { kind: 'refused', why: 'wrong_time' };
  const data = parse(body);
  const event = eventSchema.safeParse(data).data;
  if (event) return { kind: 'ticket', ticketId: event.detail.id, event: event.type };
  const triggered = triggerSchema.safeParse(data).data;
  return triggered === undefined ? { kind: 'other' } : { kind: 'ticket', ticketId: triggered, event: null };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
