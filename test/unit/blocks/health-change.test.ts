import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { healthChange, nothingToExplain, shareOut } from '../../../blocks/health-change.ts';
import { unchangedModelOf } from '../../../blocks/labels.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import type { DatedScore } from '../../../src/db/health-view.ts';
import { explainChange } from '../../../src/health/explain.ts';
import type { AccountFacts, MetricValue } from '../../../src/health/types.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';
import { scoreOn } from '../../factories.ts';

const pack = await readPlaybook('new-vs-established');
const measures = [...new Set(pack.models.flatMap((model) => model.dimensions.flatMap((each) => each.measures)))];
const metrics = [...new Set(measures.map(({ metric }) => metric))];

function dated(day: string, facts: Partial<AccountFacts>): DatedScore {
  const at = new Date(`${day}T12:00:00Z`);
  return { ...scoreOn(pack, { account: 'acme', day, ...facts }), day, dataAt: at, computedAt: at };
}

function told(before: DatedScore, after: DatedScore, wanted = before.day) {
  const change = explainChange(before, after, unchangedModelOf(pack, after));
  const account = { id: 'acme', name: 'Acme <!channel>', currency: 'USD' };
  return healthChange({ account, before, after, wanted, change }, pack);
}

const linesOf = ({ blocks }: ReturnType<typeof told>) =>
  blocks.flatMap((block) => {
    if (block.type === 'section') return block.text?.text.split('\n') ?? [];
    return block.type === 'context' ? block.elements.map((element) => ('text' in element ? element.text : '')) : [];
  });

/** The effects as a reader sees them, in hundredths, and what they are said to add up to. */
function effectsOf(lines: readonly string[]): { parts: number[]; total: number } {
  const read = (line: string) => {
    const match = /^\*?([▲▼±]) (\d+)\.(\d\d) {2}/.exec(line);
    return match ? (match[1] === '▼' ? -1 : 1) * Number(`${match[2]}${match[3]}`) : null;
  };
  const effects = lines.map(read).filter((effect) => effect !== null);
  return { parts: effects.slice(0, -1), total: effects.at(-1) ?? Number.NaN };
}

