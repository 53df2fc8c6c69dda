import type { ImageBlock } from '@slack/types';
import type { Trend } from '../src/chart/trend.ts';
import { daysBetween } from '../src/days.ts';
import type { DayScore, TrendDays } from '../src/db/trend-pictures.ts';
import { bandWord, formatDay } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { limitsOf, type Pack, scoreLabel } from './labels.ts';
import { type BlockMessage, context } from './text.ts';

/** A picture that Slack has, and what it shows. */
export type TrendPicture = { fileId: string; trend: Trend };

type Scored = DayScore & { score: number };

/** What the picture shows; `null` when no day has a score. */
export function trendOf({ from, to, days }: TrendDays, pack: Pack): Trend | null {
  const last = days.findLast((day): day is Scored => day.score !== null);
  if (!last) return null;
  const { score, model } = last;
  return { from, to, points: days, bands: limitsOf(pack, model), now: scoreLabel(pack, model, score) };
}

/** The trend picture as a block, told in words for those who do not see it. */
export function trendImage({ fileId, trend }: TrendPicture, pack: Pack): ImageBlock {
  return { type: 'image', slack_file: { id: fileId }, alt_text: trendWords(trend, pack) };
}

/** The trend picture of the account of this name by itself, to follow a card. */
export function trendMessage(name: string, picture: TrendPicture, pack: Pack): BlockMessage {
  const title = `*${mrkdwn(name, 90)}*, the 90 days to ${formatDay(picture.trend.to)}`;
  const image = trendImage(picture, pack);
  return { text: `${title}. ${image.alt_text}`, blocks: [context(title), image] };
}

/** The course of the score: where it began, its lowest and highest, where it is, and how many days have none. */
export function trendWords({ from, to, points, now }: Trend, pack: Pack): string {
  const scored = points.filter((day): day is Scored => day.score !== null);
  const [first] = scored;
  const last = scored.at(-1);
  if (!first || !last) return 'There is no score in these days.';
  const on = ({ day, score, model }: Scored) => `${scoreLabel(pack, model, score).label} on ${formatDay(day)}`;
  const lowest = scored.reduce((low, day) => (day.score < low.score ? day : low));
  const highest = scored.reduce((high, day) => (day.score > high.score ? day : high));
  const end = last.day === to ? `now ${now.label}, ${bandWord(now.band)}` : `last ${on(last)}, no score since`;
  const switches = scored.filter((day, index) => index > 0 && day.model !== scored[index - 1]?.model);
  const all = daysBetween(from, to) + 1;
  return [
    `Health score from ${formatDay(from)} to ${formatDay(to)}: first ${on(first)}, lowest ${on(lowest)}, highest ${on(highest)}, ${end}.`,
    ...(switches.length > 0
      ? [`Another model scores it since ${switches.map(({ day }) => formatDay(day)).join(', ')}.`]
      : []),
    ...(scored.length < all ? [`${all - scored.length} of the ${all} days have no score.`] : []),
  ].join(' ');
}
