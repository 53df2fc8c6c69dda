import type { Firing, IndicatorFigures } from '../src/db/indicator-report.ts';
import { formatDay, formatPercent } from '../src/format.ts';
import type { Indicator, Rule } from '../src/indicators/types.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { duration } from './alert-state.ts';
import {
  type AlertPack,
  counted,
  indicatorOf,
  kindLabel,
  kindSymbol,
  severityWords,
  thresholdWords,
} from './alert-words.ts';
import { type BlockMessage, context, header, section, sections } from './text.ts';

/** A message above 12 kB may be refused; this leaves room for what stands around the lines. */
const MOST_BYTES = 9_000;
const TEXT_BYTES = 1_200;
const MOST_RULES = 6;
const MOST_SHOWN = 35;

/** How all indicators did in the last `days` days: the worst precision first, then those nobody judged, then the dead, which did not fire in these days. */
export function indicatorReport(
  figures: readonly IndicatorFigures[],
  { pack, days }: { pack: AlertPack; days: number },
): BlockMessage {
  const title = `Indicators, the last ${counted(days, 'day')}`;
  const dead = pack.indicators.list.filter(({ id }) => figures.every(({ indicator }) => indicator !== id));
  const lines = [...figures].sort(worstFirst).map((each) => {
    const name = indicatorOf(pack, each.indicator)?.name;
    const named = name === undefined ? 'no longer in the playbook' : mrkdwn(name, 80);
    return `${kindSymbol(each.kind)} *${named}* \`${each.indicator}\`\n${figureLine(each)}`;
  });
  const shown = within(lines, MOST_BYTES - 3_400).slice(0, MOST_SHOWN);
  const left = lines.length - shown.length;
  const unused = dead.map(({ id }) => `\`${id}\``);
  const never = within(unused, 1_600);
  const deadLine = `💤 *Did not fire:* ${[...never, ...(never.length < unused.length ? [`and ${unused.length - never.length} more`] : [])].join(', ')}`;
  return {
    text: [title, ...within(lines, TEXT_BYTES)].join('\n'),
    blocks: [
      header(title),
      ...(lines.length === 0 ? [section('None has fired.')] : shown.map(section)),
      ...(left > 0 ? [context(`… and ${left} more; \`/cs indicators\` and an id shows one.`)] : []),
      ...(dead.length > 0 ? [section(deadLine)] : []),
      context(
        'Precision: of those that somebody judged, how many were useful or acted on, and called noise by nobody. `/cs indicators` and an id shows its rule and last firings.',
      ),
    ],
  };
}

/** One indicator: its rule and thresholds, how it did, its last firings and what came of each. */
export function indicatorCard(
  indicator: Indicator,
  { figures, firings, days }: { figures: IndicatorFigures | null; firings: readonly Firing[]; days: number },
): BlockMessage {
  const { name, kind, severity, action } = indicator;
  const did = figures ? figureLine(figures) : 'Did not fire.';
  const rules = indicator.rules.slice(0, MOST_RULES).flatMap((rule) => ruleLines(rule, indicator));
  const more = indicator.rules.length - MOST_RULES;
  const last = within(firings.map(firingLine), 3_000);
  return {
    text: `${kindLabel(kind)}: ${mrkdwn(name, 80)}. ${did}`,
    blocks: [
      header(`${kindLabel(kind)} · ${plain(name, 90)}`),
      section(`*The last ${counted(days, 'day')}*\n${did}`),
      ...sections(['*Rule*', ...within(rules, 4_500), ...(more > 0 ? [`… and ${more} more`] : [])]),
      ...sections(['*Last firings*', ...(last.length > 0 ? last : ['none yet'])]),
      context(`${severityWords(severity)} · ${conditions(indicator).join(' · ')}`, `Next step: ${mrkdwn(action, 300)}`),
    ],
  };
}

