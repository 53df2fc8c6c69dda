import type { EventDefinition } from '../types.ts';
import { channelChanges } from './channel-changes.ts';
import { message } from './message.ts';
import { reactionAdded } from './reaction-added.ts';

/** Every event of Slack's that something follows of. */
export const events: readonly EventDefinition[] = [reactionAdded, message, channelChanges];
