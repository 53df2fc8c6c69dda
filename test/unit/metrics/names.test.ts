import { describe, expect, it } from 'vitest';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { noNames } from '../../../src/metrics/names.ts';
import type { AttributeNames, Literal, Names, Unit } from '../../../src/metrics/types.ts';
import { definition } from './equations.ts';

const called = (key: string, values: Record<string, Literal[]> = {}): AttributeNames => {
  return { key, values: new Map(Object.entries(values)) };
};
const own = (names: Partial<Names>): Names => ({ ...noNames, ...names });

function compileWith(equation: string, names: Names, unit: Unit = 'number') {
  const { metrics, errors, uses } = compileMetrics([definition({ id: 'asked', unit, equation })], names);
  return { metric: metrics[0], errors, uses };
}

/** The one fact that an equation reads. */
function leafOf(equation: string, names: Names) {
  const { metric, errors } = compileWith(equation, names);
  if (!metric) throw new Error(errors[0]?.message);
  expect(metric.leaves).toHaveLength(1);
  return metric.leaves[0]?.leaf;
}

/** A trait's value as the equation sees it. */
function traitOf(equation: string, unit: Unit, traits: Record<string, unknown>, names: Names) {
  return compileWith(equation, names, unit).metric?.evaluate?.({
    day: '2026-03-31',
    timeZone: 'UTC',
    account: { id: 'acme', arr: null, mrr: null, created_at: null, renewal_date: null, traits },
    leaf: () => null,
    metric: () => null,
  });
}

describe('an event that the deployment calls otherwise', () => {
  const saved = { name: 'Insight Saved', where: [], properties: new Map() };
  const viewed = { name: 'Viewed Page', where: [{ key: 'name', anyOf: ['Insight'] }], properties: new Map() };
  const names = own({ events: new Map([['insight created', [saved, viewed]]]) });

  it('is read under all of its names, with what each of them asks', () => {
    expect(leafOf('count("insight created", 7)', names)).toMatchObject({
      events: [
        { name: 'Insight Saved', properties: [], userTraits: [] },
        { name: 'Viewed Page', properties: [{ key: 'name', anyOf: ['Insight'] }], userTraits: [] },
      ],
    });
  });

  it('keeps what the equation asks of it, after what its name asks', () => {
    expect(leafOf('count(event("insight created", {"kind": "trend"}), 7)', names)).toMatchObject({
      events: [
        { name: 'Insight Saved', properties: [{ key: 'kind', anyOf: ['trend'] }] },
        {
          name: 'Viewed Page',
          properties: [
            { key: 'name', anyOf: ['Insight'] },
            { key: 'kind', anyOf: ['trend'] },
          ],
        },
      ],
    });
  });

  it('is no longer read under the pack’s name, and other events are as before', () => {
    expect(leafOf('count(["insight created", "login"], 7)', names)).toMatchObject({
      events: [{ name: 'Insight Saved' }, { name: 'Viewed Page' }, { name: 'login' }],
    });
    expect(leafOf('active_users(7)', names)).toEqual(leafOf('active_users(7)', noNames));
  });

  it('counts once where two of the pack’s are one', () => {
    const one = own({ events: new Map(['read', 'opened'].map((name) => [name, [saved]])) });
    expect(leafOf('count(["read", "opened"], 7)', one)).toMatchObject({ events: [{ name: 'Insight Saved' }] });
    const { metrics } = compileMetrics(
      [definition({ id: 'a', equation: 'count("read", 7)' }), definition({ id: 'b', equation: 'count("opened", 7)' })],
      one,
    );
    expect(metrics[0]?.leaves).toEqual(metrics[1]?.leaves);
  });
});

