import { ErrorCode, type WebAPICallError } from '@slack/web-api';

/** Why a call of Slack's came to nothing, or may have. */
export type Failure =
  /** Slack did nothing, and may be asked again after `waitMs`. */
  | { kind: 'limited'; why: string; waitMs: number }
  /** Slack said no, and did nothing. */
  | { kind: 'refused'; why: string; code: string }
  /** It may have been done: no answer came, or one that says nothing. */
  | { kind: 'failed'; why: string };

/** What Slack says when it is in trouble itself; of the first two it says that part of the work may be done. */
const troubles = new Set([
  'fatal_error',
  'internal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

/** What a call of Slack's failed of. */
export function failureOf(error: unknown): Failure {
  const given = error as Partial<WebAPICallError>;
  const why = error instanceof Error ? error.message : String(error);
  if (given.code === ErrorCode.RateLimitedError)
    return { kind: 'limited', why, waitMs: (given.retryAfter ?? 1) * 1000 };
  if (given.code !== ErrorCode.PlatformError) return { kind: 'failed', why };
  const code = given.data?.error ?? 'unknown_error';
  if (code === 'ratelimited' || code === 'rate_limited') return { kind: 'limited', why, waitMs: 60_000 };
  return troubles.has(code) ? { kind: 'failed', why } : { kind: 'refused', why, code };
}

/** Slack said that it must not be asked before `waitMs` are over, so it was not. */
export class SlackBusy extends Error {
  readonly code = ErrorCode.RateLimitedError;
  override readonly name = 'SlackBusy';
  readonly retryAfter: number;

  constructor(waitMs: number) {
    super('Slack limits how often we may ask it.');
    this.retryAfter = Math.max(waitMs, 0) / 1000;
  }
}

/** The code that Slack refused a call with; `null` when it failed of something else. */
export function refusalOf(error: unknown): string | null {
  const failure = failureOf(error);
  return failure.kind === 'refused' ? failure.code : null;
}
