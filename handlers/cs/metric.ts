import { metricMenu } from '../../blocks/metric-menu.ts';
import { listByMetric } from '../metrics/list.ts';
import { parseMetricQuery } from '../metrics/parse-list.ts';
import { exampleMetric } from '../metrics/words.ts';
import type { Subcommand } from '../types.ts';

/** `/cs metric`: the metrics, or the accounts by one of them. */
export const metric: Subcommand = {
  name: 'metric',
  explain(playbook) {
    const id = exampleMetric(playbook);
    return [
      { example: 'metric', does: 'all metrics' },
      { example: `metric ${id}`, does: 'the accounts by a metric, the worst first; `mine` at the end: only mine' },
      { example: `metric ${id} fell 20% in 14d`, does: 'whose value fell by 20% or more; `rose` is the other way' },
      { example: `metric ${id} below 50`, does: 'whose value is 50 or below; `above` is the other way' },
    ];
  },
  async run(args, deps) {
    const query = parseMetricQuery(args.text, deps.playbook.metrics);
    await args.respond(query ? await listByMetric(args, query, 1, deps) : metricMenu(deps.playbook));
  },
};
