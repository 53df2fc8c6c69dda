import type { z } from 'zod';
import { CrmRefused } from '../../crm/errors.ts';
import type { Quota } from '../../crm/types.ts';
import { askCrm, type CrmConnection, notTheApi } from '../ask-crm.ts';

/** Vitally and how to talk to it; `quota` is what its last answer told of the minute. */
export type VitallyConnection = CrmConnection & { apiKey: string; quota: Extract<Quota, { kind: 'minute' }> | null };

/** So few requests of a minute are left to others: until the next can be sent, we wait. */
const leftToOthers = 20;
const longestWaitSeconds = 60;

/**
 * Gets what is at a path below /resources; null where there is nothing.
 * @throws {CrmRefused} with words for what to do
 */
export async function getVitally<T extends z.ZodType>(
  vitally: VitallyConnection,
  path: string,
  query: Record<string, string>,
  schema: T,
): Promise<z.output<T> | null> {
  const key = Buffer.from(`${vitally.apiKey}:`).toString('base64');
  const search = new URLSearchParams(query).toString();
  const { status, headers, data } = await askCrm(vitally, {
    path: `/resources/${path}${search && `?${search}`}`,
    headers: { authorization: `Basic ${key}` },
  });
  if (status === 401 || status === 403)
    throw new CrmRefused('unauthorized', 'Vitally does not accept our key. Check VITALLY_API_KEY and VITALLY_URL.');
  await keepPace(vitally, headers);
  if (status === 404) return null;
  if (data === undefined) throw notTheApi(vitally);
  if (status < 200 || status > 299) throw new CrmRefused('invalid', `Vitally refuses the request (status ${status}).`);
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.');
  throw new CrmRefused('invalid', `Vitally’s answer cannot be read (${where}).`);
}

/** From `RateLimit-Limit: 1000, 1000;window=60`, `RateLimit-Remaining: 12` and `RateLimit-Reset: 59`, seconds. */
async function keepPace(vitally: VitallyConnection, headers: Headers): Promise<void> {
  const number = (name: string) => {
    const [digits] = /^\s*\d{1,9}/.exec(headers.get(name) ?? '') ?? [];
    return digits === undefined ? null : Number(digits);
  };
  const limit = number('ratelimit-limit');
  const remaining = number('ratelimit-remaining');
  if (limit === null || remaining === null) return;
  vitally.quota = { kind: 'minute', remaining, limit };
  if (remaining >= Math.min(leftToOthers, limit / 2)) return;
  await vitally.pause(Math.min(number('ratelimit-reset') ?? 1, longestWaitSeconds) * 1000);
}
