import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDecimals,
  cellsWithout,
  hashOfKey,
  mergeCells,
  mergePresence,
  presenceWithout,
  unpackPresence,
} from '../../../src/series/codec.ts';

function presence(entries: readonly (readonly [key: string, days: readonly number[]])[]): Buffer {
  return unpackPresence(Buffer.concat(entries.map(([key, days]) => packed(key, days))), 1)[0]!;
}

/** A key as the database packs it, with its days in each of several series. */
function packed(key: string, ...series: readonly (readonly number[])[]): Buffer {
  const bits = Buffer.alloc(4 * series.length);
  for (const [index, days] of series.entries()) bits.writeInt32BE(bitsOf(days), 4 * index);
  return Buffer.concat([hashOfKey(key), bits]);
}

function bitsOf(days: readonly number[]): number {
  return days.reduce((bits, day) => bits | (1 << (day - 1)), 0);
}

/** Days 1 to 31, each key's own. */
const someEntries = fc.uniqueArray(
  fc.tuple(fc.string(), fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 1 })),
  { selector: ([key]) => key },
);

describe('addDecimals', () => {
  it.each([
    ['0', '0', '0'],
    ['1.50', '2', '3.50'],
    ['0.1', '0.2', '0.3'],
    ['-0.05', '0.02', '-0.03'],
    ['-1.5', '1.5', '0.0'],
    ['999', '0.001', '999.001'],
    ['9'.repeat(200), '1', `1${'0'.repeat(200)}`],
    [`0.${'0'.repeat(199)}1`, '1', `1.${'0'.repeat(199)}1`],
  ])('%s and %s are %s', (left, right, sum) => {
    expect(addDecimals(left, right)).toBe(sum);
    expect(addDecimals(right, left)).toBe(sum);
  });

  it('agrees with whole numbers of any size', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (left, right) => {
        expect(addDecimals(String(left), String(right))).toBe(String(left + right));
      }),
    );
  });
});

describe('mergeCells', () => {
  it('adds counts of the same day and keeps days ascending', () => {
    expect(mergeCells('count', [3, 1, 9, 5], [1, 2, 9, 1, 31, 7])).toEqual([1, 2, 3, 1, 9, 6, 31, 7]);
  });

  it('keeps the earliest and the latest time seen', () => {
    expect(mergeCells('seen', [3, 100, 300], [3, 50, 200])).toEqual([3, 50, 300]);
  });

  it('adds sums exactly, and takes the extremes and the newest number', () => {
    const left = [3, 2, 2, '0.10', -1, 5, 1000, 5];
    const right = [3, 4, 1, '0.205', 0.205, 0.205, 999, 0.205];
    expect(mergeCells('number', left, right)).toEqual([3, 6, 3, '0.305', -1, 5, 1000, 5]);
  });

  it('takes the larger of two numbers of the same time', () => {
    const left = [3, 1, 1, '2', 2, 2, 1000, 2];
    const right = [3, 1, 1, '10', 10, 10, 1000, 10];
    expect(mergeCells('number', left, right)).toEqual([3, 2, 2, '12', 2, 10, 1000, 10]);
    expect(mergeCells('number', right, left)).toEqual([3, 2, 2, '12', 2, 10, 1000, 10]);
  });

  it('counts events without a number beside those with one', () => {
    const none = [3, 4, 0, null, null, null, null, null];
    const some = [3, 1, 1, '2', 2, 2, 1000, 2];
    expect(mergeCells('number', none, some)).toEqual([3, 5, 1, '2', 2, 2, 1000, 2]);
    expect(mergeCells('number', some, none)).toEqual([3, 5, 1, '2', 2, 2, 1000, 2]);
    expect(mergeCells('number', none, none)).toEqual([3, 8, 0, null, null, null, null, null]);
  });

  it('takes either side as it is when the other is empty', () => {
    expect(mergeCells('count', [], [2, 1])).toEqual([2, 1]);
    expect(mergeCells('count', [2, 1], [])).toEqual([2, 1]);
  });
});

describe('cellsWithout', () => {
  it('leaves out the days asked for, the 31st too', () => {
    expect(cellsWithout('count', [1, 10, 2, 20, 31, 310], 2 ** 30 + 1)).toEqual([2, 20]);
  });
});

describe('presence', () => {
  it('is ordered by hash whatever order its keys came in', () => {
    fc.assert(
      fc.property(someEntries, (entries) => {
        expect(presence(entries)).toEqual(presence(entries.toReversed()));
      }),
    );
  });

  it('of series that were counted together is taken apart, without keys that a series has not', () => {
    const together = Buffer.concat([packed('ann', [1, 31], []), packed('bob', [2], [3]), packed('cem', [], [1])]);
    expect(unpackPresence(together, 2)).toEqual([
      presence([
        ['ann', [1, 31]],
        ['bob', [2]],
      ]),
      presence([
        ['bob', [3]],
        ['cem', [1]],
      ]),
    ]);
    expect(unpackPresence(Buffer.alloc(0), 2)).toEqual([Buffer.alloc(0), Buffer.alloc(0)]);
  });

  it('merged has the keys of both and the days of both', () => {
    fc.assert(
      fc.property(someEntries, someEntries, (left, right) => {
        const both = new Map(left);
        for (const [key, days] of right) both.set(key, [...(both.get(key) ?? []), ...days]);
        expect(mergePresence(presence(left), presence(right))).toEqual(presence([...both]));
      }),
    );
  });

  it('without some days has neither these days nor keys of no other day', () => {
    fc.assert(
      fc.property(someEntries, fc.uniqueArray(fc.integer({ min: 1, max: 31 })), (entries, gone) => {
        const left = entries
          .map(([key, days]) => [key, days.filter((day) => !gone.includes(day))] as const)
          .filter(([, days]) => days.length > 0);
        expect(presenceWithout(presence(entries), bitsOf(gone))).toEqual(presence(left));
      }),
    );
  });
});
