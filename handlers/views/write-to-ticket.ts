import { CUSTOMER_REPLY_FORM, INTERNAL_NOTE_FORM } from '../../blocks/ticket-reply-form.ts';
import { write } from '../tickets/write.ts';
import type { ViewDefinition } from '../types.ts';

/** What the customer will read. Which of the two it is, is in the form's own id, and nowhere else. */
export const customerReply: ViewDefinition = {
  callbackId: CUSTOMER_REPLY_FORM,
  run: (args, deps) => write(args, { isPublic: true }, deps),
};

/** What stays among colleagues. */
export const internalNote: ViewDefinition = {
  callbackId: INTERNAL_NOTE_FORM,
  run: (args, deps) => write(args, { isPublic: false }, deps),
};
