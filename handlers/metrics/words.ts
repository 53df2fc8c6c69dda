import { UserError } from '../../src/errors.ts';
import { directionOf } from '../../src/health/direction.ts';
import type { BandBounds, HealthModel } from '../../src/health/types.ts';
import { findMetric, nearestMetrics } from '../../src/metrics/find.ts';
import type { CompiledMetric } from '../../src/metrics/types.ts';
import type { Playbook } from '../../src/playbook/types.ts';
import { mrkdwn } from '../../src/slack/escape.ts';

/** A number of days as people type it, `30d`, `30 days` or `4 weeks`, for the middle of a pattern: number and unit. */
export const PERIOD = '(\\d{1,5}) ?(d|days?|w|wks?|weeks?|)';

/** The days that the two parts of a PERIOD say. Throws a UserError unless they are within the bounds. */
export function daysOf(count: string, unit: string, [least, most]: readonly [number, number]): number {
  const days = Number(count) * (unit.toLowerCase().startsWith('w') ? 7 : 1);
  if (days >= least && days <= most) return days;
  throw new UserError(`I can look back from ${least} to ${most} days, as in \`30d\`.`);
}

/** No request is longer than this. */
const MOST_CHARACTERS = 500;

/** What was typed, on one line, with Slack's escapes undone. */
export function unescaped(input: string): string {
  return input
    .slice(0, MOST_CHARACTERS)
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** Words without the quotes around them. */
export function unquoted(words: string): string {
  return words.replace(/^["'“”„‘’«» ]+|["'“”„‘’«» ]+$/gu, '');
}

/** The id of a metric to show in examples: a number of which more is better, if there is one. */
export function exampleMetric({ metrics, models }: Playbook): string {
  const numbers = metrics.filter(({ type }) => type === 'number');
  const liked = numbers.find(({ id }) => directionOf(bandsIn(models, id)) === 'higher');
  return (liked ?? numbers[0] ?? metrics[0])?.id ?? 'nps_score';
}

/** The bands of a metric in all models that measure it. */
export function bandsIn(models: readonly HealthModel[], metric: string): BandBounds[] {
  return models
    .flatMap(({ dimensions }) => dimensions.flatMap(({ measures }) => measures))
    .flatMap((measure) => (measure.metric === metric ? [measure.bands] : []));
}

/** The metric that was meant. Throws a UserError that offers the nearest. */
export function metricOf(metrics: readonly CompiledMetric[], words: string): CompiledMetric {
  const metric = findMetric(metrics, words);
  if (metric) return metric;
  throw new UserError(`${unknownMetric(metrics, words)} \`/cs metric\` lists all metrics.`);
}

/** That there is no such metric, and which may have been meant. */
export function unknownMetric(metrics: readonly CompiledMetric[], words: string): string {
  const nearest = nearestMetrics(metrics, words);
  const offers = nearest.map(({ id, name }) => `\`${id}\` (${mrkdwn(name, 80)})`);
  const last = offers.pop();
  const offered = offers.length > 0 ? `${offers.join(', ')} or ${last}` : last;
  return `There is no metric called “${mrkdwn(words, 100)}”.${offered ? ` Did you mean ${offered}?` : ''}`;
}
