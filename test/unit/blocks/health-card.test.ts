import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXPLAIN_HEALTH, healthCard, SHARE_HEALTH } from '../../../blocks/health-card.ts';
import { trendOf } from '../../../blocks/trend-image.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import type { DimensionScore, MeasureScore } from '../../../src/health/types.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';
import { healthView, scoreOn } from '../../factories.ts';
import { hostileText } from '../../hostile.ts';

const pack = await readPlaybook('product-usage');
const today = '2026-11-21';
const now = new Date(`${today}T14:00:00Z`);
const card = { pack, today, now };
const latest = scoreOn(pack, {
  account: 'acme',
  day: today,
  metrics: { days_since_last_seen: 7, active_user_percent: 39.96, flag_requests_30d_decrease: 50, product_count: 7 },
});

/** Everything a reader sees, a line each. */
function words(blocks: readonly KnownBlock[]): string[] {
  const texts = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    if ('type' in value && 'text' in value && typeof value.text === 'string') return value.text.split('\n');
    return Object.values(value).flatMap(texts);
  };
  return blocks.flatMap(texts);
}

const shown = (...args: Parameters<typeof healthCard>) => words(healthCard(...args).blocks);

describe('healthCard', () => {
  it('begins with the account, its score, and the band in a word and a symbol', () => {
    const { text, blocks } = healthCard(healthView({ latest }), card);
    expect(blocks[0]).toMatchObject({ type: 'header', text: { text: 'Acme · 2.4 / 10 🔴 Poor' } });
    expect(text).toMatch(/^Acme: 2\.4 \/ 10 🔴 Poor/);
  });

  it('tells the change against 7 and 30 days before, and whether another model scored then', () => {
    const view = healthView({ latest });
    view.weekBefore = { score: (latest.score ?? 0) - 0.6, model: latest.model };
    view.monthBefore = { score: (latest.score ?? 0) + 1.24, model: 'another' };
    expect(shown(view, card)).toContain('▲ 0.6 in 7 days · ▼ 1.2 in 30 days (by another model then)');
    expect(shown(healthView({ latest }), card)).toContain('no score 7 days ago · no score 30 days ago');
  });

  it('names the three measures that cost most, with value, band and thresholds', () => {
    const lines = shown(healthView({ latest }), card);
    const place = lines.indexOf('*What pulls it down most*');
    expect(lines.slice(place + 1, place + 4)).toEqual([
      '1. 🔴 *Drop in flag requests* costs 4.6 points: 50%, Poor (healthy ≤ 5 · poor &gt; 20)',
      '2. 🔴 *Time since last use* costs 2.0 points: 7 days, Poor (healthy ≤ 1 · poor &gt; 5)',
      expect.stringMatching(/^3\. /),
    ]);
  });

  it('shows each dimension with its weight and each measure with value, band and thresholds', () => {
    const lines = shown(healthView({ latest }), card);
    expect(lines).toContain('*User engagement* · weight 15% · 🔴 2.5 Poor');
    expect(lines).toContain('_Customer engagement, weight 25%_');
    expect(lines).toContain('⚪ Time since last meeting: no data (healthy ≤ 30 · poor &gt; 90)');
    expect(lines.filter((line) => /\((?:healthy|set by hand)/.test(line) && !/^\d\./.test(line))).toHaveLength(20);
  });

  it('never rounds a value into another band', () => {
    expect(shown(healthView({ latest }), card)).toContain(
      '🟡 Active users in 30 days: 39.9%, Concerning (healthy ≥ 40 · poor &lt; 20)',
    );
  });

  it('tells shares of weights that do not add up to 100, and what is shown only', async () => {
    const other = await readPlaybook('new-vs-established');
    const score = scoreOn(other, { account: 'acme', day: today, metrics: { nps_score: 9 } });
    expect(shown(healthView({ latest: score }), { ...card, pack: other }).join('\n')).toMatch(
      /weight 10 of 60 \(17%\)/,
    );
    const segments = await readPlaybook('by-segment');
    const none = scoreOn(segments, { account: 'acme', day: today, metrics: { active_champion: true } });
    expect(shown(healthView({ latest: none }), { ...card, pack: segments }).join('\n')).toMatch(/weight 0, shown only/);
  });

  it('tells ARR, renewal and CSM, or that they are not known', () => {
    const account = { arr: 120_000, currency: 'EUR', renewalDate: '2026-12-14', csmEmail: 'maya@bellwether.example' };
    expect(shown(healthView({ latest, account }), card)).toContain(
      'ARR *€120,000* · renews *14 Dec 2026* (in 23 days) · CSM maya@bellwether.example',
    );
    expect(shown(healthView({ latest }), card)).toContain('ARR: no data · renewal date: no data · no CSM');
    const past = healthView({ latest, account: { renewalDate: '2026-11-20' } });
    expect(shown(past, card).join()).toContain('renewal was *20 Nov 2026* (1 day ago)');
  });

  it('tells the model and why, the coverage, the age of the data and when it was computed', () => {
    const at = new Date('2026-11-21T10:00:00Z');
    const lines = shown(
      healthView({ latest: { ...latest, dataAt: at, computedAt: new Date(now.getTime() - 60_000) } }),
      card,
    );
    expect(lines).toContain('Model *Product usage*: the only model of this playbook.');
    expect(lines).toContain('15% of the weight has data · newest data 4 hours ago · computed 1 minute ago');
  });

  it('warns that a score rests on little data, but not when half of the weight has some', () => {
    const cautions = (coverage: number) =>
      shown(healthView({ latest: { ...latest, coverage } }), card).filter((line) => line.includes('Little data'));
    expect(cautions(0.17)).toEqual(['⚠️ *Little data*: the score rests on only 17% of the weight.']);
    expect(cautions(0.5)).toEqual([]);
  });

  it('says when the score is not of today, and when the model was edited after it', () => {
    const old = healthView({ latest: { ...latest, day: '2026-11-18', modelHash: 'b'.repeat(64) } });
    const lines = shown(old, card).join('\n');
    expect(lines).toContain('score of 18 Nov 2026');
    expect(lines).toContain('The model has been edited since; the next computation uses it as it is now.');
    expect(lines).not.toContain('healthy ≤');
  });

  it('says when the playbook no longer has the model', () => {
    const old = healthView({ latest: { ...latest, model: 'gone', modelHash: 'b'.repeat(64) } });
    expect(shown(old, card).join('\n')).toContain(
      'The playbook no longer has this model; the next computation uses another.',
    );
  });

  it('tells a band once where the value is its word', async () => {
    const segments = await readPlaybook('by-segment');
    const score = scoreOn(segments, { account: 'acme', day: today, metrics: { account_sentiment: 'poor' } });
    expect(shown(healthView({ latest: score }), { ...card, pack: segments })).toContain(
      '🔴 Sentiment of the account team: Poor (set by hand)',
    );
  });

  it('shows an account without data as such, never as 0', () => {
    const empty = scoreOn(pack, { account: 'acme', day: today });
    const lines = shown(healthView({ latest: { ...empty, dataAt: null } }), card);
    expect(lines[0]).toBe('Acme · ⚪ No score');
    expect(lines).toContain('None of what the score is made of has any data yet.');
    expect(lines.join()).toContain('0% of the weight has data · age of the data unknown');
    expect(lines.join()).not.toMatch(/\b0(\.0)? \/ 10/);
  });

  it('says that an account has never been scored', () => {
    expect(shown(healthView({}), card).join()).toContain('No score has been computed yet');
  });

  it('offers Why and Share, but a shared card only Why, and says who shared it', () => {
    const ids = (message: ReturnType<typeof healthCard>) =>
      JSON.stringify(message.blocks).match(/"action_id":"[^"]+"/g) ?? [];
    const view = healthView({ latest });
    expect(ids(healthCard(view, card))).toEqual([`"action_id":"${EXPLAIN_HEALTH}"`, `"action_id":"${SHARE_HEALTH}"`]);
    const shared = healthCard(view, { ...card, sharedBy: 'U01MAYALIND' });
    expect(ids(shared)).toEqual([`"action_id":"${EXPLAIN_HEALTH}"`]);
    expect(words(shared.blocks)).toContain('Shared by <@U01MAYALIND>');
  });

  it('shows the picture with its story in words', () => {
    const trend = [
      { day: '2026-11-19', score: 8.2, model: latest.model },
      { day: '2026-11-20', score: null, model: latest.model },
      { day: today, score: latest.score, model: latest.model },
    ];
    const shown = trendOf({ from: '2026-08-24', to: today, days: trend }, pack);
    const { blocks } = healthCard(healthView({ latest }), { ...card, picture: { fileId: 'F123', trend: shown! } });
    expect(blocks.find((block) => block.type === 'image')).toMatchObject({
      slack_file: { id: 'F123' },
      alt_text:
        'Health score from 24 Aug 2026 to 21 Nov 2026: first 8.2 on 19 Nov 2026, lowest 2.4 on 21 Nov 2026, ' +
        'highest 8.2 on 19 Nov 2026, now 2.4, Poor. 88 of the 90 days have no score.',
    });
  });

  it('fits into a Slack message and is inert for any model, name and value', () => {
    const measure: fc.Arbitrary<MeasureScore> = fc.record({
      metric: fc.oneof(fc.constant('active_user_percent'), hostileText(60)),
      weight: fc.integer({ min: 0, max: 5 }),
      value: fc.oneof(fc.double(), hostileText(400), fc.boolean(), fc.constant(null)),
      band: fc.constantFrom('poor', 'concerning', 'healthy', null),
      points: fc.constantFrom(0, 5, 10, null),
    });
    const dimension: fc.Arbitrary<DimensionScore> = fc.record({
      id: fc.constantFrom('user_engagement', 'other'),
      name: hostileText(200),
      category: fc.option(hostileText(100)),
      weight: fc.integer({ min: 0, max: 100 }),
      score: fc.option(fc.double({ min: 0, max: 10, noNaN: true })),
      measures: fc.array(measure, { minLength: 1, maxLength: 30, size: 'max' }),
    });
    const trend = trendOf({ from: '2026-08-24', to: today, days: [{ day: today, score: 3, model: 'a' }] }, pack);
    const picture = { fileId: 'F123', trend: trend! };
    const dimensions = fc.array(dimension, { minLength: 1, maxLength: 30, size: 'max' });
    fc.assert(
      fc.property(dimensions, hostileText(500), hostileText(255), (given, name, other) => {
        const account = { id: other, name, csmEmail: other, arr: 1e12, renewalDate: '2026-12-31' };
        const view = healthView({ account, latest: { ...latest, reason: other, dimensions: given } });
        const message = healthCard(view, { ...card, picture, asked: other });
        const checked = checkBlocks(message.blocks, () => true);
        expect(checked).toMatchObject({ ok: true });
        expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(12_000);
        expect([message.text, ...words(message.blocks)].join('\n')).not.toMatch(/<[!@#h]/);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the costliest measures of a model that is too large to show whole, and says what is left out', () => {
    const measures = Array.from({ length: 30 }, (_, index) => ({
      metric: `metric_${index}`,
      weight: 1,
      value: index,
      band: index === 17 ? ('poor' as const) : ('healthy' as const),
      points: index === 17 ? 0 : 10,
    }));
    const dimensions = Array.from({ length: 30 }, (_, index) => ({
      id: `d${index}`,
      name: `Dimension ${index}`,
      weight: 1,
      score: 9,
      measures,
    }));
    const lines = shown(healthView({ latest: { ...latest, dimensions } }), card);
    expect(lines.filter((line) => line.startsWith('*Dimension'))).toHaveLength(30);
    expect(lines.filter((line) => line.startsWith('🔴 metric')).length).toBeGreaterThanOrEqual(30);
    expect(lines.filter((line) => /^… and \d+ more measures$/.test(line))).toHaveLength(30);
  });
});
