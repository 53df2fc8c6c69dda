import type { Routes } from '../../src/http/server.ts';
import { posthogWebhook } from '../webhooks/posthog.ts';
import { type DoorDefinition, type DoorDeps, doorRoute } from './door.ts';
import { posthogDoor } from './posthog.ts';
import { segmentDoor } from './segment.ts';

/** Every door for events, by path. */
const doors: Readonly<Record<string, DoorDefinition>> = {
  '/v1/batch': segmentDoor('batch'),
  '/v1/track': segmentDoor('track'),
  '/v1/identify': segmentDoor('identify'),
  '/v1/group': segmentDoor('group'),
  '/v1/page': segmentDoor('page'),
  '/v1/screen': segmentDoor('screen'),
  '/v1/alias': segmentDoor('alias'),
  '/batch': posthogDoor,
  '/batch/': posthogDoor,
  '/capture': posthogDoor,
  '/capture/': posthogDoor,
  '/i/v0/e': posthogDoor,
  '/i/v0/e/': posthogDoor,
  '/webhooks/posthog': posthogWebhook,
};

/** The routes of all doors. */
export function ingestRoutes(deps: DoorDeps): Routes {
  return Object.fromEntries(Object.entries(doors).map(([path, door]) => [`POST ${path}`, doorRoute(door, deps)]));
}
