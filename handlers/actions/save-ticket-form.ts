import { SAVE_TICKET_FORM, TICKET_GROUP, TICKET_SEVERITY } from '../../blocks/ticket-form.ts';
import { saveForm } from '../tickets/form.ts';
import type { OpenActionDefinition } from '../types.ts';

/** "Save" in a ticket's form. */
export const saveTicketForm: OpenActionDefinition = { actionId: SAVE_TICKET_FORM, open: true, run: saveForm };

/** A choice of a group, which counts when it is saved. */
export const ticketGroupChosen: OpenActionDefinition = {
  actionId: TICKET_GROUP,
  open: true,
  run: async () => undefined,
};

/** A choice of a severity, likewise. */
export const ticketSeverityChosen: OpenActionDefinition = {
  actionId: TICKET_SEVERITY,
  open: true,
  run: async () => undefined,
};
