import { PAYMENT_RISK_FORM } from '../../blocks/payment-risk.ts';
import { setRisk } from '../invoices/risk.ts';
import type { ViewDefinition } from '../types.ts';

/** The form for what is expected of an invoice. */
export const setPaymentRisk: ViewDefinition = { callbackId: PAYMENT_RISK_FORM, run: setRisk };
