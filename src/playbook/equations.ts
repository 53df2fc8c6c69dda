import type { CompiledMetric } from '../metrics/types.ts';
import type { Playbook } from './types.ts';

type WithEquations = Pick<Playbook, 'metrics' | 'indicators' | 'renewals'>;

const known = new WeakMap<WithEquations, readonly CompiledMetric[]>();

/** All of a pack that reads events: its metrics, the parts of its rules, what renewals read. The same list each time. */
export function equationsOf(playbook: WithEquations): readonly CompiledMetric[] {
  const list = known.get(playbook) ?? makeList(playbook);
  known.set(playbook, list);
  return list;
}

function makeList({ metrics, indicators, renewals }: WithEquations): readonly CompiledMetric[] {
  const further = [...indicators.computed, ...renewals.computed].filter((part) => !metrics.includes(part));
  return further.length === 0 ? metrics : [...metrics, ...further];
}
