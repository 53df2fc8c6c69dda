import { ofInvoice } from '../indicators/compile.ts';
import { invoiceMetrics } from '../indicators/invoice-metrics.ts';
import { scoreMetrics } from '../indicators/score-metrics.ts';
import { compileMetrics } from '../metrics/compile.ts';
import type { CompiledMetric, CompileFurther, MetricDefinition, Names, NameUse, Unit } from '../metrics/types.ts';
import { checkShape } from './issues.ts';
import { metricsSchema } from './schema.ts';
import type { Finding } from './types.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/**
 * The pack's metrics: those that can be computed, the unit of each that is defined, faulty or not, and the names that they
 * read.
 */
export type ReadMetrics = {
  metrics: CompiledMetric[];
  units: Map<string, Unit>;
  uses: NameUse[];
  compileFurther: CompileFurther;
};

type Place = { source: YamlSource; path: YamlPath };

/**
 * Compiles metrics.yml of a pack and of those it extends, the nearest first: it replaces metrics of the others. `null` when
 * one of them has not the right shape.
 */
export function readMetrics(
  sources: readonly YamlSource[],
  names: Names,
): { read: ReadMetrics | null; findings: Finding[] } {
  const findings: Finding[] = [];
  const definitions = new Map<string, MetricDefinition>();
  const places = new Map<string, Place>();
  let complete = true;
  for (const source of sources.toReversed()) {
    const { value, findings: faults } = checkShape(metricsSchema, source);
    findings.push(...faults);
    complete &&= value !== null;
    for (const [index, definition] of (value?.metrics ?? []).entries()) {
      const place = { source, path: ['metrics', index] };
      if (places.get(definition.id)?.source === source) {
        const message = `There already is a metric "${definition.id}": remove or rename one of them.`;
        const at = source.place([...place.path, 'id']);
        findings.push({ severity: 'error', code: 'duplicate-id', message, file: source.file, ...at });
        continue;
      }
      if (scoreMetrics.has(definition.id) || invoiceMetrics.has(definition.id)) {
        const what = scoreMetrics.has(definition.id) ? 'the health score' : 'something of an invoice';
        const message = `"${definition.id}" is what rules call ${what}: call the metric otherwise.`;
        const at = source.place([...place.path, 'id']);
        findings.push({ severity: 'error', code: 'reserved-id', message, file: source.file, ...at });
        continue;
      }
      places.set(definition.id, place);
      definitions.set(definition.id, definition);
    }
  }
  if (!complete) return { read: null, findings };
  const { metrics, errors, uses, compileFurther } = compileMetrics([...definitions.values()], names);
  for (const { metric, message, start, end } of errors) {
    const { source, path } = places.get(metric)!;
    const at = end > 0 ? source.placeWithin([...path, 'equation'], start) : source.place([...path, 'id']);
    findings.push({
      severity: 'error',
      code: 'bad-equation',
      message: `${metric}: ${message}${hintOf(message)}`,
      file: source.file,
      ...at,
    });
  }
  const units = new Map([...definitions].map(([id, { unit }]) => [id, unit]));
  return { read: { metrics, units, uses, compileFurther }, findings };
}

/** A metric is of an account; what is of an invoice is read by rules alone. */
function hintOf(message: string): string {
  const read = [...invoiceMetrics.keys()].find((id) => message.includes(`there is no metric "${id}"`));
  return read === undefined ? '' : `\n${ofInvoice(read)}`;
}
