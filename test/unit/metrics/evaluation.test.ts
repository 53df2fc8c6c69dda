import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { evaluateMetrics, type Imported } from '../../../src/metrics/evaluate.ts';
import { definition, evaluate } from './equations.ts';

/** An account that has arr and nothing else: mrr stands for "no data". */
const account = { id: 'acme', arr: 1200, mrr: null, created_at: null, renewal_date: null, traits: {} };
const flag = (equation: string) => evaluate(equation, { unit: 'boolean', account });

describe('arithmetic', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 / 2', 3.5],
    ['7 % 4', 3],
    ['-arr', -1200],
    ['100 * arr / 2400.0', 50],
    ['2 - 3 - 4', -5],
    ['0 * -1', 0],
  ])('%s is %d: whole and decimal numbers mix', (equation, value) => {
    expect(evaluate(equation, { account })).toBe(value);
  });

  it.each([
    'mrr + 1',
    '1 - mrr',
    'mrr * 0',
    '0 / mrr',
    '-mrr',
    'arr / 0',
    '0 / 0',
    'arr % 0',
    '1.7e308 * 10',
    'percent(mrr, 10)',
    'percent(10, mrr)',
    'percent(10, 0)',
    'percent(0, 0)',
    'largest(arr, mrr)',
    'smallest(mrr, arr)',
  ])('%s is no data', (equation) => {
    expect(evaluate(equation, { account })).toBe(null);
  });

  it('never gives NaN, an infinity or minus zero', () => {
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, -0, null));
    const operation = fc.constantFrom(
      'arr + mrr',
      'arr - mrr',
      'arr * mrr',
      'arr / mrr',
      'arr % mrr',
      '-arr',
      'percent(arr, mrr)',
      'decrease(arr, mrr)',
      'largest(arr, mrr)',
    );
    fc.assert(
      fc.property(number, number, operation, (arr, mrr, equation) => {
        const value = evaluate(equation, { account: { ...account, arr, mrr } });
        expect(value === null || Number.isFinite(value)).toBe(true);
        if (equation !== 'largest(arr, mrr)') expect(Object.is(value, -0)).toBe(false);
      }),
    );
  });
});

describe('a decrease', () => {
  it.each([
    [100, 80, 20],
    [100, 100, 0],
    [100, 150, -50],
    [100, 0, 100],
    [0, 0, null],
    [0, 5, 0],
    [0, -5, null],
    [-10, -20, null],
    [3, -3, 200],
  ])('from %d to %d is %s', (previous, current, value) => {
    expect(evaluate(`decrease(${previous}, ${current})`)).toBe(value);
  });

  it('is no data when either side is', () => {
    expect(evaluate('decrease(mrr, 5)', { account })).toBe(null);
    expect(evaluate('decrease(5, mrr)', { account })).toBe(null);
  });
});

describe('comparisons and conditions', () => {
  it.each([
    ['arr > 1199.5', true],
    ['arr >= 1200', true],
    ['arr < 1200', false],
    ['arr <= 1200', true],
    ['arr == 1200', true],
    ['arr != 1200', false],
    ['"a" == "a"', true],
    ['true != false', true],
    ['!(arr > 5)', false],
    ['arr > 5 && arr < 5', false],
    ['arr > 5 || arr < 5', true],
  ])('%s is %s', (equation, value) => {
    expect(flag(equation)).toBe(value);
  });

  it.each([
    ['mrr > 5', null],
    ['mrr == 5', null],
    ['mrr != 5', null],
    ['!(mrr > 5)', null],
    ['mrr > 5 && arr > 5', null],
    ['mrr > 5 && arr < 5', false],
    ['arr < 5 && mrr > 5', false],
    ['mrr > 5 || arr > 5', true],
    ['mrr > 5 || arr < 5', null],
    ['has_data(mrr)', false],
    ['has_data(arr)', true],
    ['has_data(mrr > 5)', false],
    ['has_data(null)', false],
  ])('%s is %s: what is not known decides only where it cannot matter', (equation, value) => {
    expect(flag(equation)).toBe(value);
  });

  it.each([
    ['arr > 5 ? 1 : 0.5', 1],
    ['arr < 5 ? 1 : 0.5', 0.5],
    ['mrr > 5 ? 1 : 0', null],
    ['arr > 5 ? null : 1', null],
    ['arr < 5 ? null : 1', 1],
    ['coalesce(mrr, 3)', 3],
    ['coalesce(arr, 3)', 1200],
    ['coalesce(mrr, mrr)', null],
    ['largest(1, 2) + smallest(1, 2)', 3],
  ])('%s is %s', (equation, value) => {
    expect(evaluate(equation, { account })).toBe(value);
  });
});

