import { noSources } from '../src/crm/settings.ts';
import { compileModels } from '../src/health/compile.ts';
import type { HealthModel } from '../src/health/types.ts';
import { compileMetrics } from '../src/metrics/compile.ts';
import { noNames } from '../src/metrics/names.ts';
import { noIndicators } from '../src/playbook/read-indicators.ts';
import type { Playbook } from '../src/playbook/types.ts';
import { compileRenewals } from '../src/renewals/compile.ts';

const model: HealthModel = {
  id: 'simple',
  name: 'Simple',
  when: null,
  limits: { concerning: 4, healthy: 7 },
  dimensions: [
    {
      id: 'use',
      name: 'Use',
      category: null,
      weight: 100,
      measures: [
        {
          metric: 'logins_7d',
          weight: 1,
          bands: {
            poor: { kind: 'below', value: 1, inclusive: false },
            concerning: { kind: 'range', from: 1, to: 4 },
            healthy: { kind: 'above', value: 4, inclusive: false },
          },
        },
      ],
    },
  ],
};

/** The smallest of playbooks: logins in 7 days; none is poor, up to 4 concerning, more healthy. */
export function createTestPlaybook(): Playbook {
  const { metrics, uses, compileFurther } = compileMetrics([
    { id: 'logins_7d', name: 'Logins', unit: 'number', description: 'in 7 days', equation: "count('login', 7)" },
    { id: 'nps', name: 'NPS', unit: 'number', description: 'the last answer' },
  ]);
  return {
    id: 'simple',
    name: 'Simple',
    description: 'For tests',
    folder: import.meta.dirname,
    models: [model],
    hashes: new Map([[model.id, 'a'.repeat(64)]]),
    scoring: compileModels([model]),
    metrics,
    indicators: noIndicators(),
    renewals: compileRenewals({}, { metrics, units: new Map(), compileFurther }).renewals,
    sources: noSources,
    names: noNames,
    uses,
  };
}
