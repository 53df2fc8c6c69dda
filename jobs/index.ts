import type { JobDefinition } from '../src/queue/types.ts';
import { computeHealth } from './compute-health.ts';
import { pruneRuns } from './prune-runs.ts';
import { refreshAccounts } from './refresh-accounts.ts';
import { scoreAccounts } from './score-accounts.ts';
import { sendTrendPicture } from './send-trend-picture.ts';

/** Every job there is. */
export const jobs: readonly JobDefinition[] = [
  computeHealth,
  scoreAccounts,
  refreshAccounts,
  sendTrendPicture,
  pruneRuns,
];
