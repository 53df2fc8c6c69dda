import { NEXT_METRIC_PAGE, PREVIOUS_METRIC_PAGE } from '../../blocks/metric-list.ts';
import type { Deps } from '../../src/deps.ts';
import { listByMetric, readPage } from '../metrics/list.ts';
import type { ActionArgs, ActionDefinition } from '../types.ts';

async function run(args: ActionArgs, deps: Deps): Promise<void> {
  const { query, page } = readPage(args.value, deps.playbook.metrics);
  await args.respond(await listByMetric(args, query, page, deps), { replace: args.ephemeral });
}

/** "Previous page" below a list of accounts by a metric. */
export const previousMetricPage: ActionDefinition = { actionId: PREVIOUS_METRIC_PAGE, run };

/** "Next page" below a list of accounts by a metric. */
export const nextMetricPage: ActionDefinition = { actionId: NEXT_METRIC_PAGE, run };