describe('healthChange', () => {
  it('tells each band that was crossed, data that came and went, and effects that add up', () => {
    const before = dated('2026-11-14', { metrics: { events_30d_decrease: 2, nps_score: 9, surveys_total: 0 } });
    const after = dated('2026-11-21', { metrics: { events_30d_decrease: 30, surveys_total: 0, insights_total: 4 } });
    const lines = linesOf(told(before, after));
    expect(lines[0]).toMatch(/^\*Acme &lt;!channel&gt;\*: 6\.67 🟡 Concerning → 2\.50 🔴 Poor {2}\(▼ 4\.17\)$/);
    expect(lines).toContainEqual(expect.stringMatching(/^▼ \d\.\d\d {2}\*[^*]+\*: 2% 🟢 Healthy → 30% 🔴 Poor$/));
    expect(lines).toContainEqual(
      expect.stringMatching(/^▼ \d\.\d\d {2}\*[^*]+\*: data vanished, 9 🟢 Healthy → no data$/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^▲ \d\.\d\d {2}\*[^*]+\*: data appeared, no data → 4 🟢 Healthy$/),
    );
    const { parts, total } = effectsOf(lines);
    expect(total).toBe(-417);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
  });

  it('tells a switch of models with the reason for it', () => {
    const createdAt = new Date('2026-08-20T00:00:00Z');
    const facts = { createdAt, metrics: { surveys_total: 0, events_30d_decrease: 2 } };
    const lines = linesOf(told(dated('2026-11-14', facts), dated('2026-11-21', facts)));
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^[▲▼] \d\.\d\d {2}model switched from \*New customer\* to \*Established customer\*: created more/,
      ),
    );
  });

  it('tells a model that was edited', () => {
    const after = dated('2026-11-21', { metrics: { nps_score: 9 } });
    const before = { ...dated('2026-11-14', { metrics: { nps_score: 9 } }), modelHash: 'b'.repeat(64), score: 7.5 };
    expect(linesOf(told(before, after)).join('\n')).toMatch(/▲ 2\.50 {2}the model \*Established customer\* was edited/);
  });

  it('says so when nothing crossed a band', () => {
    const facts = { metrics: { nps_score: 9 } };
    expect(linesOf(told(dated('2026-11-14', facts), dated('2026-11-21', facts)))).toContain(
      'Nothing that counts has changed: every measure is in the band it was in.',
    );
  });

  it('says which day it compares with when the wanted one has no score', () => {
    const facts = { metrics: { nps_score: 9 } };
    const [before, after] = [dated('2026-11-12', facts), dated('2026-11-21', facts)];
    expect(linesOf(told(before, after, '2026-11-14')).join()).toContain(
      'There is no score of 14 Nov 2026; this compares with the nearest day before it, 12 Nov 2026.',
    );
    expect(linesOf(told(before, after, '2026-10-22')).join()).toContain(
      'There is no score as old as 22 Oct 2026; this compares with the first, of 12 Nov 2026.',
    );
  });

  it('offers to look further back, or at less when it has looked that far', () => {
    const after = dated('2026-11-21', { metrics: { nps_score: 9 } });
    const since = (day: string) => linesOf(told(dated(day, { metrics: { nps_score: 9 } }), after)).at(-1);
    expect(since('2026-11-14')).toContain('why 30d` looks further back');
    expect(since('2026-10-22')).toContain('why 7d` looks at the last week only');
  });

  it('tells what appeared or vanished, without points, when a side has no score', () => {
    const empty = dated('2026-11-14', {});
    const after = dated('2026-11-21', { metrics: { nps_score: 9 } });
    expect(linesOf(told(empty, after))).toEqual(
      expect.arrayContaining([
        '*Acme &lt;!channel&gt;*: ⚪ No score → 10.00 🟢 Healthy',
        'There was no score then, so the change cannot be put in points.',
        expect.stringMatching(/^• \*[^*]+\*: data appeared, no data → 9 🟢 Healthy$/),
      ]),
    );
    expect(linesOf(told(after, empty)).join()).toContain('There is no score now');
  });

  it('never shows a score rounded into another band', () => {
    const at = (score: number, band: 'concerning' | 'healthy'): DatedScore => ({
      ...dated('2026-11-21', {}),
      score,
      band,
    });
    const message = told({ ...at(6.999, 'concerning'), day: '2026-11-14' }, at(7, 'healthy'));
    expect(message.text).toContain('6.99 🟡 Concerning → 7.00 🟢 Healthy');
  });

  it('shows effects that add up to the change shown, for any two days', () => {
    const value: fc.Arbitrary<MetricValue> = fc.option(fc.integer({ min: -10, max: 40 }));
    const facts = fc.record({
      metrics: fc
        .tuple(...metrics.map(() => value))
        .map((all) => Object.fromEntries(metrics.map((id, place) => [id, all[place] ?? null]))),
      createdAt: fc.option(fc.constantFrom(new Date('2026-11-01T00:00:00Z'), new Date('2026-01-01T00:00:00Z'))),
    });
    fc.assert(
      fc.property(facts, facts, (earlier, later) => {
        const [before, after] = [dated('2026-11-14', earlier), dated('2026-11-21', later)];
        const message = told(before, after);
        expect(checkBlocks(message.blocks, () => true)).toMatchObject({ ok: true });
        const lines = linesOf(message);
        if (before.score === null || after.score === null || lines.some((line) => line.startsWith('Nothing'))) return;
        const { parts, total } = effectsOf(lines);
        expect(parts.length).toBeGreaterThan(0);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
        expect(Math.abs(total - 100 * (after.score - before.score))).toBeLessThan(2);
      }),
    );
  });
});

describe('shareOut', () => {
  it('gives whole numbers that add up and are each within one of the exact ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -500, max: 500, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (exact) => {
          const total = Math.round(exact.reduce((sum, part) => sum + part, 0)) + 0;
          const shares = shareOut(exact, total);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total);
          for (const [place, share] of shares.entries())
            expect(Math.abs(share - (exact[place] ?? 0))).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('nothingToExplain', () => {
  it('tells a first score from none at all', () => {
    expect(nothingToExplain('Acme', dated('2026-11-21', {})).text).toContain('is the first');
    expect(nothingToExplain('Acme', null).text).toContain('no score has been computed yet');
  });
});
