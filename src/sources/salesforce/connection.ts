import { z } from 'zod';
import { CrmRefused, CrmUnavailable } from '../../crm/errors.ts';
import type { Quota } from '../../crm/types.ts';
import { askCrm, type CrmAnswer, type CrmConnection, notTheApi } from '../ask-crm.ts';

/** One session with Salesforce: its token, and how much of the day's requests is used. */
export type SalesforceSession = CrmConnection & {
  clientId: string;
  clientSecret: string;
  token: string | null;
  quota: Extract<Quota, { kind: 'day' }> | null;
};

/** A query that took too long, or whose list was forgotten half-way: both may go well the next time. */
const passing = new Set(['QUERY_TIMEOUT', 'INVALID_QUERY_LOCATOR']);
/** The rest of an organisation's requests is for others. */
const usableShare = 0.9;

const tokenSchema = z.object({ access_token: z.string().min(1) });
const tokenFaultSchema = z.object({ error: z.string(), error_description: z.string().nullish() });
const faultsSchema = z.array(z.object({ message: z.string(), errorCode: z.string() })).min(1);

/**
 * Gets what is at a path of the API. A session that is over is begun anew, once.
 * @throws {CrmRefused, CrmUnavailable} with words for what to do
 */
export async function getSalesforce<T extends z.ZodType>(
  session: SalesforceSession,
  path: string,
  schema: T,
): Promise<z.output<T>> {
  for (let isAgain = false; ; isAgain = true) {
    keepQuota(session);
    session.token ??= await logIn(session);
    const answer = await askCrm(session, { path, headers: { authorization: `Bearer ${session.token}` } });
    noteQuota(session, answer.headers.get('sforce-limit-info'));
    if (answer.status === 401 && !isAgain) {
      session.token = null;
      continue;
    }
    if (answer.status < 200 || answer.status > 299) throw refusalOf(session, answer);
    if (answer.data === undefined) throw notTheApi(session);
    const parsed = schema.safeParse(answer.data);
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues[0]?.path.join('.');
    throw new CrmRefused('invalid', `Salesforce’s answer cannot be read (${where}).`);
  }
}

async function logIn(session: SalesforceSession): Promise<string> {
  const { clientId, clientSecret } = session;
  const answer = await askCrm(session, {
    method: 'POST',
    path: '/services/oauth2/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }).toString(),
  });
  const token = answer.status === 200 ? tokenSchema.safeParse(answer.data).data : undefined;
  if (token) return token.access_token;
  const fault = tokenFaultSchema.safeParse(answer.data).data;
  if (!fault) throw notTheApi(session);
  const words = (fault.error_description ?? fault.error).replace(/\s+/g, ' ').trim().slice(0, 400);
  throw new CrmRefused(
    'unauthorized',
    `Salesforce does not let us in (${words}). Check SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET, that SALESFORCE_URL is the address of My Domain, and that the app allows the client credentials flow and has a user to run as.`,
  );
}

function refusalOf(session: SalesforceSession, { status, data }: CrmAnswer): CrmRefused | CrmUnavailable {
  const [fault] = faultsSchema.safeParse(data).data ?? [];
  if (!fault) return notTheApi(session);
  const { errorCode } = fault;
  const words = fault.message.replace(/\s+/g, ' ').trim().slice(0, 400);
  // The same code is that of too many long requests at once: `ConcurrentRequests (Concurrent API Requests) Limit exceeded.`
  if (passing.has(errorCode) || (errorCode === 'REQUEST_LIMIT_EXCEEDED' && /concurrent/i.test(words)))
    return new CrmUnavailable(`Salesforce is too busy (${words}). The next sync tries again.`);
  if (errorCode === 'REQUEST_LIMIT_EXCEEDED')
    return new CrmRefused('quota', 'Salesforce’s requests of the last 24 hours are used up. A later sync goes on.');
  if (status === 401)
    return new CrmRefused('unauthorized', `Salesforce does not accept its own token (${words}). Check the app’s user.`);
  if (status === 403 || errorCode === 'API_DISABLED_FOR_ORG')
    return new CrmRefused(
      'forbidden',
      `Salesforce does not let the app’s user read this (${words}). Give the user the permission "API Enabled".`,
    );
  const hint = ['INVALID_FIELD', 'INVALID_TYPE', 'MALFORMED_QUERY'].includes(errorCode)
    ? ' Mend the mapping in sources.yml, or let the app’s user see the field; --dry-run shows the queries.'
    : '';
  return new CrmRefused('invalid', `Salesforce refuses: ${words} [${errorCode}].${hint}`);
}

/** @throws {CrmRefused} before the last of the organisation's requests are used up */
function keepQuota({ quota }: SalesforceSession): void {
  if (quota === null || quota.used < quota.limit * usableShare) return;
  const { used, limit } = quota;
  throw new CrmRefused(
    'quota',
    `Salesforce has answered ${used} of ${limit} requests of the last 24 hours. From ${usableShare * 100} % on the rest is left to others, so nothing was read; a later sync goes on.`,
  );
}

/** From `api-usage=18/15000`, which may be followed by more. */
function noteQuota(session: SalesforceSession, header: string | null): void {
  const [, used, limit] = /(?:^|[\s,;])api-usage=(\d{1,12})\/(\d{1,12})/.exec(header ?? '') ?? [];
  if (used !== undefined && limit !== undefined)
    session.quota = { kind: 'day', used: Number(used), limit: Number(limit) };
}
