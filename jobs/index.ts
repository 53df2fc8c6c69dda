import type { JobDefinition } from '../src/queue/types.ts';
import { computeHealth } from './compute-health.ts';
import { countNewEvents } from './count-events.ts';
import { deliverMessages } from './deliver-messages.ts';
import { dropOldEvents } from './drop-old-events.ts';
import { evaluateIndicators } from './evaluate-indicators.ts';
import { handleSlackEvents } from './handle-slack-events.ts';
import { handleStripeEvents } from './handle-stripe-events.ts';
import { noteUnpostedReplies } from './note-unposted-replies.ts';
import { pruneRuns } from './prune-runs.ts';
import { refreshAccounts } from './refresh-accounts.ts';
import { refreshDeskGroups } from './refresh-desk-groups.ts';
import { remindRenewals } from './remind-renewals.ts';
import { remindTicketForms } from './remind-ticket-forms.ts';
import { scoreAccounts } from './score-accounts.ts';
import { sendMetricPicture } from './send-metric-picture.ts';
import { sendRenewalPicture } from './send-renewal-picture.ts';
import { sendTrendPicture } from './send-trend-picture.ts';
import { syncCrms } from './sync-crm.ts';
import { syncStripe } from './sync-stripe.ts';
import { tendAlerts } from './tend-alerts.ts';
import { workOnTickets } from './work-on-tickets.ts';

/** Every job there is. */
export const jobs: readonly JobDefinition[] = [
  computeHealth,
  scoreAccounts,
  countNewEvents,
  refreshAccounts,
  evaluateIndicators,
  deliverMessages,
  tendAlerts,
  handleSlackEvents,
  workOnTickets,
  handleStripeEvents,
  syncStripe,
  syncCrms,
  remindRenewals,
  remindTicketForms,
  noteUnpostedReplies,
  refreshDeskGroups,
  sendTrendPicture,
  sendMetricPicture,
  sendRenewalPicture,
  dropOldEvents,
  pruneRuns,
];
