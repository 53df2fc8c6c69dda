import { channelEventTypes } from '../../src/slack/channel-events.ts';
import type { EventDefinition } from '../types.ts';

/** A channel gets another name, is archived, or is shared with another company. */
export const channelChanges: EventDefinition = {
  types: channelEventTypes,
  keeps: async () => ({ channelId: null }),
};
