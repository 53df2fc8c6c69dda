import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../src/chart/parts.ts';
import { renderPng } from '../../../src/chart/png.ts';
import { type Trend, trendSvg } from '../../../src/chart/trend.ts';

const point = (day: string, score: number | null, model = 'a') => ({ day, score, model });

function trend(overrides: Partial<Trend> = {}): Trend {
  return {
    from: '2026-08-24',
    to: '2026-11-21',
    points: [point('2026-11-20', 6), point('2026-11-21', 7.4)],
    bands: { concerning: 4, healthy: 7 },
    now: { label: '7.4', band: 'healthy' },
    ...overrides,
  };
}

const lines = (svg: string) => svg.match(/<path /g)?.length ?? 0;
const dots = (svg: string) => svg.match(/<circle [^>]*r="2.5"/g)?.length ?? 0;
const texts = (svg: string) => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);

describe('trendSvg', () => {
  it('names the bands, where they begin, the days and the last score', () => {
    expect(texts(trendSvg(trend()))).toEqual(
      expect.arrayContaining(['Healthy', 'Concerning', 'Poor', '0', '4', '7', '10', '24 Aug', '21 Nov', '7.4']),
    );
  });

  it('breaks the line where days have no score or were never computed, and shows a lonely day as a dot', () => {
    const points = [
      point('2026-11-10', 5),
      point('2026-11-11', 5.5),
      point('2026-11-12', null),
      point('2026-11-13', 6),
      point('2026-11-20', 6),
      point('2026-11-21', 7.4),
    ];
    const svg = trendSvg(trend({ points }));
    expect([lines(svg), dots(svg)]).toEqual([2, 1]);
  });

  it('marks the day on which another model took over', () => {
    expect(texts(trendSvg(trend()))).not.toContain('other model');
    const points = [point('2026-11-20', 6, 'new-customer'), point('2026-11-21', 7.4, 'established-customer')];
    expect(texts(trendSvg(trend({ points })))).toContain('other model');
  });

  it('draws limits of its own for each model, without names that would not fit', () => {
    const shown = texts(trendSvg(trend({ bands: { concerning: 4, healthy: 4.4 } })));
    expect(shown).toEqual(expect.arrayContaining(['Healthy', 'Poor', '4']));
    expect(shown).not.toContain('Concerning');
    expect(shown).not.toContain('4.4');
  });

  it('keeps every number finite, also for one day alone', () => {
    const svg = trendSvg(trend({ from: '2026-11-21', points: [point('2026-11-21', 10)] }));
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});

describe('renderPng', () => {
  it('draws a PNG of twice 640 x 280', async () => {
    const png = await renderPng(trendSvg(trend()));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1280, 560]);
  });

  it('draws letters with its own font, wherever it runs', async () => {
    const blank = await renderPng(trendSvg(trend({ now: { label: ' ', band: 'healthy' } })));
    const lettered = await renderPng(trendSvg(trend()));
    expect(lettered.equals(blank)).toBe(false);
  });
});

describe('fingerprintOf', () => {
  it('is the same for the same drawing and no other', () => {
    expect(fingerprintOf(trendSvg(trend()))).toBe(fingerprintOf(trendSvg(trend())));
    const other = trend({ points: [point('2026-11-20', 6.1), point('2026-11-21', 7.4)] });
    expect(fingerprintOf(trendSvg(other))).not.toBe(fingerprintOf(trendSvg(trend())));
  });
});
