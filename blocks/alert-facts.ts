import type { SectionBlock } from '@slack/types';
import { addDays } from '../src/days.ts';
import type { AlertFact } from '../src/db/alert-facts.ts';
import type { LinesFact, UsualFact } from '../src/db/invoice-facts.ts';
import { formatAge, formatDay, formatDistance, formatMoney, formatNumber } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { counted } from './alert-words.ts';
import { changeLabel, metricName, type Pack, valueLabel } from './labels.ts';
import { sections } from './text.ts';

/** More than these would bury the rest. */
const MOST_FACTS = 8;
const MOST_LINES = 3;
const MOST_PROPERTIES = 4;

type Wording = { pack: Pack; today: string; now: Date; currency: string };

/** What helps to understand an alert, a line each; nothing where there is nothing. */
export function factSections(facts: readonly AlertFact[], wording: Wording): SectionBlock[] {
  const lines = facts.slice(0, MOST_FACTS).map((fact) => `• ${factLine(fact, wording)}`);
  return lines.length === 0 ? [] : sections(['*What helps to know*', ...lines]);
}

function factLine(fact: AlertFact, wording: Wording): string {
  if (fact.kind === 'metric') return metricLine(fact, wording);
  if (fact.kind === 'usual') return usualLine(fact);
  if (fact.kind === 'lines') return driversLine(fact);
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

/** What an invoice is compared with: `The last 3: $100 on 1 Oct 2026 …; mean $100, this one +60%`. */
function usualLine({ currency, total, mean, earlier }: UsualFact): string {
  if (mean === null) return 'The invoices before: none';
  const list = earlier.map((each) => `${formatMoney(each.total, currency)} (${formatDay(each.day)})`);
  const percent = mean > 0 ? ((total - mean) / mean) * 100 : null;
  const title = list.length === 1 ? 'The last one' : `The last ${list.length}`;
  return `${title}: ${list.join(', ')}; mean *${formatMoney(rounded(mean), currency)}*${percent === null ? '' : `, this one ${signed(percent)}`}`;
}

/** What makes the difference to the last invoice, the largest first. */
function driversLine({ currency, last, lines }: LinesFact): string {
  const title = last ? `What drives it, against ${formatDay(last.day)}` : 'What is in it';
  if (lines.length === 0) return `${title}: nothing`;
  const shown = lines.slice(0, MOST_LINES).map(({ what, now, before }) => {
    const change = now - before;
    const size = `${change < 0 ? '−' : '+'}${formatMoney(rounded(Math.abs(change)), currency)}`;
    const told = last
      ? `${size} (${formatMoney(before, currency)} to ${formatMoney(now, currency)})`
      : formatMoney(now, currency);
    return `${mrkdwn(what, 80)} ${told}`;
  });
  const more = lines.length - shown.length;
  return `${title}: ${[...shown, ...(more > 0 ? [`${formatNumber(more)} more`] : [])].join('; ')}`;
}

/** Without the noise of decimals; no currency has more than three places. */
function rounded(amount: number): number {
  return Number(amount.toFixed(3));
}

function signed(percent: number): string {
  return `${percent < 0 ? '−' : '+'}${formatNumber(Number(Math.abs(percent).toFixed(0)))}%`;
}

function metricLine(
  { metric, as, day, value, weekBefore }: Extract<AlertFact, { kind: 'metric' }>,
  { pack, today, currency }: Wording,
): string {
  const shown = `${metricName(pack, metric)}: *${valueLabel(pack, metric, value, { bands: null, currency })}*`;
  if (value === null || day === null) return shown;
  if (as === 'date' && typeof value === 'number') {
    const date = addDays(day, Math.floor(value));
    return `${metricName(pack, metric)}: *${formatDay(date)}* (${formatDistance(date, today)})`;
  }
  const old = day === today ? '' : ` on ${formatDay(day)}`;
  if (typeof value !== 'number' || typeof weekBefore !== 'number') return `${shown}${old}`;
  const change = value - weekBefore;
  const percent = weekBefore === 0 ? null : (change / Math.abs(weekBefore)) * 100;
  return `${shown}${old}, ${changeLabel(pack, metric, { change, percent }, currency)} in 7 days`;
}
