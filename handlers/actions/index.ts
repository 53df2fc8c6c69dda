import type { ActionDefinition } from '../types.ts';
import { acknowledgeAlert } from './acknowledge-alert.ts';
import { taskAssigned, taskDone, taskDue, taskReopened } from './change-task.ts';
import { explainHealth } from './explain-health.ts';
import { makeTask } from './make-alert-task.ts';
import { openAccount } from './open-account.ts';
import { pickAccount } from './pick-account.ts';
import { pickAlertChoice } from './pick-alert-choice.ts';
import { pickMetric } from './pick-metric.ts';
import { setDigest, setQuietHours, setWeekend, usualAlerts } from './set-alert-preferences.ts';
import { shareHealth } from './share-health.ts';
import { chooseSnooze } from './snooze-alert.ts';
import { nextAlerts, previousAlerts } from './turn-alerts-page.ts';
import { nextMetricPage, previousMetricPage } from './turn-metric-page.ts';
import { nextPage, previousPage } from './turn-page.ts';
import { nextTasks, previousTasks } from './turn-tasks-page.ts';
import { alertNotUseful, alertUseful } from './vote-alert.ts';

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
  acknowledgeAlert,
  chooseSnooze,
  makeTask,
  alertUseful,
  alertNotUseful,
  pickAlertChoice,
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
];
