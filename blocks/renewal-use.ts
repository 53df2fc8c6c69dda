import type { ImageBlock } from '@slack/types';
import type { MetricChart } from '../src/chart/metric-trend.ts';
import { addDays } from '../src/days.ts';
import { formatPercent } from '../src/format.ts';
import type { Use } from '../src/renewals/read-brief.ts';
import type { RenewalSettings } from '../src/renewals/types.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { unitLabel } from './labels.ts';
import { type BlockMessage, context } from './text.ts';

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const methods = {
  level: 'as in the last three months',
  trend: 'on a straight line through these months',
};

type UsageWords = RenewalSettings['usage'] & { currency: string };

/** The use of twelve months and how it may go on, a line each. */
export function linesOfUse({ months: kept, projection }: Use, usage: UsageWords): string[] {
  const values = kept.flatMap(({ value }) => (value === null ? [] : [value]));
  const name = mrkdwn(usage.name, 80);
  const [first, last] = [kept.at(0), kept.at(-1)];
  if (values.length === 0 || !first || !last) return [`*${name}*: no data of the last 12 months`];
  const sum = values.reduce((total, value) => total + value, 0);
  const figure = usage.month === 'sum' ? sum : sum / values.length;
  const how = usage.month === 'sum' ? '' : ', on average';
  const known = values.length < kept.length ? `, ${values.length} of them with data` : '';
  return [
    `*${name}* in the 12 months to ${monthLabel(last.month)}${known}: *${amountOf(figure, usage)}*${how}`,
    `${sparkline(kept.map(({ value }) => value))}  ${monthLabel(first.month)} to ${monthLabel(last.month)}, last month ${last.value === null ? 'no data' : amountOf(last.value, usage)}`,
    ...projectionLines(projection, usage),
  ];
}

function projectionLines(projection: Use['projection'], usage: UsageWords): string[] {
  if (!projection) return ['No projection: fewer than six months have data.'];
  const { method, error, atRenewal, yearOn, nextYear } = projection;
  const a = usage.month === 'sum' ? ' a month' : '';
  const year = usage.month === 'sum' ? `, ${amountOf(nextYear, usage)} in the year after it` : '';
  const tried =
    error === null
      ? 'it could not be tried on the last three months'
      : `tried on the last three months it was wrong by ${formatPercent(error)}`;
  return [
    `Projected ${methods[method]}: *${amountOf(atRenewal, usage)}*${a} by the renewal date, *${amountOf(yearOn, usage)}*${a} twelve months on${year} (${tried})`,
  ];
}

/** The twelve months as a picture: each at its last day; `null` when none has data. */
export function chartOfUse({ months: kept }: Use, usage: UsageWords): MetricChart | null {
  const days = kept.map(({ month, value }) => ({ day: lastDay(month), value }));
  const points = days.flatMap(({ day, value }) => (value === null ? [] : [{ day, value, corrected: false }]));
  const last = points.at(-1);
  const [from, to] = [days.at(0), days.at(-1)];
  if (!last || !from || !to) return null;
  return {
    from: from.day,
    to: to.day,
    points,
    zones: [],
    unit: usage.unit,
    currency: usage.currency,
    now: { label: amountOf(last.value, usage), band: null },
  };
}

/** The months in words, for those who do not see the picture. */
export function wordsOfUse({ months: kept }: Use, usage: UsageWords): string {
  const said = kept.map(
    ({ month, value }) => `${monthLabel(month)} ${value === null ? 'no data' : amountOf(value, usage)}`,
  );
  return `${usage.name} by month: ${said.join(', ')}.`;
}

/** The picture by itself. */
export function pictureOfUse(account: string, usage: UsageWords, chart: MetricChart, image: ImageBlock): BlockMessage {
  const title = `*${mrkdwn(account, 90)}*, ${mrkdwn(usage.name, 80)} by month, to ${monthLabel(chart.to)}`;
  return { text: `${title}. ${mrkdwn(image.alt_text, 1000)}`, blocks: [context(title), image] };
}

/** `2026-11` as `Nov 2026`. */
function monthLabel(month: string): string {
  return `${months[Number(month.slice(5, 7)) - 1]} ${month.slice(0, 4)}`;
}

function lastDay(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return addDays(new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10), -1);
}

/** Fractions of large numbers say nothing here. */
function amountOf(value: number, { unit, currency }: UsageWords): string {
  return unitLabel(unit, Math.abs(value) >= 100 ? Math.round(value) : value, { bands: null, currency });
}

/** A bar a month, of the highest; a month without data is a dot. */
function sparkline(values: readonly (number | null)[]): string {
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  return values
    .map((value) => {
      if (value === null) return '·';
      const step = most === 0 ? 0 : Math.round((Math.max(0, value) / most) * (bars.length - 1));
      return bars[step] ?? '▁';
    })
    .join('');
}
