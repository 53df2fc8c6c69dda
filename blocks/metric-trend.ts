import type { KnownBlock } from '@slack/types';
import { daysBetween } from '../src/days.ts';
import type { HealthView } from '../src/db/health-view.ts';
import { bandSymbol, formatAge, formatDay, formatNumber } from '../src/format.ts';
import { compileScale } from '../src/health/scale.ts';
import { judge } from '../src/health/score.ts';
import type { MetricValue } from '../src/health/types.ts';
import type { EarlierValue, Figures, Stretch } from '../src/metrics/figures.ts';
import type { KeptTrend } from '../src/metrics/read-trend.ts';
import type { CompiledMetric } from '../src/metrics/types.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { changeLabel, judged, measureBandsOf, modelOf, type Pack, thresholds, valueLabel } from './labels.ts';
import { type MetricOf, type MetricPicture, metricImage } from './metric-picture.ts';
import { OPEN_ACCOUNT } from './my-accounts.ts';
import { type BlockMessage, button, buttons, context, header, section, sections } from './text.ts';

/** As many stretches of a text as are told. */
const STRETCHES = 12;

/** A metric of an account over some days. */
export type MetricTrend = MetricOf & {
  description: string;
  /** The model that judges it there, for people; `null` without one. */
  model: string | null;
  figures: Figures;
  /** A text's or a boolean's days; `null` for a number, which has a picture. */
  stretches: Stretch[] | null;
  /** When the newest data of the account are from, and when they were last computed. */
  dataAt: Date | null;
  computedAt: Date | null;
};

/** What the answer is made for. */
export type TrendContext = {
  pack: Pack;
  today: string;
  now: Date;
  picture?: MetricPicture | null;
  /** What was typed, when the account was only found by its likeness to it. */
  asked?: string | null;
};

/** A metric's figures: now, before, lowest and highest, when it was corrected and how old it is; the picture if there is one. */
export function metricTrend(trend: MetricTrend, wanted: TrendContext): BlockMessage {
  const { account, metric, figures } = trend;
  const now = nowLabel(trend, figures.now, wanted.pack);
  const days = daysBetween(figures.from, figures.to) + 1;
  const lines = trend.stretches ? stretchLines(trend, trend.stretches, wanted) : figureLines(trend, days, wanted);
  return {
    text: [
      `${mrkdwn(account.name, 90)}, ${mrkdwn(metric.name, 80)}: ${now}`,
      ...(trend.stretches ? lines : lines.slice(1)),
    ].join('\n'),
    blocks: [
      ...(wanted.asked
        ? [context(`No account is called “${mrkdwn(wanted.asked, 100)}”; this is the one nearest to it.`)]
        : []),
      header(`${plain(account.name, 70)} · ${plain(metric.name, 70)}`),
      ...sections(lines),
      ...(wanted.picture ? [metricImage(wanted.picture)] : []),
      context(...origin(trend, wanted)),
      actions(trend),
    ],
  };
}

/** The trend of an account's metric as it is shown, by the bands of the model that scores the account. */
export function metricTrendOf(
  { account, latest }: HealthView,
  metric: CompiledMetric,
  { figures, stretches }: Pick<KeptTrend, 'figures' | 'stretches'>,
  pack: Pack,
): MetricTrend {
  const model = latest && modelOf(pack, latest.model);
  return {
    account,
    metric,
    description: metric.description,
    bands: measureBandsOf(model, metric.id),
    model: model?.name ?? null,
    figures,
    stretches,
    dataAt: latest?.dataAt ?? null,
    computedAt: latest?.computedAt ?? null,
  };
}

/** That nothing is kept of the metric yet, and how that changes. */
export function noValuesYet({ account, metric }: Pick<MetricOf, 'account' | 'metric'>): BlockMessage {
  const text = `*${mrkdwn(account.name, 90)}* has no values of *${mrkdwn(metric.name, 80)}* yet. They are computed every hour and after each import; \`bellwether metrics backfill\` computes past days.`;
  return { text, blocks: [section(text)] };
}

