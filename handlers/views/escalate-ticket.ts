import { ESCALATION_FORM } from '../../blocks/ticket-escalation.ts';
import { escalate as escalateTicket } from '../tickets/escalate.ts';
import type { ViewDefinition } from '../types.ts';

/** The form that says why a ticket goes to engineering. */
export const escalate: ViewDefinition = { callbackId: ESCALATION_FORM, run: escalateTicket };
