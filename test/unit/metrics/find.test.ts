import { describe, expect, it } from 'vitest';
import { findMetric, nearestMetrics } from '../../../src/metrics/find.ts';

const metrics = [
  { id: 'nps_score', name: 'NPS' },
  { id: 'active_user_percent', name: 'Active users in 30 days' },
  { id: 'active_user_percent_decrease', name: 'Drop in active users' },
  { id: 'twin_a', name: 'Twin' },
  { id: 'twin_b', name: 'Twin' },
];
const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);

describe('findMetric', () => {
  it.each([
    ['nps_score', 'nps_score'],
    ['NPS-Score', 'nps_score'],
    ['nps', 'nps_score'],
    ['active users in 30 days', 'active_user_percent'],
    ['“Drop in active users”', 'active_user_percent_decrease'],
  ])('takes %s for %s', (typed, id) => {
    expect(findMetric(metrics, typed)?.id).toBe(id);
  });

  it.each(['', ' _ ', 'np', 'twin', 'npss'])('finds none for %j', (typed) => {
    expect(findMetric(metrics, typed)).toBeNull();
  });
});

describe('nearestMetrics', () => {
  it.each([
    ['nps_scor', ['nps_score']],
    ['active users', ['active_user_percent', 'active_user_percent_decrease']],
    ['activ_usr', ['active_user_percent', 'active_user_percent_decrease']],
    ['twin', ['twin_a', 'twin_b']],
    ['zzzzzzzzz', []],
    ['', []],
  ])('offers for %j %j', (typed, offered) => {
    expect(ids(nearestMetrics(metrics, typed))).toEqual(offered);
  });
});
