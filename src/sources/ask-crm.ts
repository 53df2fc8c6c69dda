import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { CrmRefused, CrmUnavailable } from '../crm/errors.ts';

/** A CRM and how to talk to it. `url` has no slash at its end; `setting` is what the address is set by. */
export type CrmConnection = {
  label: string;
  url: string;
  setting: string;
  fetch: typeof fetch;
  now: () => Date;
  log: Logger;
  /** Milliseconds that an answer may take. */
  answerMs: number;
  /** Waits before another attempt. */
  pause: (ms: number) => Promise<unknown>;
};

/** What a connection need not say. */
export type CrmOptions = Pick<CrmConnection, 'url' | 'now' | 'log'> &
  Partial<Pick<CrmConnection, 'fetch' | 'answerMs' | 'pause'>>;

/** `data` is undefined where the answer is no JSON. */
export type CrmAnswer = { status: number; headers: Headers; data: unknown };

type Request = { path: string; method?: 'GET' | 'POST'; headers: Record<string, string>; body?: string };

const mostAttempts = 4;
const firstPauseMs = 500;
/** Whoever asks for a longer pause is asked again by the next sync. */
const longestPauseMs = 60_000;

/** Fills in what is usual. */
export function crmConnection(label: string, setting: string, options: CrmOptions): CrmConnection {
  return {
    label,
    setting,
    fetch,
    answerMs: 30_000,
    pause: (ms) => sleep(ms),
    ...options,
    url: options.url.replace(/\/+$/, ''),
  };
}

/**
 * Asks a CRM, again after passing trouble; nothing that is asked changes anything there.
 * @throws {CrmUnavailable} when no answer comes or all tell of trouble
 * @throws {CrmRefused} when it sends us to another address
 */
export async function askCrm(crm: CrmConnection, request: Request): Promise<CrmAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await tryOnce(crm, request);
    if (!('trouble' in result)) return result;
    const pauseMs = result.retryMs ?? firstPauseMs * 2 ** (attempt - 1);
    if (attempt === mostAttempts || pauseMs > longestPauseMs)
      throw new CrmUnavailable(`${result.trouble} The next sync tries again.`);
    await crm.pause(pauseMs);
  }
}

type Trouble = { trouble: string; retryMs: number | null };

async function tryOnce(crm: CrmConnection, request: Request): Promise<CrmAnswer | Trouble> {
  const { label, log } = crm;
  const { path, method = 'GET', headers, body } = request;
  let response: Response;
  let text: string;
  try {
    response = await crm.fetch(`${crm.url}${path}`, {
      method,
      headers: { accept: 'application/json', ...headers },
      // Another host must never get our credentials.
      redirect: 'manual',
      signal: AbortSignal.timeout(crm.answerMs),
      ...(body !== undefined && { body }),
    });
    text = await response.text();
  } catch (error) {
    return { trouble: noAnswer(label, error), retryMs: null };
  }
  const { status } = response;
  log.debug({ crm: label, method, path: path.split('?')[0], status }, 'asked a CRM');
  if (status >= 300 && status < 400) throw moved(crm, response.headers.get('location'));
  const retryMs = retryAfter(response.headers.get('retry-after'), crm.now());
  if (status === 429) {
    const untilReset = retryAfter(response.headers.get('ratelimit-reset'), crm.now());
    return { trouble: `${label} limits how often we may ask it.`, retryMs: retryMs ?? untilReset };
  }
  if (status === 408 || status >= 500) return { trouble: `${label} is in trouble (status ${status}).`, retryMs };
  return { status, headers: response.headers, data: parse(text) };
}

/** What an answer without JSON is told as; it mostly comes from another server. */
export function notTheApi({ label, url, setting }: CrmConnection): CrmRefused {
  return new CrmRefused(
    'unauthorized',
    `What answers at ${new URL(url).host} is not ${label}’s API. Check ${setting}.`,
  );
}

function noAnswer(label: string, error: unknown): string {
  const { name, cause } = error as { name?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return `${label} took too long to answer.`;
  const why = typeof cause?.code === 'string' ? ` (${cause.code})` : '';
  return `${label} cannot be reached${why}.`;
}

function moved({ label, url, setting }: CrmConnection, location: string | null): CrmRefused {
  const to = location === null ? null : (URL.parse(location, url)?.origin ?? null);
  const hint = to === null ? `Check ${setting}.` : `It sends us to ${to}; if that is yours, set ${setting} to it.`;
  return new CrmRefused('moved', `${label} is not at ${new URL(url).host}. ${hint}`);
}

/** Milliseconds until the next attempt, from seconds or a date. */
function retryAfter(value: string | null, now: Date): number | null {
  if (value === null) return null;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
