import type { Logger } from 'pino';
import type { z } from 'zod';
import { HelpDeskRefused, HelpDeskUnavailable } from '../../helpdesk/errors.ts';
import { type Answer, expectOk, troubleOf } from './failures.ts';

/** Zendesk and how to talk to it. `url` has no slash at its end. */
export type Connection = {
  url: string;
  email: string;
  apiToken: string;
  fetch: typeof fetch;
  now: () => Date;
  log: Logger;
  /** Milliseconds that an answer may take, and a file. */
  answerMs: number;
  fileMs: number;
};

type Request = {
  method: 'GET' | 'POST' | 'PUT';
  /** Below /api/v2: "tickets/7". */
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: unknown;
};

/** Sent to Zendesk only. */
export function authorization({ email, apiToken }: Connection): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${email}/token:${apiToken}`).toString('base64')}` };
}

/**
 * Asks Zendesk's API, and answers with whatever it says but for passing trouble.
 * @throws {HelpDeskUnavailable} when no answer comes or it tells of trouble
 */
export async function ask(zendesk: Connection, { method, path, query, headers, body }: Request): Promise<Answer> {
  return exchange(zendesk, { method, path, ...(query && { query }) }, zendesk.answerMs, {
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** As `ask`, with any body and as long as a file may take. */
export async function exchange(
  zendesk: Connection,
  { method, path, query }: Pick<Request, 'method' | 'path' | 'query'>,
  waitMs: number,
  { headers, ...init }: { headers: Record<string, string>; body?: BodyInit; duplex?: 'half' },
): Promise<Answer> {
  const isWrite = method !== 'GET';
  const search = query ? `?${new URLSearchParams(query)}` : '';
  const response = await reach(zendesk, `${zendesk.url}/api/v2/${path}.json${search}`, isWrite, {
    method,
    headers: { accept: 'application/json', ...headers, ...authorization(zendesk) },
    // Another host must never get our credentials, and a POST that is sent on would lose its body.
    redirect: 'manual',
    signal: AbortSignal.timeout(waitMs),
    ...init,
  });
  const { status } = response;
  zendesk.log.debug({ method, path, status }, 'asked Zendesk');
  if (status >= 300 && status < 400) throw moved(zendesk, response.headers.get('location'));
  const trouble = troubleOf(status, response.headers, isWrite, zendesk.now());
  if (trouble) {
    await response.body?.cancel();
    throw trouble;
  }
  const data = await readJson(response, isWrite);
  if (data === undefined && response.ok)
    throw new HelpDeskUnavailable(`What answers at ${hostOf(zendesk)} is not Zendesk's API. Check ZENDESK_URL.`, {
      mayBeDone: isWrite,
    });
  return { status, data };
}

/** Reads what Zendesk answered to a request for `what`. */
export function read<T extends z.ZodType>(
  zendesk: Connection,
  answer: Answer,
  what: string,
  schema: T,
  isWrite = false,
): z.output<T> {
  const parsed = schema.safeParse(expectOk(answer, what, hostOf(zendesk)));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.');
  throw new HelpDeskUnavailable(`Zendesk's answer about ${what} cannot be read (${where}).`, { mayBeDone: isWrite });
}

/** Fetches, with words for why no answer came. */
export async function reach(
  zendesk: Connection,
  url: string,
  isWrite: boolean,
  init: RequestInit & { duplex?: 'half' },
): Promise<Response> {
  try {
    return await zendesk.fetch(url, init);
  } catch (error) {
    throw noAnswer(error, isWrite);
  }
}

async function readJson(response: Response, isWrite: boolean): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    throw noAnswer(error, isWrite);
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Nothing was sent where there was no connection. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

function noAnswer(error: unknown, isWrite: boolean): Error {
  const { name, cause } = error as { name?: unknown; cause?: unknown };
  // What a file was found to be while it was sent.
  for (const each of [error, cause]) {
    if (each instanceof HelpDeskRefused || each instanceof HelpDeskUnavailable) return each;
  }
  if (name === 'TimeoutError')
    return new HelpDeskUnavailable('Zendesk took too long to answer.', { mayBeDone: isWrite });
  const code = (cause as { code?: unknown } | undefined)?.code;
  const wasSent = !(typeof code === 'string' && neverSent.has(code));
  const why = typeof code === 'string' ? ` (${code})` : '';
  return new HelpDeskUnavailable(`Zendesk cannot be reached${why}.`, { mayBeDone: isWrite && wasSent });
}

function moved(zendesk: Connection, location: string | null): HelpDeskRefused {
  const to = location && URL.parse(location, zendesk.url)?.origin;
  const where = to ? ` to ${to}. If that is yours, set ZENDESK_URL to it.` : '. Check ZENDESK_URL.';
  return new HelpDeskRefused('moved', `Zendesk at ${hostOf(zendesk)} sends us on${where}`);
}

function hostOf({ url }: Connection): string {
  return new URL(url).host;
}
