import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupByDays } from '../../src/account-days.ts';
import { addDays, daysBetween } from '../../src/days.ts';

const to = '2026-11-21';
const item = fc.integer({ min: 0, max: 400 }).map((days) => ({ from: addDays(to, -days) }));

test('every account is in one group that begins no later than it does, and no group is too much at once', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 1200 }), (list) => {
      const groups = groupByDays(list, to);
      expect(groups.flatMap(({ items }) => items)).toEqual(list);
      for (const { from, items } of groups) {
        const first = items.map((one) => one.from).sort()[0];
        expect(from).toBe(first);
        expect(items.length === 1 || items.length * (daysBetween(from, to) + 1) <= 2500).toBe(true);
        expect(items.length).toBeLessThanOrEqual(250);
      }
    }),
  );
});

test('accounts that begin today go 250 at once', () => {
  const groups = groupByDays(
    Array.from({ length: 1100 }, () => ({ from: to })),
    to,
  );
  expect(groups.map(({ items }) => items.length)).toEqual([250, 250, 250, 250, 100]);
});
