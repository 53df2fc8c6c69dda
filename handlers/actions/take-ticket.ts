import { TAKE_TICKET } from '../../blocks/ticket-mirror.ts';
import { readTicketId, take as takeTicket } from '../tickets/press.ts';
import type { ActionDefinition } from '../types.ts';

/** "Take" on a ticket's card. */
export const take: ActionDefinition = {
  actionId: TAKE_TICKET,
  stores: true,
  async run(args, deps) {
    const told = await takeTicket(args, readTicketId(args.value), deps);
    if (told !== null) await args.respond({ text: told });
  },
};
