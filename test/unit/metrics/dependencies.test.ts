import { describe, expect, test } from 'vitest';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { findEventMetrics, hashDefinitions, withDependencies } from '../../../src/metrics/dependencies.ts';

function compile(equations: Record<string, string | undefined>) {
  const definitions = Object.entries(equations).map(([id, equation]) => {
    return { id, name: id, unit: 'number' as const, description: '', equation };
  });
  const { metrics, errors } = compileMetrics(definitions);
  expect(errors).toEqual([]);
  return metrics;
}

const pack = {
  logins: 'count("login", 7)',
  seats: 'trait("seats")',
  usage: 'percent(metric("logins"), metric("seats"))',
  trend: 'metric("usage", 7)',
  growth: 'metric("seats") - metric("seats", 30)',
  people: 'users()',
  nps: undefined,
};

describe('what metrics read', () => {
  test('is followed through others, of today and of the past', () => {
    const ids = withDependencies(compile(pack), ['trend']).map(({ id }) => id);
    expect(ids.sort()).toEqual(['logins', 'seats', 'trend', 'usage']);
  });

  test('is events also when only the past of another metric reads them', () => {
    expect([...findEventMetrics(compile(pack))].sort()).toEqual(['logins', 'trend', 'usage']);
  });

  test('may be a metric’s own past', () => {
    const metrics = compile({ sum: 'coalesce(metric("sum", 1), 0) + count("login", 1)' });
    expect(withDependencies(metrics, ['sum'])).toHaveLength(1);
  });
});

describe('the hash of a definition', () => {
  const changed = (change: Record<string, string>) => {
    const [before, after] = [
      hashDefinitions(compile(pack), 'UTC'),
      hashDefinitions(compile({ ...pack, ...change }), 'UTC'),
    ];
    return [...after]
      .filter(([id, hash]) => before.get(id) !== hash)
      .map(([id]) => id)
      .sort();
  };

  test('changes with the equation, and with those of the metrics that are read', () => {
    expect(changed({ logins: 'count("login", 8)' })).toEqual(['logins', 'trend', 'usage']);
    expect(changed({ seats: 'trait("places")' })).toEqual(['growth', 'seats', 'trend', 'usage']);
  });

  test('changes with the time zone, whose days are counted', () => {
    const [before, after] = [hashDefinitions(compile(pack), 'UTC'), hashDefinitions(compile(pack), 'Asia/Tokyo')];
    expect([...after].filter(([id, hash]) => before.get(id) === hash)).toEqual([]);
  });

  test('does not change with the other metrics of the pack', () => {
    expect(changed({ more: 'count("search")', most: 'count("login")' })).toEqual(['more', 'most']);
  });
});
