import type { MetricValue } from '../health/types.ts';
import { order } from '../metrics/expression.ts';
import type { EquationInput } from '../metrics/types.ts';
import type { Figure, Reading, Rule, RulePart, Term } from './types.ts';

/** By id: of metrics, of `scoreMetrics`, and of the rules' parts that were computed with the metrics. */
export type Values = Readonly<Record<string, MetricValue>>;

/** What a rule says: whether it is met, whether an open alert of it ends. No data is neither. `input` is of `values`. */
export function readRule(rule: Rule, values: Values, input = inputOf(values)): Reading {
  if (rule.volume !== null && flagOf(rule.volume, values, input) !== true) return noData;
  const met = flagOf(rule.when, values, input);
  if (met === null) return noData;
  // Where it both holds and clears, it holds.
  if (met) return { met, clear: false };
  return { met, clear: rule.clears === null ? true : flagOf(rule.clears, values, input) };
}

const noData: Reading = { met: null, clear: null };

/** The value of a rule's first figure. */
export function mainValueOf({ terms }: Rule, values: Values): MetricValue {
  const [term] = terms;
  return term ? sideOf(term, values) : null;
}

/** The figures of a rule, the one that decided first. */
export function figuresOfRule(rule: Rule, values: Values): Figure[] {
  const figures = rule.terms.map((term) => figureOf(term, sideOf(term, values)));
  const decided = figures.filter(holds);
  return [...decided, ...figures.filter((figure) => !decided.includes(figure))];
}

/** What plain parts are evaluated with: they read metrics of the day, and nothing else. Made once for an account's rules. */
export function inputOf(values: Values): EquationInput {
  return { day: '1970-01-01', timeZone: 'UTC', account: nobody, leaf: noLeaf, metric: (id) => values[id] ?? null };
}

const nobody: EquationInput['account'] = {
  id: '',
  arr: null,
  mrr: null,
  created_at: null,
  renewal_date: null,
  traits: {},
};
const noLeaf = () => null;

function valueOfPart(part: RulePart, values: Values, input: EquationInput): MetricValue {
  return part.isPlain ? (part.evaluate?.(input) ?? null) : (values[part.id] ?? null);
}

function flagOf(part: RulePart, values: Values, input: EquationInput): boolean | null {
  const value = valueOfPart(part, values, input);
  return typeof value === 'boolean' ? value : null;
}

function sideOf({ metric, side }: Term, values: Values): MetricValue {
  return metric === null ? valueOfPart(side, values, inputOf(values)) : (values[metric] ?? null);
}

function figureOf({ text, metric, unit, operator, threshold }: Term, value: MetricValue): Figure {
  return { text, metric, unit, value, operator, threshold };
}

function holds({ value, operator, threshold }: Figure): boolean {
  if (value === null) return false;
  if (operator === '==') return value === threshold;
  if (operator === '!=') return value !== threshold;
  return typeof value === 'number' && typeof threshold === 'number' && order[operator](value, threshold);
}