function figureLines(trend: MetricTrend, days: number, { pack, today, now }: TrendContext): string[] {
  const { figures } = trend;
  const { to, now: newest, last, lowest, highest, withValue } = figures;
  const label = (value: MetricValue) => valueLabel(pack, trend.metric.id, value, options(trend));
  const since = newest === null && last ? `; the last was ${label(last.value)} on ${formatDay(last.day)}` : '';
  return [
    `${to === today ? 'Today' : `On ${formatDay(to)}`}: *${nowLabel(trend, newest, pack)}*${thresholds(trend.bands)}${since}`,
    ...before(trend, { pack, today }),
    lowest && highest
      ? `Lowest in these ${days} days: ${label(lowest.value)} on ${formatDay(lowest.day)} · highest: ${label(highest.value)} on ${formatDay(highest.day)}`
      : `None of these ${days} days has any data.`,
    ...(lowest && withValue < days ? [`${formatNumber(withValue)} of these ${days} days have data.`] : []),
    ...corrections(figures, now),
  ];
}

/** A line for each day that is compared with. */
function before(
  { figures, metric, account, bands }: MetricTrend,
  { pack, today }: Pick<TrendContext, 'pack' | 'today'>,
): string[] {
  const when = figures.to === today ? 'ago' : 'before';
  return figures.before.map(({ days, value, change, percent }: EarlierValue) => {
    const then = valueLabel(pack, metric.id, value, { bands, currency: account.currency });
    const since =
      change === null ? '' : ` · ${changeLabel(pack, metric.id, { change, percent }, account.currency)} since`;
    return `${days} days ${when}: ${then}${since}`;
  });
}

function corrections({ corrected }: Figures, now: Date): string[] {
  const [newest] = corrected.toSorted((a, b) => b.correctedAt.getTime() - a.correctedAt.getTime());
  if (!newest) return [];
  const when = formatAge(newest.correctedAt, now);
  if (corrected.length === 1) return [`Corrected by late data: the value of ${formatDay(newest.day)}, ${when}.`];
  return [
    `Corrected by late data: the values of ${corrected.length} days, last that of ${formatDay(newest.day)}, ${when}.`,
  ];
}

/** Since when which value, the newest first. */
function stretchLines(trend: MetricTrend, stretches: readonly Stretch[], { pack, today, now }: TrendContext): string[] {
  const { from, to } = trend.figures;
  const newestFirst = stretches.toReversed();
  const lines = newestFirst.slice(0, STRETCHES).map((stretch, index) => {
    const value = nowLabel(trend, stretch.value, pack);
    if (stretch.from === from && stretch.to === to)
      return `*${value}* on all of the ${daysBetween(from, to) + 1} days to ${formatDay(to)}`;
    if (index === 0) {
      const until = to === today ? '' : `, as of ${formatDay(to)}`;
      return `*${value}* since ${formatDay(stretch.from)}${until}`;
    }
    const begin = stretch.from === from ? `at the latest since ${formatDay(from)}` : `from ${formatDay(stretch.from)}`;
    return `${value} ${begin} to ${formatDay(stretch.to)}`;
  });
  const more = newestFirst.length - lines.length;
  return [
    ...lines,
    ...(more > 0 ? [`… and ${more} earlier changes since ${formatDay(from)}`] : []),
    ...corrections(trend.figures, now),
  ];
}

/** The value with the band that the account's model gives it. */
function nowLabel(trend: MetricTrend, value: MetricValue, pack: Pack): string {
  const text = valueLabel(pack, trend.metric.id, value, options(trend));
  if (!trend.bands || value === null) return text;
  const { band } = judge(compileScale(trend.bands), value);
  return band ? `${bandSymbol(band)} ${judged(text, band)}` : text;
}

function options({ bands, account }: MetricTrend) {
  return { bands, currency: account.currency };
}

function origin({ description, model, bands, dataAt, computedAt }: MetricTrend, { now }: TrendContext): string[] {
  const judge = model && bands ? `Bands of the model *${mrkdwn(model, 80)}*` : 'No band: its model does not measure it';
  const data = dataAt ? `newest data ${formatAge(dataAt, now)}` : 'age of the data unknown';
  const computed = computedAt ? ` · computed ${formatAge(computedAt, now)}` : '';
  return [mrkdwn(description, 300), `${judge} · ${data}${computed}`];
}

function actions({ account }: MetricTrend): KnownBlock {
  return buttons(button(OPEN_ACCOUNT, 'Open the card', account.id));
}
