import type { ActionDefinition, OpenActionDefinition } from '../types.ts';
import { acknowledgeAlert } from './acknowledge-alert.ts';
import { taskAssigned, taskDone, taskDue, taskReopened } from './change-task.ts';
import { renewalLost, renewalMoved, renewalTaskDone, renewed } from './decide-renewal.ts';
import { openEscalation } from './escalate-ticket.ts';
import { explainHealth } from './explain-health.ts';
import { makeTask } from './make-alert-task.ts';
import { openAccount } from './open-account.ts';
import { pickAccount } from './pick-account.ts';
import { pickAlertChoice } from './pick-alert-choice.ts';
import { pickMetric } from './pick-metric.ts';
import { pickPaymentRisk, setInvoiceRisk } from './pick-payment-risk.ts';
import { saveTicketForm, ticketGroupChosen, ticketSeverityChosen } from './save-ticket-form.ts';
import { setDigest, setQuietHours, setWeekend, usualAlerts } from './set-alert-preferences.ts';
import { shareHealth } from './share-health.ts';
import { showRenewalUse } from './show-renewal-use.ts';
import { chooseSnooze } from './snooze-alert.ts';
import { solve } from './solve-ticket.ts';
import { take } from './take-ticket.ts';
import { nextAlerts, previousAlerts } from './turn-alerts-page.ts';
import { nextInvoices, previousInvoices } from './turn-invoices-page.ts';
import { nextMetricPage, previousMetricPage } from './turn-metric-page.ts';
import { nextPage, previousPage } from './turn-page.ts';
import { nextRenewals, previousRenewals } from './turn-renewals-page.ts';
import { nextTasks, previousTasks } from './turn-tasks-page.ts';
import { alertNotUseful, alertUseful } from './vote-alert.ts';
import {
  customerReplyOpened,
  deskTicketAssigned,
  deskTicketOpened,
  deskTicketReopened,
  deskTicketSolved,
  internalNoteOpened,
  nextDeskTickets,
  previousDeskTickets,
} from './work-desk-ticket.ts';

/** Every button and menu that is for full members of our workspace. */
export const actions: readonly ActionDefinition[] = [
  explainHealth,
  openAccount,
  pickAccount,
  shareHealth,
  previousPage,
  nextPage,
  pickMetric,
  previousMetricPage,
  nextMetricPage,
  acknowledgeAlert,
  chooseSnooze,
  makeTask,
  alertUseful,
  alertNotUseful,
  pickAlertChoice,
  pickPaymentRisk,
  setInvoiceRisk,
  previousInvoices,
  nextInvoices,
  setQuietHours,
  setWeekend,
  setDigest,
  usualAlerts,
  previousAlerts,
  nextAlerts,
  taskDone,
  taskReopened,
  taskDue,
  taskAssigned,
  previousTasks,
  nextTasks,
  renewed,
  renewalLost,
  renewalMoved,
  renewalTaskDone,
  showRenewalUse,
  previousRenewals,
  nextRenewals,
  deskTicketOpened,
  deskTicketAssigned,
  deskTicketSolved,
  deskTicketReopened,
  customerReplyOpened,
  internalNoteOpened,
  previousDeskTickets,
  nextDeskTickets,
  take,
  openEscalation,
  solve,
];

/** Those that anybody may press who sees them. */
export const openActions: readonly OpenActionDefinition[] = [saveTicketForm, ticketGroupChosen, ticketSeverityChosen];
