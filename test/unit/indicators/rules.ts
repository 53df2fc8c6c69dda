import { compileRule, type WrittenRule } from '../../../src/indicators/compile.ts';
import type { Rule } from '../../../src/indicators/types.ts';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import type { Unit } from '../../../src/metrics/types.ts';
import { definition } from '../metrics/equations.ts';

const units: Record<string, Unit> = {
  a: 'number',
  b: 'number',
  share: 'percent',
  spent: 'money',
  age: 'days',
  mood: 'text',
  on: 'boolean',
};

/** A rule over metrics `a`, `b`, `share`, `spent`, `age`, `mood` and `on`, of the kinds that their names say. */
export function makeRule(when: string, more: Partial<WrittenRule> = {}): Rule {
  const definitions = Object.entries(units).map(([id, unit]) => definition({ id, unit }));
  const { metrics, compileFurther } = compileMetrics(definitions);
  const written = { subject: '', when, clearsWhen: null, minimumVolume: null, windowDays: null, ...more };
  return compileRule('tried', 0, written, { metrics, units: new Map(Object.entries(units)), compileFurther }).rule;
}
