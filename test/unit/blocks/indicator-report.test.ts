import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indicatorCard, indicatorReport } from '../../../blocks/indicator-report.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import type { Firing, IndicatorFigures } from '../../../src/db/indicator-report.ts';
import type { Rule } from '../../../src/indicators/types.ts';
import { hostileText } from '../../hostile.ts';
import { makeFigure, makeIndicator, makeIndicators } from '../../indicators.ts';
import { createTestPlaybook } from '../../playbook.ts';

const packOf = (...ids: string[]) => ({
  ...createTestPlaybook(),
  indicators: makeIndicators(ids.map((id) => makeIndicator({ id, name: `Name of ${id}` }))),
});

function figures(indicator: string, overrides: Partial<IndicatorFigures> = {}): IndicatorFigures {
  const counts = { fired: 12, accounts: 9, acted: 5, noise: 2, open: 3, judged: 7, precise: 5, churned: 1 };
  return { indicator, kind: 'risk', ...counts, ...overrides };
}

function rule(text: string): Rule {
  const part = (equation: string) => ({ equation }) as Rule['when'];
  const terms = [{ ...makeFigure(), side: part(text) }];
  const also = { clears: part('x < 8'), volume: part('y >= `50`'), terms, windowDays: 7, facts: [] };
  return { subject: '', text, when: part(text), ...also, forEach: null, says: null, saidUnits: {} };
}

function firing(overrides: Partial<Firing> = {}): Firing {
  const openedAt = new Date('2026-11-21T08:00:00Z');
  const judged = { acknowledged: false, task: false, useful: 0, notUseful: 0, churned: false };
  return {
    alertId: 1,
    accountName: 'Acme',
    day: '2026-11-21',
    state: 'active',
    openedAt,
    endedAt: null,
    ...judged,
    ...overrides,
  };
}

const linesOf = ({ blocks }: { blocks: unknown[] }) =>
  (JSON.stringify(blocks).match(/(?<="text":")(?:[^"\\]|\\.)+/g) ?? []).flatMap((text) =>
    (JSON.parse(`"${text}"`) as string).split('\n'),
  );

describe('indicatorReport', () => {
  it('has the worst precision first, those nobody judged after them, and names the dead', () => {
    const unjudged = figures('quiet', {
      kind: 'opportunity',
      acted: 0,
      noise: 0,
      judged: 0,
      precise: 0,
      fired: 1,
      accounts: 1,
    });
    const message = indicatorReport([unjudged, figures('good'), figures('bad', { precise: 1 })], {
      pack: packOf('good', 'bad', 'dead', 'quiet'),
      days: 90,
    });
    expect(linesOf(message)).toEqual([
      'Indicators, the last 90 days',
      '🔴 *Name of bad* `bad`',
      'Precision *14%* of 7 judged · fired 12 times for 9 accounts',
      '5 acted on · 2 called noise · 3 open · 1 account churned later',
      '🔴 *Name of good* `good`',
      'Precision *71%* of 7 judged · fired 12 times for 9 accounts',
      '5 acted on · 2 called noise · 3 open · 1 account churned later',
      '🟢 *Name of quiet* `quiet`',
      'Precision —, nobody judged any · fired 1 time for 1 account',
      '0 acted on · 0 called noise · 3 open',
      '💤 *Did not fire:* `dead`',
      expect.stringContaining('Precision: of those that somebody judged'),
    ]);
  });

  it('says which of them the playbook no longer has, and when none fired', () => {
    expect(linesOf(indicatorReport([figures('old')], { pack: packOf(), days: 90 }))[1]).toBe(
      '🔴 *no longer in the playbook* `old`',
    );
    expect(linesOf(indicatorReport([], { pack: packOf('a'), days: 90 }))).toContain('None has fired.');
  });
});

describe('indicatorCard', () => {
  it('shows the rule as written, its threshold and what came of the last firings', () => {
    const indicator = makeIndicator({
      rules: [rule('metric("a") > 10 && b < 3')],
      coolDownDays: 14,
      exceptSegments: ['trial'],
    });
    const firings = [
      firing({ acknowledged: true, task: true, useful: 2 }),
      firing({ endedAt: new Date('2026-11-24T08:00:00Z'), notUseful: 1, churned: true }),
    ];
    const lines = linesOf(indicatorCard(indicator, { figures: figures('few_logins'), firings, days: 90 }));
    expect(lines).toEqual([
      '🔴 Risk · Few logins',
      '*The last 90 days*',
      'Precision *71%* of 7 judged · fired 12 times for 9 accounts',
      '5 acted on · 2 called noise · 3 open · 1 account churned later',
      '*Rule*',
      '`metric("a") &gt; 10 &amp;&amp; b &lt; 3`',
      'threshold: more than 10%',
      'looks back 7 days',
      'ends when `x &lt; 8`',
      'only where `y &gt;= ˋ50ˋ`',
      '*Last firings*',
      '• 21 Nov 2026 *Acme*: acknowledged, task, useful, still open',
      '• 21 Nov 2026 *Acme*: called noise, ended after 3 days, *account churned*',
      'Medium severity · at the first evaluation · then silent for 14 days · not trial · churned accounts left out',
      'Next step: Ask what keeps them from it.',
    ]);
  });
});

describe('every report', () => {
  it('fits into a Slack message for any names and two hundred indicators', () => {
    const text = hostileText(500);
    fc.assert(
      fc.property(text, text, (name, other) => {
        const ids = Array.from({ length: 200 }, (_, index) => `indicator_${'x'.repeat(60)}_${index}`);
        const indicator = makeIndicator({
          name,
          action: other,
          rules: Array.from({ length: 50 }, () => ({ ...rule(other.repeat(4)), subject: name.slice(0, 100) })),
          segments: Array.from({ length: 50 }, () => other),
        });
        const pack = { ...packOf(), indicators: makeIndicators(ids.map((id) => ({ ...indicator, id }))) };
        const firings = Array.from({ length: 10 }, () => firing({ accountName: name, churned: true }));
        const messages = [
          indicatorReport(
            ids.slice(0, 100).map((id) => figures(id)),
            { pack, days: 90 },
          ),
          indicatorCard(indicator, { figures: figures('few_logins'), firings, days: 90 }),
        ];
        for (const message of messages) {
          expect(checkBlocks(message.blocks, () => true)).toMatchObject({ ok: true });
          expect(JSON.stringify(message)).not.toMatch(/<[!@#h]/);
          expect(Buffer.byteLength(message.text + JSON.stringify(message.blocks))).toBeLessThan(12_000);
        }
      }),
      { numRuns: 20 },
    );
  });
});
