import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csHelp } from '../../../blocks/cs-help.ts';
import { changeLabel } from '../../../blocks/labels.ts';
import {
  METRIC_PAGE_SIZE,
  type MetricList,
  metricList,
  NEXT_METRIC_PAGE,
  PREVIOUS_METRIC_PAGE,
} from '../../../blocks/metric-list.ts';
import { accountMetrics, metricMenu, PICK_METRIC, readChoice } from '../../../blocks/metric-menu.ts';
import { chartOf, chartWords, metricPictureMessage } from '../../../blocks/metric-picture.ts';
import { metricTrend, metricTrendOf, noValuesYet } from '../../../blocks/metric-trend.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import { addDays } from '../../../src/days.ts';
import type { MetricValue } from '../../../src/health/types.ts';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { figuresOf, stretchesOf } from '../../../src/metrics/figures.ts';
import type { Unit } from '../../../src/metrics/types.ts';
import { healthView } from '../../factories.ts';
import { hostileText } from '../../hostile.ts';
import { createTestPlaybook } from '../../playbook.ts';

const today = '2026-11-21';
const now = new Date(`${today}T14:00:00Z`);
const pack = createTestPlaybook();
const idsIn = (blocks: unknown) => JSON.stringify(blocks).match(/(?<="action_id":")[^"]+/g) ?? [];

function list(overrides: Partial<MetricList> = {}): MetricList {
  return {
    metric: { id: 'logins_7d', name: 'Logins', description: 'in 7 days' },
    condition: { kind: 'fell', percent: 20, days: 14 },
    mine: false,
    better: 'higher',
    accounts: [row()],
    total: 12,
    withoutData: 8,
    all: 240,
    days: 14,
    page: 1,
    pageValue: (page) => `page ${page}`,
    ...overrides,
  };
}

function row(overrides: Partial<MetricList['accounts'][number]> = {}): MetricList['accounts'][number] {
  return {
    id: 'acme',
    name: 'Acme',
    csmEmail: null,
    currency: 'USD',
    model: 'simple',
    day: today,
    value: 3,
    before: 4,
    change: -1,
    percent: -25,
    ...overrides,
  };
}

const summary = (overrides: Partial<MetricList>) => metricList(list(overrides), { pack, today }).text.split('\n')[0];

describe('metricList', () => {
  it.each([
    [{}, 'Logins: 12 of 240 accounts fell by 20% or more in 14 days; 8 without data for today or 14 days before.'],
    [{ total: 1, withoutData: 0 }, 'Logins: 1 of 240 accounts fell by 20% or more in 14 days.'],
    [{ condition: { kind: 'above', value: 50 } }, 'Logins: 12 of 240 accounts are at 50 or above; 8 without data.'],
    [{ condition: null, mine: true }, 'Logins: 12 of your 240 accounts have a value; 8 without data.'],
    [{ condition: null, total: 0, accounts: [] }, 'Logins: None of 240 accounts have a value; 8 without data.'],
    [{ all: 0, total: 0, accounts: [] }, 'Logins: There are no accounts yet.'],
  ] as const)('counts %j', (overrides, text) => {
    expect(summary(overrides)).toBe(text);
  });

  it('shows value, band, change, since when, CSM, and a button to the card', () => {
    const { blocks } = metricList(list({ accounts: [row({ csmEmail: 'maya@bellwether.example' })] }), { pack, today });
    expect(blocks[2]).toMatchObject({
      text: {
        text: '*Acme*  🟡 3, Concerning\n▼ 1 (−25%) since 7 Nov 2026, when it was 4 · CSM maya@bellwether.example',
      },
      accessory: { value: 'acme' },
    });
  });

  it('turns pages where there are more', () => {
    const page = (number: number) =>
      idsIn(metricList(list({ page: number, total: 25 }), { pack, today }).blocks).slice(1);
    expect([page(1), page(2), page(3)]).toEqual([
      [NEXT_METRIC_PAGE],
      [PREVIOUS_METRIC_PAGE, NEXT_METRIC_PAGE],
      [PREVIOUS_METRIC_PAGE],
    ]);
  });
});

