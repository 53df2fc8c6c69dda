import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveTies } from '../../../src/ingest/ties.ts';

const none = new Map<string, string>();

describe('resolveTies', () => {
  it('ties an id to a user, who then has what is stored of it', () => {
    const { users, merged, userOf } = resolveTies(none, [{ alias: 'anon', user: 'u1' }]);
    expect([...users]).toEqual([['anon', 'u1']]);
    expect([...merged]).toEqual([['anon', 'u1']]);
    expect(userOf('anon')).toBe('u1');
    expect(userOf('u1')).toBe('u1');
  });

  it('changes nothing when it is known already', () => {
    const { users, merged } = resolveTies(new Map([['anon', 'u1']]), [{ alias: 'anon', user: 'u1' }]);
    expect([users.size, merged.size]).toEqual([0, 0]);
  });

  it('gives an id that was another user’s to the newer one, without what is stored', () => {
    const { users, merged } = resolveTies(new Map([['anon', 'u1']]), [{ alias: 'anon', user: 'u2' }]);
    expect([...users]).toEqual([['anon', 'u2']]);
    expect(merged.size).toBe(0);
  });

  it('takes a user’s own alias for no news', () => {
    expect(resolveTies(new Map([['a', 'u1']]), [{ alias: 'u1', user: 'a' }]).users.size).toBe(0);
    expect(resolveTies(none, [{ alias: 'u1', user: 'u1' }]).users.size).toBe(0);
  });

  it('leaves an id with the user that its own became, whoever gets that later', () => {
    const ties = [
      { alias: 'e', user: 'a' },
      { alias: 'a', user: 'c' },
      { alias: 'a', user: 'd' },
    ];
    const { users, merged } = resolveTies(none, ties);
    expect([...users]).toEqual([
      ['e', 'c'],
      ['a', 'd'],
    ]);
    // What was stored of them went with the first.
    expect([...merged]).toEqual([
      ['e', 'c'],
      ['a', 'c'],
    ]);
  });

  it('never leads to an alias or in a circle, whatever is said', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    fc.assert(
      fc.property(fc.array(fc.record({ alias: id, user: id }), { maxLength: 12 }), (ties) => {
        // What is stored after each is what the next begins with; all at once comes to the same.
        const stored = new Map<string, string>();
        for (const tie of ties) {
          const { users } = resolveTies(stored, [tie]);
          for (const [alias, user] of stored) if (users.has(user)) stored.set(alias, users.get(user)!);
          for (const [alias, user] of users) stored.set(alias, user);
          expect([...stored.values()].filter((user) => stored.has(user))).toEqual([]);
        }
        const together = resolveTies(none, ties);
        for (const one of ['a', 'b', 'c', 'd', 'e']) expect(together.userOf(one)).toBe(stored.get(one) ?? one);
      }),
      { numRuns: 2000 },
    );
  });
});
