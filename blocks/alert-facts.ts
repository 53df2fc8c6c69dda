import type { SectionBlock } from '@slack/types';
import type { AlertFact } from '../src/db/alert-facts.ts';
import { formatAge, formatDay, formatNumber } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { counted } from './alert-words.ts';
import { changeLabel, metricName, type Pack, valueLabel } from './labels.ts';
import { sections } from './text.ts';

/** More than these would bury the rest. */
const MOST_FACTS = 4;
const MOST_PROPERTIES = 4;

type Wording = { pack: Pack; today: string; now: Date; currency: string };

/** What helps to understand an alert, a line each; nothing where there is nothing. */
export function factSections(facts: readonly AlertFact[], wording: Wording): SectionBlock[] {
  const lines = facts.slice(0, MOST_FACTS).map((fact) => `• ${factLine(fact, wording)}`);
  return lines.length === 0 ? [] : sections(['*What helps to know*', ...lines]);
}

function factLine(fact: AlertFact, wording: Wording): string {
  if (fact.kind === 'metric') return metricLine(fact, wording);
  const { now } = wording;
  const title = mrkdwn(fact.title, 80);
  const within = `in ${counted(fact.days, 'day')}`;
  if (fact.kind === 'top') {
    if (fact.total === 0) return `${title}: none ${within}`;
    const known = fact.top.map(
      ({ label, count }) => `${label === null ? 'unknown' : mrkdwn(label, 60)} (${formatNumber(count)}×)`,
    );
    return `${title}: ${known.join(', ')} of ${formatNumber(fact.total)} ${within}`;
  }
  const { event } = fact;
  if (!event) return `${title}: none ${within}`;
  const who = event.who === null ? [] : [`by ${mrkdwn(event.who, 80)}`];
  const properties = event.properties
    .slice(0, MOST_PROPERTIES)
    .map(({ key, value }) => `${mrkdwn(key, 40)}: ${mrkdwn(value, 80)}`);
  return `${title}: ${[`${formatDay(event.day)} (${formatAge(event.at, now)})`, ...who, ...properties].join(', ')}`;
}

function metricLine(
  { metric, day, value, weekBefore }: Extract<AlertFact, { kind: 'metric' }>,
  { pack, today, currency }: Wording,
): string {
  const shown = `${metricName(pack, metric)}: *${valueLabel(pack, metric, value, { bands: null, currency })}*`;
  if (value === null || day === null) return shown;
  const old = day === today ? '' : ` on ${formatDay(day)}`;
  if (typeof value !== 'number' || typeof weekBefore !== 'number') return `${shown}${old}`;
  const change = value - weekBefore;
  const percent = weekBefore === 0 ? null : (change / Math.abs(weekBefore)) * 100;
  return `${shown}${old}, ${changeLabel(pack, metric, { change, percent }, currency)} in 7 days`;
}
