import type { CompiledMetric } from '../metrics/types.ts';
import type { Playbook } from './types.ts';

const known = new WeakMap<Pick<Playbook, 'metrics' | 'indicators'>, readonly CompiledMetric[]>();

/** Everything of a pack that reads events: its metrics, and the parts of its rules. The same list each time. */
export function equationsOf(playbook: Pick<Playbook, 'metrics' | 'indicators'>): readonly CompiledMetric[] {
  const list = known.get(playbook) ?? makeList(playbook);
  known.set(playbook, list);
  return list;
}

function makeList({ metrics, indicators }: Pick<Playbook, 'metrics' | 'indicators'>): readonly CompiledMetric[] {
  const further = indicators.computed.filter((part) => !metrics.includes(part));
  return further.length === 0 ? metrics : [...metrics, ...further];
}
