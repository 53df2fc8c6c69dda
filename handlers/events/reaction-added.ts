import { findHome } from '../../src/slack/identity.ts';
import { isTicketEmoji } from '../../src/tickets/emoji.ts';
import { readReaction } from '../../src/tickets/opening.ts';
import type { EventDefinition } from '../types.ts';

/** Somebody reacts with the ticket emoji, and the thread becomes a ticket. */
export const reactionAdded: EventDefinition = {
  types: ['reaction_added'],
  async keeps(event, { config, slack }) {
    const reaction = readReaction(event);
    if (!reaction || !isTicketEmoji(reaction.emoji, config.ticketEmoji)) return null;
    const { botUserId } = await findHome(slack);
    return reaction.userId === botUserId ? null : { channelId: reaction.channelId };
  },
};
