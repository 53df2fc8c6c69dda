import type { SectionBlock } from '@slack/types';
import { bandSymbol, bandWord, formatNumber, formatPercent } from '../src/format.ts';
import type { DimensionScore, HealthModel, MeasureScore, StoredScore } from '../src/health/types.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import {
  bandsOf,
  judged,
  metricName,
  type Pack,
  scoreLabel,
  thresholds,
  unchangedModelOf,
  valueLabel,
} from './labels.ts';
import { section } from './text.ts';

/** A message above about 12 kB may be refused; this leaves room for the rest of the card. */
const BYTES = 8_500;
/** With more dimensions than this a message would have too many blocks. */
const DIMENSIONS = 38;
const SECTION_LIMIT = 2_900;

type Wording = { pack: Pack; currency: string };

/**
 * Each dimension with its weight and score, and its measures with value, band and thresholds. When that is too long for
 * a message, as many measures of each dimension as fit, those that cost most.
 */
export function dimensionSections(score: StoredScore, wording: Wording): SectionBlock[] {
  const model = unchangedModelOf(wording.pack, score);
  const total = score.dimensions.reduce((sum, { weight }) => sum + weight, 0);
  const shown = score.dimensions.slice(0, DIMENSIONS);
  const texts = shown.map((dimension, index) => ({
    title: title(dimension, shown[index - 1], { score, total, pack: wording.pack }),
    lines: dimension.measures.map((measure) => measureLine(measure, dimension.id, model, wording)),
    dimension,
  }));
  const most = Math.max(0, ...texts.map(({ lines }) => lines.length));
  const left = score.dimensions.length - shown.length;
  for (let count = most; ; count--) {
    const blocks = texts.map(({ title, lines, dimension }) =>
      section([title, ...costliest(lines, dimension, count)].join('\n')),
    );
    if (left > 0) blocks.push(section(`… and ${left} more dimensions`));
    const fits = isBelow(blocks, BYTES);
    const short = blocks.every((block) => (block.text?.text.length ?? 0) <= SECTION_LIMIT);
    if ((fits && short) || count === 0) return blocks;
  }
}

/** Whether the blocks are short enough. JSON at most doubles such text, so few blocks need to be counted exactly. */
function isBelow(blocks: readonly SectionBlock[], bytes: number): boolean {
  const most = blocks.reduce((sum, { text }) => sum + 100 + 2 * Buffer.byteLength(text?.text ?? ''), 0);
  return most <= bytes || Buffer.byteLength(JSON.stringify(blocks)) <= bytes;
}

function title(
  dimension: DimensionScore,
  previous: DimensionScore | undefined,
  { score, total, pack }: { score: StoredScore; total: number; pack: Pack },
): string {
  const heading = [`*${mrkdwn(dimension.name, 80)}*`, weight(dimension.weight, total), outcome(dimension, score, pack)];
  const { category } = dimension;
  const opens = category && category !== previous?.category;
  return `${opens ? `_${categoryLabel(category, score, total)}_\n` : ''}${heading.join(' · ')}`;
}

function categoryLabel(category: string, { dimensions }: StoredScore, total: number): string {
  const own = dimensions.filter((dimension) => dimension.category === category);
  return `${mrkdwn(category, 80)}, ${weight(
    own.reduce((sum, dimension) => sum + dimension.weight, 0),
    total,
  )}`;
}

/** Weights are relative; where they do not add up to 100 the share is told as well. */
function weight(weight: number, total: number): string {
  if (weight === 0) return 'weight 0, shown only';
  if (total === 100) return `weight ${formatNumber(weight)}%`;
  return `weight ${formatNumber(weight)} of ${formatNumber(total)} (${formatPercent(weight / total)})`;
}

function outcome(dimension: DimensionScore, { model }: StoredScore, pack: Pack): string {
  if (dimension.score === null) return `${bandSymbol(null)} no data`;
  const { label, band } = scoreLabel(pack, model, dimension.score);
  return `${bandSymbol(band)} ${label} ${bandWord(band)}`;
}

function measureLine(measure: MeasureScore, dimension: string, model: HealthModel | null, { pack, currency }: Wording) {
  const bands = bandsOf(model, dimension, measure.metric);
  const value = valueLabel(pack, measure.metric, measure.value, { bands, currency });
  return `${bandSymbol(measure.band)} ${metricName(pack, measure.metric)}: ${judged(value, measure.band)}${thresholds(bands)}`;
}

/** At most `count` of the lines, in their order: those of the measures with the fewest points, without data last. */
function costliest(lines: string[], { measures }: DimensionScore, count: number): string[] {
  if (lines.length <= count) return lines;
  const places = measures
    .map(({ points, weight }, place) => ({ place, cost: points === null ? -1 : weight * (10 - points) }))
    .sort((a, b) => b.cost - a.cost)
    .slice(0, count)
    .map(({ place }) => place);
  return [...lines.filter((_, place) => places.includes(place)), `… and ${lines.length - count} more measures`];
}