describe('traits', () => {
  const traits = {
    number: 12.5,
    text: 'gold',
    digits: ' 12.5 ',
    yes: true,
    no: 'FALSE',
    empty: '',
    none: null,
    list: [1],
  };

  it.each([
    ['trait("number")', 12.5],
    ['trait("digits")', 12.5],
    ['trait("text")', null],
    ['trait("yes")', null],
    ['trait("empty")', null],
    ['trait("none")', null],
    ['trait("list")', null],
    ['trait("absent")', null],
    ['trait("constructor")', null],
  ])('%s is %s', (equation, value) => {
    expect(evaluate(equation, { traits })).toBe(value);
  });

  it.each([
    ['trait_text("text")', 'gold'],
    ['trait_text("number")', '12.5'],
    ['trait_text("yes")', 'true'],
    ['trait_text("empty")', null],
    ['trait_text("list")', null],
    ['trait_text("toString")', null],
  ])('%s is %s', (equation, value) => {
    expect(evaluate(equation, { traits, unit: 'text' })).toBe(value);
  });

  it.each([
    ['trait_flag("yes")', true],
    ['trait_flag("no")', false],
    ['trait_flag("text")', null],
    ['trait_flag("number")', null],
  ])('%s is %s', (equation, value) => {
    expect(evaluate(equation, { traits, unit: 'boolean' })).toBe(value);
  });
});

describe('dates', () => {
  const auckland = { day: '2026-03-31', timeZone: 'Pacific/Auckland' };

  it.each([
    ['2026-03-31', 0],
    ['2026-03-30', 1],
    ['2026-04-02', -2],
    ['2026-02-30', null],
    ['2026-13-01', null],
    ['yesterday', null],
    ['2026-03-30T12:00:00Z', 0], // 01:00 of the 31st there
    ['2026-03-30T10:00:00Z', 1],
    ['2026-03-30 10:00', 1],
    ['2026-03-31T01:00:00+13:00', 0],
    ['2026-03-30T99:00:00Z', null],
  ])('days since the trait %s in New Zealand are %s', (date, value) => {
    expect(evaluate('days_since(trait_date("date"))', { traits: { date }, ...auckland })).toBe(value);
  });

  it('count calendar days over a change of the clock', () => {
    const berlin = { day: '2026-03-30', timeZone: 'Europe/Berlin', traits: { date: '2026-03-28T22:30:00Z' } };
    expect(evaluate('days_since(trait_date("date"))', berlin)).toBe(2);
    expect(evaluate('days_until(trait_date("date"))', berlin)).toBe(-2);
  });

  it.each([
    ['2026-02-28', '2026-05-31', 3],
    ['2026-02-27', '2026-05-31', 4],
    ['2026-02-28', '2026-05-28', 3],
    ['2026-06-30', '2026-08-31', 2],
    ['2026-06-29', '2026-08-31', 3],
    ['2026-11-21', '2027-02-21', 3],
    ['2026-11-21', '2027-02-22', 4],
    ['2026-11-21', '2026-11-22', 1],
    ['2026-11-21', '2026-11-21', 0],
    ['2026-11-21', '2026-01-01', 0],
    ['2026-11-21', 'soon', null],
  ])('are, from %s to %s, %s calendar months', (day, date, months) => {
    expect(evaluate('months_until(trait_date("date"))', { day, traits: { date } })).toBe(months);
  });

  it('come from the account’s own fields, and compare', () => {
    const given = { ...account, created_at: new Date('2026-01-30T12:00:00Z'), renewal_date: '2026-04-30' };
    expect(evaluate('days_since(created_at)', { account: given })).toBe(60);
    expect(evaluate('days_until(renewal_date)', { account: given })).toBe(30);
    expect(evaluate('created_at < renewal_date', { account: given, unit: 'boolean' })).toBe(true);
    expect(evaluate('days_since(created_at)', { account })).toBe(null);
    expect(evaluate('created_at < renewal_date', { account, unit: 'boolean' })).toBe(null);
  });
});

