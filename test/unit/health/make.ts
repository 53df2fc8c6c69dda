import { parseBound } from '../../../src/health/bounds.ts';
import type {
  AccountFacts,
  Band,
  BandBounds,
  Bound,
  Dimension,
  HealthModel,
  Measure,
  MetricValue,
} from '../../../src/health/types.ts';

/** Bands as a playbook writes them. */
export function makeBands(written: Partial<Record<Band, string | number | boolean>>): BandBounds {
  const bands: Partial<Record<Band, Bound>> = {};
  for (const [band, text] of Object.entries(written) as [Band, string | number | boolean][]) {
    const bound = parseBound(text);
    if (!bound) throw new Error(`No bound: ${text}`);
    bands[band] = bound;
  }
  return bands;
}

/** Above 20 poor, above 5 concerning, else healthy. */
export const decrease = makeBands({ poor: '> 20', concerning: '5 - 20', healthy: '<= 5' });

export function makeMeasure(metric: string, changes: Partial<Measure> = {}): Measure {
  return { metric, weight: 1, bands: decrease, ...changes };
}

export function makeDimension(id: string, weight: number, measures: Measure[]): Dimension {
  return { id, name: id, category: null, weight, measures };
}

export function makeModel(dimensions: Dimension[], changes: Partial<HealthModel> = {}): HealthModel {
  return { id: 'test', name: 'Test', when: null, limits: { concerning: 4, healthy: 7 }, dimensions, ...changes };
}

export function makeFacts(
  metrics: Record<string, MetricValue>,
  changes: Partial<Omit<AccountFacts, 'metrics'>> = {},
): AccountFacts {
  return { id: 'acme', name: 'Acme', segments: [], createdAt: null, metrics, ...changes };
}
