import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricValue } from '../../../src/health/types.ts';
import { figuresOfRule, mainValueOf, readRule } from '../../../src/indicators/evaluate.ts';
import { nextState, type Standing } from '../../../src/indicators/transition.ts';
import { makeRule } from './rules.ts';

const none = { met: null, clear: null };
const value = fc.option(fc.double({ min: -20, max: 20, noNaN: true }), { nil: null });

describe('a rule', () => {
  const plain = makeRule('metric("a") > 10');
  it.each<[MetricValue, boolean]>([
    [10, false],
    [10.000001, true],
    [-3, false],
  ])('is met beyond its threshold, not at it: %s: %s', (a, met) => {
    expect(readRule(plain, { a })).toEqual({ met, clear: !met });
  });

  it('says nothing without data, and without a value at all', () => {
    expect(readRule(plain, { a: null })).toEqual(none);
    expect(readRule(plain, {})).toEqual(none);
  });

  it('decides where the other side is enough', () => {
    const rule = makeRule('metric("a") > 1 || metric("b") > 1');
    expect(readRule(rule, { a: 2, b: null })).toEqual({ met: true, clear: false });
    expect(readRule(rule, { a: 0, b: null })).toEqual(none);
  });

  it('with another end stays as it is in between', () => {
    const rule = makeRule('metric("a") > 10', { clearsWhen: 'metric("a") < 8' });
    const read = (a: number) => readRule(rule, { a });
    expect([11, 10, 8, 7].map(read)).toEqual([
      { met: true, clear: false },
      { met: false, clear: false },
      { met: false, clear: false },
      { met: false, clear: true },
    ]);
  });

  it('whose end has no data does not end', () => {
    const rule = makeRule('metric("a") > 10', { clearsWhen: 'metric("b") < 8' });
    expect(readRule(rule, { a: 1, b: null })).toEqual({ met: false, clear: null });
  });

  it('that holds and ends at once, goes on', () => {
    const rule = makeRule('metric("a") > 10', { clearsWhen: 'metric("b") < 8' });
    expect(readRule(rule, { a: 11, b: 1 })).toEqual({ met: true, clear: false });
  });

  it.each([19, null])('with too little volume (%s) says nothing', (b) => {
    const rule = makeRule('metric("a") > 10', { minimumVolume: 'metric("b") >= 20' });
    expect(readRule(rule, { a: 99, b })).toEqual(none);
    expect(readRule(rule, { a: 99, b: 20 })).toEqual({ met: true, clear: false });
  });

  it('that reads more than metrics of the day takes what was computed with these', () => {
    const rule = makeRule('users() > 3');
    expect(rule.when.isPlain).toBe(false);
    expect(readRule(rule, { [rule.when.id]: true })).toEqual({ met: true, clear: false });
    expect(readRule(rule, {})).toEqual(none);
  });
});

describe('the figures', () => {
  it('come with their values, first the one that decided', () => {
    const rule = makeRule('metric("a") > 10 || metric("b") > 3');
    const figures = figuresOfRule(rule, { a: 2, b: 4 });
    expect(figures.map(({ text, value: shown }) => [text, shown])).toEqual([
      ['metric("b")', 4],
      ['metric("a")', 2],
    ]);
    expect(figuresOfRule(rule, { a: 11, b: 4 })[0]).toEqual({
      text: 'metric("a")',
      metric: 'a',
      unit: 'number',
      value: 11,
      operator: '>',
      threshold: 10,
    });
    expect(mainValueOf(rule, { a: 2, b: 4 })).toBe(2);
  });

  it('of a computed side are what it gave', () => {
    const rule = makeRule('metric("a") + metric("b") >= 6');
    expect(figuresOfRule(rule, { a: 2, b: 4 })).toMatchObject([{ metric: null, value: 6, threshold: 6 }]);
    expect(figuresOfRule(rule, { a: 2, b: null })).toMatchObject([{ value: null }]);
  });

  it.each([
    ['metric("mood") == "bad"', { mood: 'bad' }, 'bad'],
    ['!metric("on")', { on: false }, false],
    ['metric("a") != 3', { a: 4 }, 4],
  ] as const)('are texts and flags too: %s', (when, values, shown) => {
    const [figure] = figuresOfRule(makeRule(`${when} || metric("b") > 1`), { ...values, b: 9 });
    expect(figure?.value).toBe(shown);
  });
});

describe('whatever the values are,', () => {
  const rule = makeRule('metric("a") > 10', { clearsWhen: 'metric("a") < 8', minimumVolume: 'metric("b") > 0' });

  it('no data neither fires nor ends anything', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const reading = readRule(rule, { a, b });
        if (a === null || b === null || b <= 0) expect(reading).toEqual(none);
        expect(reading.met && reading.clear).toBeFalsy();
      }),
    );
  });

  it('an alert is open exactly from the first value above the one threshold to the next below the other', () => {
    const always = makeRule('metric("a") > 10', { clearsWhen: 'metric("a") < 8' });
    const indicator = { evaluationsInARow: 1, coolDownDays: 0 };
    fc.assert(
      fc.property(fc.array(value, { maxLength: 30 }), (series) => {
        let standing: Standing = { state: 'inactive', endedAt: null, streak: 0, readAt: null };
        let isOpen = false;
        for (const [hour, a] of series.entries()) {
          const at = new Date(Date.UTC(2026, 0, 1, hour));
          const next = nextState(standing, readRule(always, { a }), indicator, at);
          if (a !== null) isOpen = isOpen ? a >= 8 : a > 10;
          expect(next.state === 'active').toBe(isOpen);
          if (a === null) expect(next).toMatchObject({ state: standing.state, streak: standing.streak, change: null });
          else
            standing = {
              state: next.state,
              streak: next.streak,
              readAt: at,
              endedAt: next.change === 'ended' ? at : standing.endedAt,
            };
        }
      }),
    );
  });
});
