import { bearerToken } from '../../src/http/write-keys.ts';
import { parsePosthogWebhook } from '../../src/sources/posthog-webhook.ts';
import type { DoorDefinition } from '../ingest/door.ts';

/** Deliveries of a PostHog destination, which are not signed: the key is in a header. */
export const posthogWebhook: DoorDefinition = {
  door: 'posthog-webhook',
  keyInHeaders: ({ authorization, 'x-bellwether-key': key }) => key?.toString() ?? bearerToken(authorization),
  keyInBody: null,
  parse: parsePosthogWebhook,
  success: { success: true },
};
