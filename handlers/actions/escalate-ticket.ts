import { ESCALATE_TICKET } from '../../blocks/ticket-mirror.ts';
import { askWhy } from '../tickets/escalate.ts';
import { readTicketId } from '../tickets/press.ts';
import type { ActionDefinition } from '../types.ts';

/** "Escalate" on a ticket's card. */
export const openEscalation: ActionDefinition = {
  actionId: ESCALATE_TICKET,
  run: (args, deps) => askWhy(args, readTicketId(args.value), deps),
};
