import { describe, expect, it } from 'vitest';
import { metricOf, termsOf, unitOf } from '../../../src/indicators/terms.ts';
import { parseEquation } from '../../../src/metrics/parse.ts';
import type { Unit } from '../../../src/metrics/types.ts';
import { makeRule } from './rules.ts';

const units = new Map<string, Unit>([
  ['share', 'percent'],
  ['spent', 'money'],
]);

describe('the figures of a rule', () => {
  it.each([
    ['metric("a") > 5', [['metric("a")', '>', 5]]],
    ['metric("a") >= -5', [['metric("a")', '>=', -5]]],
    ['5 > metric("a")', [['metric("a")', '<', 5]]],
    ['5 <= metric("a")', [['metric("a")', '>=', 5]]],
    ['0.5 == metric("a")', [['metric("a")', '==', 0.5]]],
    ['metric("mood") != "bad"', [['metric("mood")', '!=', 'bad']]],
    ['metric("on")', [['metric("on")', '==', true]]],
    ['!metric("on")', [['metric("on")', '==', false]]],
    ['metric("on") == false', [['metric("on")', '==', false]]],
    [
      'metric("a") > 1 && metric("b") < 2 || metric("on")',
      [
        ['metric("a")', '>', 1],
        ['metric("b")', '<', 2],
        ['metric("on")', '==', true],
      ],
    ],
    ['metric("a") + metric("b") > 3', [['metric("a") + metric("b")', '>', 3]]],
    // A bracket at the end of a part is not known to be of it, so all is shown.
    ['(metric("a") + metric("b")) * 2 > 3', [['(metric("a") + metric("b")) * 2 > 3', '>', 3]]],
    ['metric("a")\n  > 3', [['metric("a")', '>', 3]]],
    // Nothing is written out that could be shown as a threshold.
    ['metric("a") > metric("b")', [['metric("a") > metric("b")', '==', true]]],
    [
      'has_data(metric("a")) ? metric("a") > 3 : metric("on")',
      [['has_data(metric("a")) ? metric("a") > 3 : metric("on")', '==', true]],
    ],
  ])('of %s', (when, figures) => {
    const { terms } = makeRule(when);
    expect(terms.map(({ text, operator, threshold }) => [text, operator, threshold])).toEqual(figures);
  });

  it.each([
    ['metric("a") > 1', 'a'],
    ['metric("a", 7) > 1', null],
    ['metric("a") + 1 > 1', null],
    ['change("a", 7) > 1', null],
    ['users() > 1', null],
  ])('tell whether they are a metric and nothing else: %s', (when, metric) => {
    const [term] = termsOf(parseEquation(when));
    expect(term && metricOf(term.node)).toBe(metric);
  });

  it.each<[string, Unit]>([
    ['metric("share")', 'percent'],
    ['metric("share", 7)', 'percent'],
    ['change("spent", 7)', 'money'],
    ['metric("unheard")', 'number'],
    ['percent(1, 2)', 'percent'],
    ['decrease(1, 2)', 'percent'],
    ['percent_change("spent", 7)', 'percent'],
    ['percent_decrease("spent", 7)', 'percent'],
    ['days_since(created_at)', 'days'],
    ['days_until(renewal_date)', 'days'],
    ['arr', 'money'],
    ['-mrr', 'money'],
    ['coalesce(metric("spent"), 0)', 'money'],
    ['largest(metric("share"), 3)', 'percent'],
    ['smallest(3, metric("share"))', 'number'],
    ['trait("seats")', 'number'],
    ['count("login", 7)', 'number'],
    ['arr / 12', 'number'],
    ['7', 'number'],
  ])('are read in the unit that is written: %s in %s', (equation, unit) => {
    expect(unitOf(parseEquation(equation), units)).toBe(unit);
  });

  it('have the type of what they are compared with', () => {
    const { terms } = makeRule('metric("mood") == "bad" || metric("on") == true || metric("share") > 3');
    expect(terms.map(({ unit }) => unit)).toEqual(['text', 'boolean', 'percent']);
  });
});
