import type { ImageBlock } from '@slack/types';
import type { MetricChart, Zone } from '../src/chart/metric-trend.ts';
import { daysBetween } from '../src/days.ts';
import { bandWord, formatDay } from '../src/format.ts';
import { BANDS } from '../src/health/bounds.ts';
import { compileScale, NO_BAND } from '../src/health/scale.ts';
import { judge } from '../src/health/score.ts';
import type { BandBounds } from '../src/health/types.ts';
import type { DayNumber, Figures, MetricDay } from '../src/metrics/figures.ts';
import type { Unit } from '../src/metrics/types.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { type Pack, valueLabel } from './labels.ts';
import { type BlockMessage, context } from './text.ts';

/** A metric's picture that Slack has; `altText` tells it in words. */
export type MetricPicture = { fileId: string; altText: string };

/** Whose metric is shown, and by which bands; they are `null` where the account's model does not measure it. */
export type MetricOf = {
  account: { id: string; name: string; currency: string };
  metric: { id: string; name: string; unit: Unit };
  bands: BandBounds | null;
};

/** What the picture of a metric's days shows; `null` when no day has a number. */
export function chartOf(of: MetricOf, figures: Figures, stored: readonly MetricDay[], pack: Pack): MetricChart | null {
  const { from, to } = figures;
  const points = stored.flatMap(({ day, value, correctedAt }) =>
    typeof value === 'number' && day >= from && day <= to ? [{ day, value, corrected: correctedAt !== null }] : [],
  );
  const last = points.at(-1);
  if (!last) return null;
  const zones = of.bands ? zonesOf(of.bands) : [];
  return {
    from,
    to,
    points,
    zones,
    unit: of.metric.unit,
    currency: of.account.currency,
    now: { label: label(of, last.value, pack), band: of.bands && bandOf(of.bands, last.value) },
  };
}

/** The course in words, for those who do not see the picture. */
export function chartWords(of: MetricOf, figures: Figures, chart: MetricChart, pack: Pack): string {
  const [first] = chart.points;
  const { from, to, lowest, highest, withValue, corrected } = figures;
  const on = ({ day, value }: DayNumber) => `${label(of, value, pack)} on ${formatDay(day)}`;
  const days = daysBetween(from, to) + 1;
  const band = chart.now.band ? `, ${bandWord(chart.now.band)}` : '';
  return [
    `${of.metric.name} from ${formatDay(from)} to ${formatDay(to)}: first ${first ? on(first) : 'no data'}`,
    ...(lowest && highest ? [`, lowest ${on(lowest)}, highest ${on(highest)}`] : []),
    `, last ${chart.now.label}${band}.`,
    ...(withValue < days ? [` ${days - withValue} of the ${days} days have no data.`] : []),
    ...(corrected.length > 0 ? [` ${corrected.length} of them were corrected later.`] : []),
  ].join('');
}

/** The picture as a block. */
export function metricImage({ fileId, altText }: MetricPicture): ImageBlock {
  return { type: 'image', slack_file: { id: fileId }, alt_text: altText };
}

/** The picture by itself, to follow the figures. */
export function metricPictureMessage(of: MetricOf, { from, to }: Figures, picture: MetricPicture): BlockMessage {
  const days = daysBetween(from, to) + 1;
  const title = `*${mrkdwn(of.account.name, 90)}*, ${mrkdwn(of.metric.name, 80)}, the ${days} days to ${formatDay(to)}`;
  return { text: `${title}. ${mrkdwn(picture.altText, 1000)}`, blocks: [context(title), metricImage(picture)] };
}

/** The bands as stretches of the number line, from −Infinity to Infinity; where no band reaches there is none. */
function zonesOf(bands: BandBounds): Zone[] {
  const { cuts, steps } = compileScale(bands);
  const ends = [Number.NEGATIVE_INFINITY, ...cuts, Number.POSITIVE_INFINITY];
  const zones: Zone[] = [];
  for (let index = 0; index + 1 < ends.length; index++) {
    // Every other step is a single number, which has no height.
    const code = steps[2 * index] ?? NO_BAND;
    const band = BANDS[code];
    const last = zones.at(-1);
    if (!band) continue;
    if (last?.band === band && last.to === ends[index]) last.to = ends[index + 1]!;
    else zones.push({ band, from: ends[index]!, to: ends[index + 1]! });
  }
  return zones;
}

function bandOf(bands: BandBounds, value: number) {
  return judge(compileScale(bands), value).band;
}

function label({ account, metric, bands }: MetricOf, value: number, pack: Pack): string {
  return valueLabel(pack, metric.id, value, { bands, currency: account.currency });
}
