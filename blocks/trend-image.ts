import type { ImageBlock } from '@slack/types';
import type { Trend } from '../src/chart/trend.ts';
import type { DayScore, HealthView } from '../src/db/health-view.ts';
import { bandWord, formatDay } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { limitsOf, type Pack, scoreLabel } from './labels.ts';
import { type BlockMessage, context } from './text.ts';

/** The trend picture as a block, told in words for those who do not see it. */
export function trendImage(fileId: string, view: HealthView, pack: Pack): ImageBlock {
  return { type: 'image', slack_file: { id: fileId }, alt_text: trendWords(view, pack) };
}

/** The trend picture by itself, to follow a card. */
export function trendMessage(fileId: string, view: HealthView, pack: Pack): BlockMessage {
  const title = `*${mrkdwn(view.account.name, 90)}*, the 90 days to ${view.latest ? formatDay(view.latest.day) : 'now'}`;
  return { text: `${title}. ${trendWords(view, pack)}`, blocks: [context(title), trendImage(fileId, view, pack)] };
}

/** What the picture shows; `null` when no day has a score. */
export function trendOf({ trend, trendFrom, latest }: HealthView, pack: Pack): Trend | null {
  const last = trend.findLast((day) => day.score !== null);
  if (!last || last.score === null || !latest || !trendFrom) return null;
  return {
    from: trendFrom,
    to: latest.day,
    points: trend,
    bands: limitsOf(pack, latest.model),
    now: scoreLabel(pack, last.model, last.score),
  };
}

/** The course of the score: where it began, its lowest and highest, where it is, and how many days have none. */
export function trendWords(
  { trend, trendFrom, latest }: Pick<HealthView, 'trend' | 'trendFrom' | 'latest'>,
  pack: Pack,
): string {
  const scored = trend.filter((day): day is Scored => day.score !== null);
  const [first] = scored;
  const last = scored.at(-1);
  if (!first || !last || !latest || !trendFrom) return 'There is no score in the last 90 days.';
  const on = ({ day, score, model }: Scored) => `${scoreLabel(pack, model, score).label} on ${formatDay(day)}`;
  const lowest = scored.reduce((low, day) => (day.score < low.score ? day : low));
  const highest = scored.reduce((high, day) => (day.score > high.score ? day : high));
  const now = scoreLabel(pack, last.model, last.score);
  const end = last.day === latest.day ? `now ${now.label}, ${bandWord(now.band)}` : `last ${on(last)}, no score since`;
  const switches = scored.filter((day, index) => index > 0 && day.model !== scored[index - 1]?.model);
  const missing = 90 - scored.length;
  return [
    `Health score from ${formatDay(trendFrom)} to ${formatDay(latest.day)}: first ${on(first)}, lowest ${on(lowest)}, highest ${on(highest)}, ${end}.`,
    ...(switches.length > 0
      ? [`Another model scores it since ${switches.map(({ day }) => formatDay(day)).join(', ')}.`]
      : []),
    ...(missing > 0 ? [`${missing} of the 90 days have no score.`] : []),
  ].join(' ');
}

type Scored = DayScore & { score: number };
