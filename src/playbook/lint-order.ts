import { segmentKey } from '../health/compile.ts';
import type { HealthModel } from '../health/types.ts';
import type { Finding } from './types.ts';
import type { YamlSource } from './yaml-source.ts';

/** A model with the file that it came from. */
export type ReadModel = { model: HealthModel; source: YamlSource };

/** Whether every account gets a model, and every model can get an account. */
export function lintOrder(models: readonly ReadModel[], pack: YamlSource): Finding[] {
  const findings: Finding[] = [];
  const defaults = models.filter(({ model }) => model.when === null);
  if (defaults.length === 0) {
    const message = 'No model is the default: write "when: default" in the one for all other accounts, the last one.';
    findings.push({ severity: 'error', code: 'no-default', message, file: pack.file, ...pack.place(['models']) });
  }
  for (const { model, source } of defaults.slice(1)) {
    const message = `"${defaults[0]!.model.id}" is the default already: say when "${model.id}" applies.`;
    findings.push({ severity: 'error', code: 'two-defaults', message, file: source.file, ...source.place(['when']) });
  }
  for (const [place, { model, source }] of models.entries()) {
    const earlier = models.slice(0, place).find((other) => claimsAllOf(other.model, model));
    if (!earlier) continue;
    const message = `"${model.id}" is never picked: "${earlier.model.id}" comes before it and claims all of its accounts. Change the order in pack.yml, or when it applies.`;
    findings.push({
      severity: 'warning',
      code: 'unreachable-model',
      message,
      file: source.file,
      ...source.place(['when']),
    });
  }
  return findings;
}

/** The default is tried last wherever it stands, so it claims nothing from others. */
function claimsAllOf({ when: one }: HealthModel, { when: other }: HealthModel): boolean {
  if (one === null || other === null) return false;
  const segment =
    one.segment === null || (other.segment !== null && segmentKey(one.segment) === segmentKey(other.segment));
  const age =
    one.createdWithinDays === null ||
    (other.createdWithinDays !== null && other.createdWithinDays <= one.createdWithinDays);
  return segment && age;
}
