import { basename } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import type { HealthModel, Measure } from '../health/types.ts';
import type { Unit } from '../metrics/types.ts';
import { lintBands } from './lint-bands.ts';
import type { Finding } from './types.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

const WHOLE = 100;
/** Weights are decimals: 33.3 + 33.3 + 33.4 is 100. */
const NOISE = 1e-9;

type Report = (path: YamlPath, finding: Pick<Finding, 'severity' | 'code' | 'message'>) => void;

/** What is wrong or odd with a model. `units` has every metric of the pack; `null` when these could not be read. */
export function lintModel(model: HealthModel, source: YamlSource, units: ReadonlyMap<string, Unit> | null): Finding[] {
  const findings: Finding[] = [];
  const report: Report = (path, finding) => {
    findings.push({ ...finding, file: source.file, ...source.place(path) });
  };
  if (basename(source.file) !== `${model.id}.yml`) {
    const message = `The model is called "${model.id}": call the file models/${model.id}.yml, or the model like the file.`;
    report(['id'], { severity: 'error', code: 'wrong-id', message });
  }
  lintWeights(model, report);
  reportTwice(model.dimensions, 'dimension', (place) => ['dimensions', place, 'id'], report);
  for (const [place, { id, measures }] of model.dimensions.entries()) {
    const path = ['dimensions', place, 'measures'];
    const named = measures.map(({ metric }) => ({ id: metric }));
    reportTwice(named, `measure of ${id}`, (index) => [...path, index, 'metric'], report);
    for (const [index, measure] of measures.entries()) lintMeasure(measure, [...path, index], units, report);
  }
  return findings;
}

function lintWeights({ dimensions }: HealthModel, report: Report): void {
  const sum = dimensions.reduce((total, { weight }) => total + weight, 0);
  if (sum === 0) {
    const message = 'All dimensions weigh 0, so there is never a score: give one a weight.';
    report(['dimensions'], { severity: 'error', code: 'no-weight', message });
  } else if (Math.abs(sum - WHOLE) > NOISE) {
    const message = `The weights of the dimensions sum to ${Number(sum.toFixed(6))}, not 100: each counts as its share of the sum. Change them to sum to 100.`;
    report(['dimensions'], { severity: 'warning', code: 'weights-sum', message });
  }
  for (const [place, { id, weight, measures }] of dimensions.entries()) {
    if (weight === 0 || measures.some((measure) => measure.weight > 0)) continue;
    const message = `"${id}" weighs ${weight} but no measure of it has a weight: add measures, or let it weigh 0.`;
    report(['dimensions', place, 'measures'], { severity: 'error', code: 'empty-dimension', message });
  }
}

function reportTwice(
  things: readonly { id: string }[],
  what: string,
  path: (place: number) => YamlPath,
  report: Report,
): void {
  for (const [place, { id }] of things.entries()) {
    if (things.findIndex((other) => other.id === id) === place) continue;
    const message = `There already is a ${what} "${id}": remove or rename one of them.`;
    report(path(place), { severity: 'error', code: 'duplicate-id', message });
  }
}

function lintMeasure(
  { metric, bands }: Measure,
  path: YamlPath,
  units: ReadonlyMap<string, Unit> | null,
  report: Report,
): void {
  const unit = units?.get(metric) ?? null;
  if (units && unit === null) {
    const message = `"${metric}" is an unknown metric:${suggestion(metric, [...units.keys()])} define it in metrics.yml.`;
    report([...path, 'metric'], { severity: 'error', code: 'unknown-metric', message });
  }
  for (const { band, ...finding } of lintBands(bands, unit)) {
    const { severity, code, message } = finding;
    report(band ? [...path, 'bands', band] : [...path, 'bands'], { severity, code, message: `${metric}: ${message}` });
  }
}

/** ` did you mean "x"? If not,` when something near there is. */
function suggestion(name: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(name, known);
  return distance(name, nearest) <= name.length / 3 ? ` did you mean "${nearest}"? If not,` : '';
}
