import { z } from 'zod';
import { HelpDeskRefused, HelpDeskUnavailable } from '../../helpdesk/errors.ts';

/** An answer of Zendesk's: `data` is undefined where it is no JSON. */
export type Answer = { status: number; data: unknown };

const text = z.string().nullish().catch(null);
const faultSchema = z.object({
  error: z
    .union([z.string(), z.object({ title: text, message: text })])
    .nullish()
    .catch(null),
  description: text,
  details: z
    .record(z.string(), z.array(z.object({ error: text, description: text })).catch([]))
    .nullish()
    .catch(null),
});

/** Zendesk's own code for a fault, such as `RecordInvalid`; null when it has none. */
export function faultCodeOf({ data }: Answer): string | null {
  const error = faultSchema.safeParse(data).data?.error;
  return typeof error === 'string' ? error : null;
}

/**
 * The data of an answer that is no refusal.
 * @throws {HelpDeskRefused} with words for what to do; `what` is what was asked for: "ticket 7"
 */
export function expectOk(answer: Answer, what: string, host: string): unknown {
  const { status, data } = answer;
  if (status >= 200 && status < 300) return data;
  if (status === 401)
    throw new HelpDeskRefused(
      'unauthorized',
      'Zendesk does not accept our credentials. Check ZENDESK_EMAIL and ZENDESK_API_TOKEN, and that the Admin Center allows token access.',
    );
  if (status === 403)
    throw new HelpDeskRefused(
      'forbidden',
      `Zendesk does not let us have ${what}. The user of ZENDESK_EMAIL must be an agent who may see and change all tickets.`,
    );
  if (status === 404 && data === undefined)
    throw new HelpDeskRefused('unauthorized', `There is no Zendesk at ${host}. Check ZENDESK_URL.`);
  if (status === 404)
    throw new HelpDeskRefused(
      'not_found',
      `Zendesk has no ${what}. It was deleted, or the user of ZENDESK_EMAIL may not see it.`,
    );
  if (status === 413) throw new HelpDeskRefused('too_large', `Zendesk says that ${what} is too large.`);
  const words = wordsOf(data);
  if (status === 422 && /\bclosed prevents ticket update/i.test(words))
    throw new HelpDeskRefused('closed', `In Zendesk ${what} is closed, so it cannot change any more.`);
  throw new HelpDeskRefused('invalid', `Zendesk does not take ${what}: ${words || `status ${status}`}`);
}

/** Passing trouble that an answer tells of; null when it tells of none. `isWrite`: something may have been done. */
export function troubleOf(status: number, headers: Headers, isWrite: boolean, now: Date): HelpDeskUnavailable | null {
  const retryAt = readRetryAfter(headers.get('retry-after'), now);
  if (status === 429)
    return new HelpDeskUnavailable('Zendesk limits how often we may ask it.', { retryAt, mayBeDone: false });
  // Somebody else changed the ticket meanwhile, or an earlier attempt is still being worked on.
  if (status === 409)
    return new HelpDeskUnavailable('Zendesk is changing the ticket at this moment.', { retryAt, mayBeDone: isWrite });
  if (status === 408 || status >= 500)
    return new HelpDeskUnavailable(`Zendesk is in trouble (status ${status}).`, { retryAt, mayBeDone: isWrite });
  return null;
}

/** When a Retry-After header allows the next attempt: it has seconds or a date. Null when it has neither. */
function readRetryAfter(value: string | null, now: Date): Date | null {
  if (value === null) return null;
  if (/^\s*\d{1,9}\s*$/.test(value)) return new Date(now.getTime() + Number(value) * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : new Date(at);
}

function wordsOf(data: unknown): string {
  const fault = faultSchema.safeParse(data).data;
  const details = Object.values(fault?.details ?? {}).flatMap((each) => each.map(({ description }) => description));
  const error = typeof fault?.error === 'string' ? fault.error : (fault?.error?.message ?? fault?.error?.title);
  const words = details.filter((each) => typeof each === 'string');
  return (words.length > 0 ? words.join('; ') : (fault?.description ?? error ?? '')).slice(0, 300);
}
