import { compileMetrics } from '../../../src/metrics/compile.ts';
import type { EquationError, EquationInput, MetricDefinition, Unit } from '../../../src/metrics/types.ts';

/** A definition with everything but the id defaulted. */
export function definition(overrides: Partial<MetricDefinition> & { id: string }): MetricDefinition {
  return { name: overrides.id, unit: 'number', description: '', ...overrides };
}

/** The only fault of an equation among metrics `told` (a number), `named` (a text) and itself, `asked`. */
export function faultOf(equation: string, unit: Unit = 'number'): EquationError {
  const { errors } = compileMetrics([...others, definition({ id: 'asked', unit, equation })]);
  if (errors.length !== 1 || !errors[0]) throw new Error(`expected one fault of ${equation}, found ${errors.length}`);
  return errors[0];
}

/** What an equation gives for an account with these fields and traits, on 2026-03-31 in UTC. */
export function evaluate(
  equation: string,
  {
    unit = 'number',
    traits = {},
    ...given
  }: { unit?: Unit; traits?: Record<string, unknown> } & Partial<EquationInput> = {},
) {
  const { metrics, errors } = compileMetrics([...others, definition({ id: 'asked', unit, equation })]);
  if (errors[0]) throw new Error(errors[0].message);
  const asked = metrics.find(({ id }) => id === 'asked');
  return asked?.evaluate?.({
    day: '2026-03-31',
    timeZone: 'UTC',
    account: { id: 'acme', arr: null, mrr: null, created_at: null, renewal_date: null, traits },
    leaf: () => null,
    metric: () => null,
    ...given,
  });
}

const others = [definition({ id: 'told' }), definition({ id: 'named', unit: 'text' })];
