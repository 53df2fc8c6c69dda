import { PICK_PAYMENT_RISK, readRiskChoice, readRiskPlace, SET_INVOICE_RISK } from '../../blocks/payment-risk.ts';
import { UserError } from '../../src/errors.ts';
import { gone } from '../alerts/press.ts';
import { askForRisk, askForRiskOfAlert, clearRisk } from '../invoices/risk.ts';
import type { ActionDefinition } from '../types.ts';

/** The menu of what is expected of an invoice: asks why, or takes back what was said. */
export const pickPaymentRisk: ActionDefinition = {
  actionId: PICK_PAYMENT_RISK,
  stores: true,
  async run(args, deps) {
    const choice = readRiskChoice(args.value);
    if (!choice) throw new UserError(gone);
    if (choice.risk === 'clear') await clearRisk(args, choice.alertId, deps);
    else await askForRiskOfAlert(args, { alertId: choice.alertId, risk: choice.risk }, deps);
  },
};

/** "Payment risk" in a list of invoices. */
export const setInvoiceRisk: ActionDefinition = {
  actionId: SET_INVOICE_RISK,
  async run(args, deps) {
    const place = readRiskPlace(args.value);
    if (!place) throw new UserError('This list is from another version. Please ask for it again.');
    await askForRisk(args, { ...place, responseUrl: args.ephemeral ? args.responseUrl : null }, deps);
  },
};