describe('other metrics', () => {
  const past = (values: Record<number, number | null>) => ({
    metric: (_: string, daysAgo: number) => values[daysAgo] ?? null,
  });

  it.each([
    ['metric("told")', { 0: 5 }, 5],
    ['metric("told", 7)', { 0: 5, 7: 4 }, 4],
    ['metric("told", 7)', { 0: 5 }, null],
    ['change("told", 7)', { 0: 5, 7: 4 }, 1],
    ['change("told", 7)', { 0: 5 }, null],
    ['percent_change("told", 7)', { 0: 5, 7: 4 }, 25],
    ['percent_change("told", 7)', { 0: 5, 7: 0 }, null],
    ['percent_decrease("told", 7)', { 0: 4, 7: 5 }, 20],
    ['percent_decrease("told", 7)', { 0: 4, 7: 0 }, 0],
    ['percent_decrease("told", 7)', { 0: 0, 7: 0 }, null],
  ])('%s of %j is %s', (equation, values, value) => {
    expect(evaluate(equation, past(values))).toBe(value);
  });

  it('of another type than they are defined with are no data', () => {
    expect(evaluate('metric("told") + 1', { metric: () => 'five' })).toBe(null);
    expect(evaluate('metric("told") + 1', { metric: () => '5' })).toBe(6);
    expect(evaluate('metric("told") + 1', { metric: () => true })).toBe(null);
  });
});

describe('imported values', () => {
  const { metrics } = compileMetrics([
    definition({ id: 'computed', equation: 'arr' }),
    definition({ id: 'unknown', equation: 'mrr' }),
    definition({ id: 'imported' }),
    definition({ id: 'flag', unit: 'boolean' }),
  ]);
  const evaluateWith = (imported: Record<string, Imported>) =>
    evaluateMetrics(metrics, {
      day: '2026-03-31',
      timeZone: 'UTC',
      account,
      leaf: () => null,
      imported: (id) => imported[id],
      past: () => null,
    });

  it('for the day itself come before the equation', () => {
    const value = { value: 7, ofThisDay: true };
    expect(evaluateWith({ computed: value, unknown: value, imported: value })).toEqual({
      computed: 7,
      unknown: 7,
      imported: 7,
      flag: null,
    });
  });

  it('of an earlier day come after the equation', () => {
    const value = { value: 7, ofThisDay: false };
    expect(evaluateWith({ computed: value, unknown: value, imported: value })).toEqual({
      computed: 1200,
      unknown: 7,
      imported: 7,
      flag: null,
    });
  });

  it('are read as the metric’s type, and are no data where that fails', () => {
    const values = { imported: { value: '7.5', ofThisDay: true }, flag: { value: 'true', ofThisDay: true } };
    expect(evaluateWith(values)).toMatchObject({ imported: 7.5, flag: true });
    const wrong = { imported: { value: true, ofThisDay: true }, computed: { value: 'x', ofThisDay: true } };
    expect(evaluateWith(wrong)).toMatchObject({ imported: null, computed: 1200 });
  });

  it('are what equations read of another metric', () => {
    const both = compileMetrics([
      definition({ id: 'imported' }),
      definition({ id: 'double', equation: '2 * metric("imported")' }),
    ]);
    const values = evaluateMetrics(both.metrics, {
      day: '2026-03-31',
      timeZone: 'UTC',
      account,
      leaf: () => null,
      imported: (id) => (id === 'imported' ? { value: 4, ofThisDay: true } : undefined),
      past: () => null,
    });
    expect(values).toEqual({ imported: 4, double: 8 });
  });
});
