import type { JobDefinition } from '../src/queue/types.ts';
import { computeHealth } from './compute-health.ts';
import { countNewEvents } from './count-events.ts';
import { dropOldEvents } from './drop-old-events.ts';
import { pruneRuns } from './prune-runs.ts';
import { refreshAccounts } from './refresh-accounts.ts';
import { scoreAccounts } from './score-accounts.ts';
import { sendMetricPicture } from './send-metric-picture.ts';
import { sendTrendPicture } from './send-trend-picture.ts';

/** Every job there is. */
export const jobs: readonly JobDefinition[] = [
  computeHealth,
  scoreAccounts,
  countNewEvents,
  refreshAccounts,
  sendTrendPicture,
  sendMetricPicture,
  dropOldEvents,
  pruneRuns,
];
