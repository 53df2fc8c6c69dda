import { describe, expect, it } from 'vitest';
import {
  bandSymbol,
  bandWord,
  formatAge,
  formatChange,
  formatDay,
  formatDistance,
  formatMoney,
  formatNumber,
  formatPercent,
} from '../../src/format.ts';

describe('formatters', () => {
  it.each([
    [formatNumber(1234.567), '1,234.57'],
    [formatNumber(1_234_567), '1,234,567'],
    [formatNumber(-3), '−3'],
    [formatNumber(-0.001), '0'],
    [formatNumber(0.5), '0.5'],
    [formatNumber(12), '12'],
    [formatMoney(120_000, 'USD'), '$120,000'],
    [formatMoney(0.5, 'EUR'), '€0.50'],
    [formatDay('2026-09-01'), '1 Sep 2026'],
    [formatDistance('2026-11-21', '2026-11-21'), 'today'],
    [formatDistance('2026-11-22', '2026-11-21'), 'in 1 day'],
    [formatDistance('2025-11-21', '2026-11-21'), '365 days ago'],
    [formatChange(0.63), '▲ 0.6'],
    [formatChange(-1.25, 2), '▼ 1.25'],
    [formatChange(-0.01), '▼ <0.1'],
    [formatChange(0), 'unchanged'],
    [formatPercent(0.999), '99%'],
    [formatPercent(1), '100%'],
    [formatPercent(0.001), '1%'],
    [formatPercent(0), '0%'],
  ])('writes %s', (written, expected) => {
    expect(written).toBe(expected);
  });

  it.each([
    [30, 'just now'],
    [90, '1 minute ago'],
    [2 * 3600, '2 hours ago'],
    [47 * 3600, '47 hours ago'],
    [49 * 3600, '2 days ago'],
    [-60, 'just now'],
  ])('tells the age of what was %i seconds ago', (seconds, expected) => {
    const now = new Date('2026-11-21T12:00:00Z');
    expect(formatAge(new Date(now.getTime() - seconds * 1000), now)).toBe(expected);
  });

  it('gives every band, and none, its own symbol and word', () => {
    const bands = ['healthy', 'concerning', 'poor', null] as const;
    expect(new Set(bands.map(bandSymbol)).size).toBe(4);
    expect(new Set(bands.map(bandWord)).size).toBe(4);
  });
});
