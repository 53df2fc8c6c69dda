import type { ViewDefinition } from '../types.ts';
import { escalate } from './escalate-ticket.ts';
import { setPaymentRisk } from './set-payment-risk.ts';
import { customerReply, internalNote } from './write-to-ticket.ts';

/** Every modal. */
export const views: readonly ViewDefinition[] = [escalate, customerReply, internalNote, setPaymentRisk];