describe('changeLabel', () => {
  const units = ['number', 'percent', 'days', 'money'] as const;
  const { metrics } = compileMetrics(units.map((unit) => ({ id: unit, name: unit, unit, description: '' })));
  const odd = { ...pack, metrics };

  it.each([
    ['number', 2, 8, '▲ 2 (+8%)'],
    ['number', -2, null, '▼ 2'],
    ['number', 0, 0, 'unchanged'],
    ['number', 0.0001, 0.0001, '▲ a little'],
    ['percent', 1, 12.34, '▲ 1 point (+12.3%)'],
    ['percent', -5.6, -5.6, '▼ 5.6 points (−5.6%)'],
    ['days', 1, 250.4, '▲ 1 day (+250%)'],
    ['money', -1200, -50, '▼ $1,200 (−50%)'],
    ['money', 0.0001, null, '▲ a little'],
  ] as const)('says of %s by %d %s', (unit, change, percent, label) => {
    expect(changeLabel(odd, unit, { change, percent }, 'USD')).toBe(label);
  });
});

describe('readChoice', () => {
  it.each([
    ['nps acme', { metric: 'nps', account: 'acme' }],
    ['nps an id with blanks', { metric: 'nps', account: 'an id with blanks' }],
    ['nps', null],
    ['', null],
  ])('reads %j', (value, choice) => {
    expect(readChoice(value)).toEqual(choice);
  });
});

describe('the messages about metrics', () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
    fc.integer({ min: 0, max: 10 }),
    fc.constant(null),
    fc.boolean(),
    hostileText(80),
  );
  const unit = fc.constantFrom<Unit>('number', 'percent', 'days', 'ratio', 'money', 'text', 'boolean');

  it('fit into a Slack message and are inert for any names and values', () => {
    const given = fc.record({
      name: hostileText(500),
      id: hostileText(255),
      metricName: hostileText(200),
      description: hostileText(500),
      unit,
      values: fc.array(value, { minLength: 1, maxLength: 40 }),
      asked: hostileText(200),
    });
    fc.assert(
      fc.property(given, ({ name, id, metricName, description, unit, values, asked }) => {
        const definition = { id: 'logins_7d', name: metricName || 'x', unit, description };
        const { metrics } = compileMetrics([definition]);
        const odd = { ...pack, metrics };
        const metric = metrics[0]!;
        const view = healthView({ account: { id: id || 'x', name: name || 'x' } });
        const from = addDays(today, 1 - values.length);
        const stored = values.map((each, index) => ({
          day: addDays(from, index),
          value: each as MetricValue,
          correctedAt: index % 3 ? null : now,
        }));
        const figures = figuresOf(stored, { from, to: today });
        const stretches = metric.type === 'number' ? null : stretchesOf(stored, { from, to: today });
        const trend = metricTrendOf(view, metric, { figures, stretches }, odd);
        const chart = chartOf(trend, figures, stored, odd);
        const picture = chart && { fileId: 'F123', altText: chartWords(trend, figures, chart, odd) };
        const rows = Array.from({ length: METRIC_PAGE_SIZE }, () =>
          row({ id: id || 'x', name: name || 'x', value: values[0] as MetricValue, csmEmail: asked }),
        );
        const messages = [
          metricTrend(trend, { pack: odd, today, now, picture, asked }),
          noValuesYet(trend),
          ...(picture ? [metricPictureMessage(trend, figures, picture)] : []),
          accountMetrics(view.account, new Map([['logins_7d', { day: today, value: values[0] as MetricValue }]]), {
            pack: odd,
            today,
            fault: null,
          }),
          metricMenu(odd),
          metricList(list({ metric: definition, accounts: rows, total: 100 }), { pack: odd, today }),
          csHelp([{ example: 'metric', does: 'x' }]),
        ];
        for (const { text, blocks } of messages) {
          expect(checkBlocks(blocks, () => true)).toMatchObject({ ok: true });
          expect(text).not.toMatch(/<[!@#h]/);
          expect(Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(blocks))).toBeLessThan(12_000);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('stay short enough with hundreds of metrics', () => {
    const { metrics } = compileMetrics(
      Array.from({ length: 300 }, (_, index) => ({
        id: `metric_${index}_${'x'.repeat(60)}`,
        name: `Metric ${index} ${'y'.repeat(60)}`,
        unit: 'number' as const,
        description: 'z'.repeat(200),
      })),
    );
    const many = { ...pack, metrics };
    const account = { id: 'acme', name: 'Acme', currency: 'USD' };
    for (const { text, blocks } of [
      metricMenu(many),
      accountMetrics(account, new Map(), { pack: many, today, fault: null }),
    ]) {
      expect(checkBlocks(blocks, () => true)).toMatchObject({ ok: true });
      expect(JSON.stringify(blocks)).toMatch(/… and \d+ more metrics/);
      expect(Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(blocks))).toBeLessThan(12_000);
    }
    expect(idsIn(accountMetrics(account, new Map(), { pack: many, today, fault: null }).blocks)).toEqual([PICK_METRIC]);
  });
});
