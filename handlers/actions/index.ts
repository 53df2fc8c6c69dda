import type { ActionDefinition } from '../types.ts';
import { explainHealth } from './explain-health.ts';
import { openAccount } from './open-account.ts';
import { pickAccount } from './pick-account.ts';
import { pickMetric } from './pick-metric.ts';
import { shareHealth } from './share-health.ts';
import { nextMetricPage, previousMetricPage } from './turn-metric-page.ts';
import { nextPage, previousPage } from './turn-page.ts';

/** Every button and menu. */
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
];
