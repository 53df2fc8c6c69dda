import { compileMetrics } from '../metrics/compile.ts';
import type { CompiledMetric, MetricDefinition, Unit } from '../metrics/types.ts';
import { checkShape } from './issues.ts';
import { metricsSchema } from './schema.ts';
import type { Finding } from './types.ts';
import type { YamlSource } from './yaml-source.ts';

/** The pack's metrics: those that can be computed, and the unit of each that is defined, faulty or not. */
export type ReadMetrics = { metrics: CompiledMetric[]; units: Map<string, Unit>; findings: Finding[] };

/** Compiles metrics.yml; `null` without findings of its own when the file has not the right shape. */
export function readMetrics(source: YamlSource): { read: ReadMetrics | null; findings: Finding[] } {
  const { value, findings } = checkShape(metricsSchema, source);
  if (!value) return { read: null, findings };
  const places = new Map<string, number>();
  const faults: Finding[] = [];
  const definitions: MetricDefinition[] = [];
  for (const [place, definition] of value.metrics.entries()) {
    if (places.has(definition.id)) {
      const message = `There already is a metric "${definition.id}": remove or rename one of them.`;
      const at = source.place(['metrics', place, 'id']);
      faults.push({ severity: 'error', code: 'duplicate-id', message, file: source.file, ...at });
      continue;
    }
    places.set(definition.id, place);
    definitions.push(definition);
  }
  const { metrics, errors } = compileMetrics(definitions);
  for (const { metric, message, start, end } of errors) {
    const path = ['metrics', places.get(metric) ?? 0];
    const at = end > 0 ? source.placeWithin([...path, 'equation'], start) : source.place([...path, 'id']);
    faults.push({
      severity: 'error',
      code: 'bad-equation',
      message: `${metric}: ${message}`,
      file: source.file,
      ...at,
    });
  }
  const units = new Map(definitions.map(({ id, unit }) => [id, unit]));
  return { read: { metrics, units, findings: faults }, findings: faults };
}
