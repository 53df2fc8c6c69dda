import { describe, expect, it } from 'vitest';
import { createLayout, readAssignments } from '../../../src/importing/layout.ts';
import type { ImportKind } from '../../../src/importing/types.ts';

const none = { map: [], set: [] };
function sort(
  kind: ImportKind,
  columns: string[],
  options: { map?: string[]; set?: string[] } = {},
  cells: unknown[] = columns,
) {
  const layout = createLayout(kind, columns, readAssignments(kind, { ...none, ...options }), false);
  return layout.toRow({ line: 2, cells, fault: null });
}

describe('the columns of a file', () => {
  it('are found whatever their case, spaces, hyphens and underscores', () => {
    const { values, extras } = sort('accounts', ['Account Name', 'ID', 'createdAt', 'Renewal-Date', 'seats']);
    expect(values[0]).toBe('ID');
    expect(values.slice(9, 11)).toEqual(['createdAt', 'Renewal-Date']);
    expect(extras.map(([name]) => name)).toEqual(['Account Name', 'seats']);
  });

  it('go by other usual names where the proper one is absent', () => {
    expect(sort('events', ['account_id', 'user_id', 'event', 'timestamp']).values.slice(0, 2)).toEqual([
      'account_id',
      'user_id',
    ]);
    const both = sort('events', ['account_id', 'account', 'event', 'timestamp']);
    expect(both.values[0]).toBe('account');
    expect(both.extras).toEqual([['account_id', 'account_id']]);
  });

  it('can be given to fields with --map, one to several', () => {
    const { values, extras } = sort('events', ['customer', 'event', 'when', 'id'], {
      map: ['account=customer', 'user=Customer', 'timestamp=when'],
    });
    expect(values).toEqual(['customer', 'customer', 'event', 'when', 'id']);
    expect(extras).toEqual([]);
  });

  it('are no longer the field of their own name when --map gives them to another', () => {
    const { values } = sort('events', ['id', 'event', 'timestamp'], { map: ['account=id'] });
    expect(values).toEqual(['id', undefined, 'event', 'timestamp', undefined]);
  });

  it('give way to --set, and are then extra ones', () => {
    const { values, extras } = sort('events', ['account', 'event', 'timestamp'], { set: ['event=Login'] });
    expect(values[2]).toBe('Login');
    expect(extras).toEqual([['event', 'event']]);
  });

  it('without a name are left out', () => {
    expect(sort('accounts', ['', 'id']).extras).toEqual([]);
  });

  it.each([
    [
      'events',
      ['account', 'timestamp'],
      {},
      'No column is the event. The columns are account, timestamp; say which one with --map event=COLUMN',
    ],
    ['accounts', ['ID', 'id'], {}, 'Columns ID and id: two columns are the id. Choose with --map id=COLUMN.'],
    ['accounts', ['a'], { map: ['id=b'] }, 'There is no column b for id. The columns are a.'],
    ['accounts', ['a'], { map: ['idd=a'] }, '--map idd=a: accounts have no field idd. The fields are id, name,'],
    ['accounts', ['a'], { map: ['id'] }, '--map takes field=column; id is not that.'],
    ['accounts', ['a'], { map: ['=a'] }, '--map takes field=column'],
    ['accounts', ['a'], { map: ['id='] }, '--map takes field=column'],
    ['accounts', ['a'], { map: ['id=a', 'id=a'] }, '--map is given twice for id.'],
    ['accounts', ['a'], { map: ['id=a'], set: ['id=x'] }, 'Both --map and --set are given for id; leave one out.'],
  ] as const)('%s %j with %j are refused', (kind, columns, options, message) => {
    const given = options as { map?: string[]; set?: string[] };
    expect(() => sort(kind, [...columns], given)).toThrow(message);
  });
});

describe('the keys of JSON lines', () => {
  it('may come late, and two of one field only in different rows', () => {
    const columns = ['ID'];
    const layout = createLayout('accounts', columns, readAssignments('accounts', none), true);
    expect(layout.toRow({ line: 1, cells: ['a'], fault: null }).values[0]).toBe('a');
    columns.push('id', 'seats');
    expect(layout.toRow({ line: 2, cells: [undefined, 'b', 3], fault: null })).toMatchObject({
      values: ['b', ...new Array(12).fill(undefined)],
      extras: [['seats', 3]],
    });
    expect(() => layout.toRow({ line: 3, cells: ['a', 'b'], fault: null })).toThrow('two columns are the id');
  });
});
