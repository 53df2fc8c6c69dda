import { createHash } from 'node:crypto';
import { isEventLeaf } from './evaluate.ts';
import type { CompiledMetric } from './types.ts';

/** The metrics `ids` and all that they read, today's or the past's, in the order of `metrics`. */
export function withDependencies(metrics: readonly CompiledMetric[], ids: Iterable<string>): CompiledMetric[] {
  const byId = new Map(metrics.map((metric) => [metric.id, metric]));
  const reached = new Set<string>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const metric = byId.get(id);
    if (!metric || reached.has(id)) continue;
    reached.add(id);
    open.push(...metric.dependsOn, ...metric.past.map((past) => past.metric));
  }
  return metrics.filter(({ id }) => reached.has(id));
}

/** Ids of the metrics that read events, themselves or through others. */
export function findEventMetrics(metrics: readonly CompiledMetric[]): Set<string> {
  const reads = ({ leaves }: CompiledMetric) => leaves.some(({ leaf }) => isEventLeaf(leaf));
  return new Set(metrics.map(({ id }) => id).filter((id) => withDependencies(metrics, [id]).some(reads)));
}

/**
 * By metric, SHA-256 in hex of what its values depend on: its equation, those of the metrics that it reads, and the time zone
 * that its days are of.
 */
export function hashDefinitions(metrics: readonly CompiledMetric[], timeZone: string): Map<string, string> {
  return new Map(
    metrics.map(({ id }) => {
      const read = withDependencies(metrics, [id]).sort((a, b) => (a.id < b.id ? -1 : 1));
      const canonical = read.map(({ id: of, type, equation, leaves }) => [
        of,
        type,
        equation,
        leaves.map((l) => l.leaf),
      ]);
      return [
        id,
        createHash('sha256')
          .update(JSON.stringify([timeZone, canonical]))
          .digest('hex'),
      ];
    }),
  );
}
