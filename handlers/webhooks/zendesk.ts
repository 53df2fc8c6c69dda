import type { Logger } from 'pino';
import { workSoon } from '../../jobs/work-on-tickets.ts';
import { touchDeskTicket } from '../../src/db/ticket-work.ts';
import type { Deps } from '../../src/deps.ts';
import { type Route, readBody, sendText } from '../../src/http/server.ts';
import { readZendeskWebhook } from '../../src/sources/zendesk/webhook.ts';

const MAX_BODY_BYTES = 1_000_000;

const refusals = {
  unsigned: 'The request is not signed as Zendesk signs its webhooks.',
  wrong_signature: 'The signature is wrong: ZENDESK_WEBHOOK_SECRET must be the secret of this webhook.',
  wrong_time: 'The request was signed more than five minutes ago, or is dated in the future; check the clocks.',
};
const noSecret = 'ZENDESK_WEBHOOK_SECRET is not set here, so nothing can be told from Zendesk.';

type ZendeskDeps = Pick<Deps, 'db' | 'queue' | 'now'> & { log: Logger; desk: string; secret: string | undefined };

/**
 * POST /webhooks/zendesk: something happened to a ticket. What it was is asked of Zendesk, since deliveries come doubled, late
 * and in any order; so all that is stored is that somebody is to look.
 */
export function zendeskRoute({ db, queue, log, now, desk, secret }: ZendeskDeps): Route {
  return async (request, response) => {
    const body = await readBody(request, MAX_BODY_BYTES);
    if (body === null) return sendText(response, 413, 'The body is too large\n');
    const header = (name: string) => request.headers[name]?.toString();
    const read = readZendeskWebhook({
      body,
      signature: header('x-zendesk-webhook-signature'),
      timestamp: header('x-zendesk-webhook-signature-timestamp'),
      secret: secret ?? '',
      now: now(),
    });
    if (read.kind === 'refused') {
      const why = secret ? refusals[read.why] : noSecret;
      log.warn({ why: read.why }, 'a webhook of Zendesk was refused');
      return sendText(response, 401, `${why}\n`);
    }
    // Zendesk knows tickets that are none of ours.
    const threads = read.kind === 'ticket' ? await touchDeskTicket(db, desk, read.ticketId, now()) : 0;
    if (threads > 0)
      await queue
        .enqueue('work-on-tickets', {}, workSoon)
        .catch((error: unknown) => log.warn({ err: error }, 'work on tickets could not be ordered; it is done later'));
    sendText(response, 200, 'ok\n');
  };
}
