import { SOLVE_TICKET } from '../../blocks/ticket-mirror.ts';
import { readTicketId, solve as solveTicket } from '../tickets/press.ts';
import type { ActionDefinition } from '../types.ts';

/** "Solve" on a ticket's card. */
export const solve: ActionDefinition = {
  actionId: SOLVE_TICKET,
  stores: true,
  async run(args, deps) {
    const told = await solveTicket(readTicketId(args.value), deps);
    if (told !== null) await args.respond({ text: told });
  },
};
