import { PICK_METRIC, readChoice } from '../../blocks/metric-menu.ts';
import { UserError } from '../../src/errors.ts';
import { findAccountById } from '../health/find-account.ts';
import { USUAL_TREND_DAYS } from '../metrics/parse-trend.ts';
import { answerWithTrend } from '../metrics/trend.ts';
import type { ActionDefinition } from '../types.ts';

/** A choice from the menu of an account's metrics. */
export const pickMetric: ActionDefinition = {
  actionId: PICK_METRIC,
  async run(args, deps) {
    const choice = readChoice(args.value);
    const metric = deps.playbook.metrics.find(({ id }) => id === choice?.metric);
    if (!choice || !metric) throw new UserError('This metric is no longer there.');
    const view = await findAccountById(choice.account, deps);
    await answerWithTrend(args, view, { metric, days: USUAL_TREND_DAYS, asked: null, replace: args.ephemeral }, deps);
  },
};
