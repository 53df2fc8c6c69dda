import { insertSlackEvent } from '../../src/db/slack-events.ts';
import { findHome } from '../../src/slack/identity.ts';
import { SHORTCUT_EVENT } from '../../src/tickets/opening.ts';
import { handleEvents } from '../tickets/handle-events.ts';
import type { ShortcutDefinition } from '../types.ts';

/** The id of the shortcut, as in manifest.yml. */
const CREATE_TICKET = 'create_ticket';

/** Makes a ticket of a message, as the reaction does; whoever sees the message may. */
export const createTicket: ShortcutDefinition = {
  callbackId: CREATE_TICKET,
  async run({ userId, channelId, ts, pressedAt, responseUrl }, deps) {
    const { db, slack, now } = deps;
    const { teamId } = await findHome(slack);
    const id = `shortcut:${teamId}:${channelId}:${ts}:${userId}:${pressedAt}`;
    const body = { userId, channelId, ts, responseUrl };
    await insertSlackEvent(db, { id, type: SHORTCUT_EVENT, channelId, body }, now());
    await handleEvents(deps);
  },
};
