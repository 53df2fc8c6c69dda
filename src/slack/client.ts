import { LogLevel, WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { slackLogger } from './logger.ts';

/**
 * Slack's Web API for reading and writing. It never tries again by itself: a write whose answer was lost may have been
 * done, and a rate limit is the caller's to wait out.
 */
export function createSlackClient(options: { token?: string; apiUrl: string; log: Logger }): WebClient {
  return new WebClient(options.token, {
    slackApiUrl: options.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 10_000,
    logger: slackLogger(options.log),
    logLevel: LogLevel.INFO,
  });
}