describe('a property that the deployment calls otherwise', () => {
  const names = own({
    events: new Map([
      ['paid', [{ name: 'Invoice Paid', where: [], properties: new Map([['amount', called('total')]]) }]],
    ]),
    properties: new Map([
      ['amount', called('value')],
      ['priority', called('urgency', { urgent: ['P1', 1, true] })],
    ]),
  });

  it.each([
    ['sum("paid", "amount", 7)', 'total'], // of this event
    ['sum("refunded", "amount", 7)', 'value'], // of all events
    ['sum("*", "amount", 7)', 'value'],
    ['sum("paid", "other", 7)', 'other'],
  ])('%s reads %s', (equation, property) => {
    expect(leafOf(equation, names)).toMatchObject({ property });
  });

  it('is asked for in the deployment’s words, each of several', () => {
    expect(leafOf('count(event("ticket", {"priority": ["urgent", "high"]}), 7)', names)).toMatchObject({
      events: [{ properties: [{ key: 'urgency', anyOf: ['P1', 1, true, 'high'] }] }],
    });
  });

  it('is the first of several that an event has, where its events call it differently', () => {
    expect(leafOf('sum(["refunded", "paid"], "amount", 7)', names)).toMatchObject({ property: ['value', 'total'] });
    expect(leafOf('sum(["refunded", "billed"], "amount", 7)', names)).toMatchObject({ property: 'value' });
  });
});

describe('a trait that the deployment calls otherwise', () => {
  const names = own({
    userTraits: new Map([['role', called('user_role', { owner: ['Admin', 'Owner'], true: ['on'] })]]),
    accountTraits: new Map([
      ['seats', called('licenses')],
      ['sentiment', called('mood', { poor: ['red', 1], healthy: ['green', true] })],
      ['champion', called('champion', { true: ['yes', 'maybe'], false: ['no'] })],
    ]),
  });

  it('of a user is read and compared in the deployment’s words', () => {
    expect(leafOf('users_with("role", ["owner", "guest"])', names)).toMatchObject({
      trait: 'user_role',
      anyOf: ['Admin', 'Owner', 'guest'],
    });
    expect(leafOf('users_with("role", true)', names)).toMatchObject({ anyOf: ['on'] });
    expect(leafOf('user_sum("role")', names)).toMatchObject({ trait: 'user_role' });
    expect(leafOf('last_seen(by_users("*", {"role": "owner"})) > created_at ? 1 : 0', names)).toMatchObject({
      events: [{ name: null, userTraits: [{ key: 'user_role', anyOf: ['Admin', 'Owner'] }] }],
    });
  });

  it.each<[string, Unit, Record<string, unknown>, unknown]>([
    ['trait("seats")', 'number', { licenses: 20, seats: 5 }, 20],
    ['trait("seats")', 'number', { seats: 5 }, null],
    ['trait_text("sentiment")', 'text', { mood: 'red' }, 'poor'],
    ['trait_text("sentiment")', 'text', { mood: '1' }, 'poor'],
    ['trait_text("sentiment")', 'text', { mood: 1 }, 'poor'],
    ['trait_text("sentiment")', 'text', { mood: true }, 'healthy'],
    ['trait_text("sentiment")', 'text', { mood: 'amber' }, 'amber'],
    ['trait_text("sentiment")', 'text', { mood: null }, null],
    ['trait_flag("champion")', 'boolean', { champion: 'maybe' }, true],
    ['trait_flag("champion")', 'boolean', { champion: 'no' }, false],
    ['trait_flag("champion")', 'boolean', { champion: 'who knows' }, null],
  ])('%s of an account, a %s, of %j is %s', (equation, unit, traits, value) => {
    expect(traitOf(equation, unit, traits, names)).toBe(value);
  });
});

describe('the names that equations read', () => {
  it('are listed in the pack’s words, whatever the deployment calls them', () => {
    const names = own({ events: new Map([['paid', [{ name: 'Paid', where: [], properties: new Map() }]]]) });
    const equation =
      'sum(event(by_users("paid", {"role": "owner"}), {"kind": "card"}), "amount", 7) + trait("seats") + user_sum("spent")';
    const { uses } = compileWith(equation, names);
    expect(uses.map(({ kind, event, name, values }) => [kind, event, name, values])).toEqual([
      ['event', null, 'paid', []],
      ['property', 'paid', 'kind', ['card']],
      ['property', 'paid', 'amount', []],
      ['user_trait', null, 'role', ['owner']],
      ['account_trait', null, 'seats', []],
      ['user_trait', null, 'spent', []],
    ]);
    expect(new Set(uses.map(({ metric }) => metric))).toEqual(new Set(['asked']));
  });
});