function figureLine({ fired, accounts, acted, noise, open, judged, precise, kind, churned }: IndicatorFigures): string {
  const precision = judged === 0 ? '—, nobody judged any' : `*${formatPercent(precise / judged)}* of ${judged} judged`;
  const outcomes = [
    `${acted} acted on`,
    `${noise} called noise`,
    `${open} open`,
    ...(kind === 'risk' ? [`${counted(churned, 'account')} churned later`] : []),
  ];
  const fires = `fired ${counted(fired, 'time')} for ${counted(accounts, 'account')}`;
  return `Precision ${precision} · ${fires}\n${outcomes.join(' · ')}`;
}

function worstFirst(a: IndicatorFigures, b: IndicatorFigures): number {
  const [left, right] = [a, b].map(({ judged, precise }) => (judged === 0 ? 2 : precise / judged));
  return (left ?? 2) - (right ?? 2) || b.fired - a.fired || (a.indicator < b.indicator ? -1 : 1);
}

function ruleLines(rule: Rule, { rules }: Indicator): string[] {
  const { subject, text, clears, volume, terms, windowDays } = rule;
  const limits = terms
    .filter(({ threshold }) => typeof threshold === 'number')
    .map((term) => mrkdwn(thresholdWords({ ...term, value: null }, 'USD'), 60));
  const ofInvoices = rules.some(({ forEach }) => forEach !== null);
  const account = ofInvoices ? 'accounts without invoices' : subject === '' ? '' : mrkdwn(subject, 80);
  const what = rule.forEach === null ? account : 'each invoice';
  return [
    `${what === '' ? '' : `${what}: `}${code(text)}`,
    ...(limits.length > 0 ? [`threshold: ${limits.join(', ')}`] : []),
    ...(windowDays === null ? [] : [`looks back ${counted(windowDays, 'day')}`]),
    ...(clears?.equation ? [`ends when ${code(clears.equation)}`] : []),
    ...(volume?.equation ? [`only where ${code(volume.equation)}`] : []),
  ];
}

function conditions(indicator: Indicator): string[] {
  const { evaluationsInARow, coolDownDays, segments, exceptSegments, churned } = indicator;
  const names = (list: readonly string[]) => list.map((each) => mrkdwn(each, 40)).join(', ');
  return [
    evaluationsInARow > 1 ? `${evaluationsInARow} evaluations in a row` : 'at the first evaluation',
    ...(coolDownDays > 0 ? [`then silent for ${counted(coolDownDays, 'day')}`] : []),
    ...(segments.length > 0 ? [`only ${names(segments)}`] : []),
    ...(exceptSegments.length > 0 ? [`not ${names(exceptSegments)}`] : []),
    churned ? 'churned accounts too' : 'churned accounts left out',
  ].map((each) => each.slice(0, 400));
}

function firingLine(firing: Firing): string {
  const { accountName, day, openedAt, endedAt, acknowledged, task, useful, notUseful, churned } = firing;
  const outcome = [
    ...(acknowledged ? ['acknowledged'] : []),
    ...(task ? ['task'] : []),
    ...(useful > 0 ? ['useful'] : []),
    ...(notUseful > 0 ? ['called noise'] : []),
    endedAt ? `ended after ${duration(openedAt, endedAt)}` : 'still open',
    ...(churned ? ['*account churned*'] : []),
  ];
  return `• ${formatDay(day)} *${mrkdwn(accountName, 60)}*: ${outcome.join(', ')}`;
}

/** An equation, literally: in code Slack formats nothing. */
function code(text: string): string {
  const whole = text.length > 400 ? `${text.slice(0, 399)}…` : text;
  const literal = whole.toWellFormed().replaceAll('`', 'ˋ').replaceAll('&', '&amp;');
  return `\`${literal.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}\``;
}

function within(lines: readonly string[], bytes: number): string[] {
  let sum = 0;
  const end = lines.findIndex((line) => {
    sum += Buffer.byteLength(JSON.stringify(line));
    return sum > bytes;
  });
  return end < 0 ? [...lines] : lines.slice(0, end);
}
