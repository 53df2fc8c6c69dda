import { BANDS, parseBound } from '../health/bounds.ts';
import type { Band, BandBounds, Bound, Dimension, HealthModel } from '../health/types.ts';
import { checkShape } from './issues.ts';
import { modelSchema, type WrittenModel } from './schema.ts';
import type { Finding } from './types.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/** A file of models/ as a model; `null` when it has faults. */
export function parseModel(source: YamlSource): { model: HealthModel | null; findings: Finding[] } {
  const { value, findings } = checkShape(modelSchema, source);
  if (!value) return { model: null, findings };
  const faults: Finding[] = [];
  const model: HealthModel = {
    id: value.id,
    name: value.name,
    when: conditionOf(value.when),
    limits: value.limits,
    dimensions: value.dimensions.map(
      (dimension, place): Dimension => ({
        ...dimension,
        measures: dimension.measures.map(({ bands, ...measure }, index) => ({
          ...measure,
          bands: parseBands(bands, ['dimensions', place, 'measures', index, 'bands'], source, faults),
        })),
      }),
    ),
  };
  return { model: faults.length > 0 ? null : model, findings: faults };
}

function conditionOf(when: WrittenModel['when']): HealthModel['when'] {
  if (when === 'default') return null;
  return { segment: when.segment ?? null, createdWithinDays: when.created_within_days ?? null };
}

type WrittenBands = WrittenModel['dimensions'][number]['measures'][number]['bands'];

function parseBands(written: WrittenBands, path: YamlPath, source: YamlSource, faults: Finding[]): BandBounds {
  const bands: Partial<Record<Band, Bound>> = {};
  for (const band of BANDS) {
    const text = written[band];
    if (text === undefined) continue;
    const bound = parseBound(text);
    if (bound && !(bound.kind === 'range' && bound.from > bound.to)) {
      bands[band] = bound;
      continue;
    }
    const message = bound
      ? `The range "${text}" of ${band} is upside down: write the smaller number first.`
      : `"${text}" of ${band} is no bound: write it in quotes as "> 20", ">= 20", "< 20", "<= 20", "5 - 20", "3+", ` +
        'a single number without a unit, true, false or a word.';
    faults.push({ severity: 'error', code: 'bad-band', message, file: source.file, ...source.place([...path, band]) });
  }
  return bands;
}
