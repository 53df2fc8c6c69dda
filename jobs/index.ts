import type { JobDefinition } from '../src/queue/types.ts';
import { computeHealth } from './compute-health.ts';
import { countNewEvents } from './count-events.ts';
import { deliverMessages } from './deliver-messages.ts';
import { dropOldEvents } from './drop-old-events.ts';
import { evaluateIndicators } from './evaluate-indicators.ts';
import { pruneRuns } from './prune-runs.ts';
import { refreshAccounts } from './refresh-accounts.ts';
import { scoreAccounts } from './score-accounts.ts';
import { sendMetricPicture } from './send-metric-picture.ts';
import { sendTrendPicture } from './send-trend-picture.ts';
import { tendAlerts } from './tend-alerts.ts';

/** Every job there is. */
export const jobs: readonly JobDefinition[] = [
  computeHealth,
  scoreAccounts,
  countNewEvents,
  refreshAccounts,
  evaluateIndicators,
  deliverMessages,
  tendAlerts,
  sendTrendPicture,
  sendMetricPicture,
  dropOldEvents,
  pruneRuns,
];
