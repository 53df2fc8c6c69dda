import { keyInPosthogBody, parsePosthog } from '../../src/sources/posthog.ts';
import type { DoorDefinition } from './door.ts';

/** PostHog's capture API. The key is `api_key` in the body. */
export const posthogDoor: DoorDefinition = {
  door: 'posthog',
  keyInHeaders: () => null,
  keyInBody: keyInPosthogBody,
  parse: parsePosthog,
  success: { status: 1 },
};
