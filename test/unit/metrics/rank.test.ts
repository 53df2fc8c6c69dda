import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricValue } from '../../../src/health/types.ts';
import { percentDecrease } from '../../../src/metrics/arithmetic.ts';
import { type MetricCondition, type Ranking, rankAccounts } from '../../../src/metrics/rank.ts';

const ranking = (overrides: Partial<Ranking> = {}): Ranking => ({
  type: 'number',
  condition: null,
  better: 'higher',
  worstOf: () => 0,
  ...overrides,
});
const account = (id: string, value: MetricValue, before: MetricValue = null) => ({ id, name: id, value, before });
const ids = ({ ranked }: { ranked: { id: string }[] }) => ranked.map(({ id }) => id);

describe('rankAccounts', () => {
  const three = [account('b', 2), account('a', 1), account('c', 3), account('none', null), account('text', 'x')];

  it.each([
    ['higher', ['a', 'b', 'c']],
    [null, ['a', 'b', 'c']],
    ['lower', ['c', 'b', 'a']],
  ] as const)('puts the worst first where %s is better', (better, order) => {
    const result = rankAccounts(three, ranking({ better }));
    expect(ids(result)).toEqual(order);
    expect(result.withoutData).toBe(2);
  });

  it('puts equals in the order of their names, then of their ids', () => {
    const same = [
      { ...account('2', 5), name: 'B' },
      { ...account('9', 5), name: 'A' },
      { ...account('1', 5), name: 'B' },
    ];
    expect(ids(rankAccounts(same, ranking()))).toEqual(['9', '1', '2']);
  });

  it('orders words by how bad they are, and counts other types as no data', () => {
    const worstOf = (value: MetricValue) => ['poor', 'healthy'].indexOf(String(value));
    const result = rankAccounts(
      [account('a', 'healthy'), account('b', 'poor'), account('c', 3)],
      ranking({ type: 'text', worstOf }),
    );
    expect(ids(result)).toEqual(['b', 'a']);
    expect(result.withoutData).toBe(1);
  });

  it('lists a fall exactly when percentDecrease says so, the largest first, and knows who has no data', () => {
    const value = fc.option(fc.oneof(fc.integer({ min: -5, max: 20 }), fc.double({ noNaN: true })));
    const list = fc.array(fc.tuple(value, value), { maxLength: 20 });
    fc.assert(
      fc.property(list, fc.integer({ min: 1, max: 100 }), (pairs, percent) => {
        const accounts = pairs.map(([now, before], index) => account(String(index), now, before));
        const condition: MetricCondition = { kind: 'fell', percent, days: 14 };
        const { ranked, withoutData } = rankAccounts(accounts, ranking({ condition }));
        const falls = accounts.map((each) => percentDecrease(each.before, each.value));
        expect(withoutData).toBe(falls.filter((fall) => fall === null).length);
        expect(ranked.length).toBe(falls.filter((fall) => fall !== null && fall >= percent * (1 - 1e-9)).length);
        const order = ranked.map((each) => percentDecrease(each.before, each.value) ?? Number.NaN);
        expect(order).toEqual(order.toSorted((a, b) => b - a));
      }),
    );
  });

  it('takes a fall of exactly the percentage for one whatever the rounding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 1e6 }), (percent, hundredths) => {
        const before = hundredths / 100;
        const now = (before * (100 - percent)) / 100;
        const condition: MetricCondition = { kind: 'fell', percent, days: 1 };
        expect(ids(rankAccounts([account('a', now, before)], ranking({ condition })))).toEqual(['a']);
      }),
    );
  });
});
