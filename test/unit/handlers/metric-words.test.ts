import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPage } from '../../../handlers/metrics/list.ts';
import { parseMetricQuery } from '../../../handlers/metrics/parse-list.ts';
import { parseTrendWords } from '../../../handlers/metrics/parse-trend.ts';
import { UserError } from '../../../src/errors.ts';
import { compileMetrics } from '../../../src/metrics/compile.ts';

const metric = (id: string, name: string) => ({ id, name, unit: 'number' as const, description: 'for tests' });
const { metrics } = compileMetrics([
  metric('nps_score', 'NPS'),
  metric('tickets_30d', 'Tickets in 30 days'),
  metric('events_decrease', 'Drop in events'),
]);

const query = (text: string) => {
  const read = parseMetricQuery(text, metrics);
  return read && { ...read, metric: read.metric.id };
};
const of = (id: string, condition: unknown = null, mine = false) => ({ metric: id, condition, mine });
const fell = (percent: number, days: number) => ({ kind: 'fell', percent, days });

describe('parseMetricQuery', () => {
  it.each(['', '  ', '\n'])('reads nothing in %j', (text) => {
    expect(query(text)).toBeNull();
  });

  it.each([
    ['nps_score', of('nps_score')],
    ['“NPS”', of('nps_score')],
    ['Tickets in 30 days', of('tickets_30d')],
    ['nps mine', of('nps_score', null, true)],
    ['NPS of my accounts', of('nps_score', null, true)],
    ['nps_score fell 20% in 14d', of('nps_score', fell(20, 14))],
    ['nps_score FELL 20 in 14d MINE', of('nps_score', fell(20, 14), true)],
    ['nps_score mine fell 20% in 14d', of('nps_score', fell(20, 14), true)],
    ['nps dropped by 12.5 percent over the last 2 weeks', of('nps_score', fell(12.5, 14))],
    ['nps fell more than 20% in 14 days', of('nps_score', fell(20, 14))],
    ['nps fell &gt;= 20% in 14', of('nps_score', fell(20, 14))],
    ['nps fell 20% 14d', of('nps_score', fell(20, 14))],
    ['nps down 20% in 2w', of('nps_score', fell(20, 14))],
    ['drop in events rose 10% within 730 days', of('events_decrease', { kind: 'rose', percent: 10, days: 730 })],
    ['tickets in 30 days fell 5% in 1 day', of('tickets_30d', fell(5, 1))],
    ['nps above 50', of('nps_score', { kind: 'above', value: 50 })],
    ['nps is at least 1,000.5', of('nps_score', { kind: 'above', value: 1000.5 })],
    ['nps > 0,5 mine', of('nps_score', { kind: 'above', value: 0.5 }, true)],
    ['nps&lt;-5', of('nps_score', { kind: 'below', value: -5 })],
    ['nps below $20', of('nps_score', { kind: 'below', value: 20 })],
    ['nps under 40%', of('nps_score', { kind: 'below', value: 40 })],
  ])('reads %s', (text, read) => {
    expect(query(text)).toEqual(read);
  });

  it.each([
    ['nps fell', /I did not understand “fell”/],
    ['nps fell 20%', /I did not understand “fell 20%”/],
    ['nps fell a lot in 14d', /I did not understand “fell a lot in 14d”/],
    ['nps mine above', /I did not understand “above”/],
    ['nps fell 20% in 0d', /from 1 to 730 days/],
    ['nps fell 20% in 731 days', /from 1 to 730 days/],
    ['nps rose 20% in 105 weeks', /from 1 to 730 days/],
    ['nps fell 0% in 14d', /more than 0%/],
    ['np fell 20% in 14d', /no metric called “np”/],
    ['nps_scor', /Did you mean `nps_score` \(NPS\)\?/],
    ['<!channel>', /no metric called “&lt;!channel&gt;”/],
  ])('refuses %s in words', (text, message) => {
    expect(() => query(text)).toThrow(UserError);
    expect(() => query(text)).toThrow(message);
  });

  it('reads anything without failing otherwise', () => {
    const words = fc.constantFrom(
      'nps',
      'fell',
      'rose',
      'above',
      '20%',
      'in',
      '14d',
      'mine',
      '"',
      '>',
      '1e9',
      '9'.repeat(40),
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.array(words, { maxLength: 12 }).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const condition = query(text)?.condition;
          if (condition) expect(JSON.parse(JSON.stringify(condition))).toEqual(condition);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});

describe('parseTrendWords', () => {
  const read = (text: string) => {
    const { metric: found, days, words } = parseTrendWords(text, metrics);
    return [found?.id ?? null, days, words];
  };

  it.each([
    ['', [null, 90, '']],
    ['30d', [null, 30, '']],
    ['nps_score', ['nps_score', 90, 'nps_score']],
    ['"NPS" 30d', ['nps_score', 30, 'NPS']],
    ['nps over the last 52 weeks', ['nps_score', 364, 'nps']],
    ['tickets in 30 days', ['tickets_30d', 90, 'tickets in 30 days']],
    ['tickets in 30 days 365d', ['tickets_30d', 365, 'tickets in 30 days']],
    ['npss 30d', [null, 90, 'npss 30d']],
  ])('reads %j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each(['nps 6d', 'nps 731d', '0d'])('refuses %s in words', (text) => {
    expect(() => read(text)).toThrow('I can look back from 7 to 730 days');
  });
});

describe('readPage', () => {
  const value = { metric: 'nps_score', condition: { kind: 'fell', percent: 20, days: 14 }, mine: true, page: 2 };

  it('reads what a button carries', () => {
    const { query: read, page } = readPage(JSON.stringify(value), metrics);
    expect([read.metric.id, read.condition, read.mine, page]).toEqual(['nps_score', value.condition, true, 2]);
  });

  it.each(['', '{', '[]', JSON.stringify({ ...value, metric: 'gone' }), JSON.stringify({ ...value, page: 0 })])(
    'refuses %j in words',
    (text) => {
      expect(() => readPage(text, metrics)).toThrow('This list is no longer there; please ask for it again.');
    },
  );
});
