import type { KnownBlock } from '@slack/types';
import { addDays } from '../src/days.ts';
import type { AccountValue } from '../src/db/metric-lists.ts';
import { bandSymbol, formatDay, formatNumber } from '../src/format.ts';
import { compileScale } from '../src/health/scale.ts';
import { judge } from '../src/health/score.ts';
import type { MetricCondition, Ranked } from '../src/metrics/rank.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { changeLabel, judged, measureBandsOf, modelOf, type Pack, valueLabel } from './labels.ts';
import { OPEN_ACCOUNT } from './my-accounts.ts';
import { type BlockMessage, button, buttons, context, header, section } from './text.ts';

/** Another page of a list of accounts; the value says which list, and which page. */
export const PREVIOUS_METRIC_PAGE = 'metric_list_previous';
/** As PREVIOUS_METRIC_PAGE, forwards. */
export const NEXT_METRIC_PAGE = 'metric_list_next';

/** Accounts on a page. */
export const METRIC_PAGE_SIZE = 10;

/** One page of the accounts that somebody wants listed. */
export type MetricList = {
  metric: { id: string; name: string; description: string };
  condition: MetricCondition | null;
  mine: boolean;
  better: 'higher' | 'lower' | null;
  /** Those of this page. */
  accounts: readonly Ranked<AccountValue>[];
  /** How many meet the condition, have no data for it, and were asked about. */
  total: number;
  withoutData: number;
  all: number;
  /** How many days lie between the values that are compared. */
  days: number;
  /** From 1. */
  page: number;
  /** What the buttons carry for another page, at most 2000 characters. */
  pageValue(page: number): string;
};

/** The accounts by the value of a metric or by its change, the worst first. */
export function metricList(list: MetricList, { pack, today }: { pack: Pack; today: string }): BlockMessage {
  const summary = summaryOf(list, pack);
  const pages = Math.ceil(list.total / METRIC_PAGE_SIZE);
  const title = list.condition ? `${list.metric.name}: ${conditionWords(list, pack)}` : list.metric.name;
  return {
    text: [
      `${mrkdwn(list.metric.name, 80)}: ${summary}`,
      ...list.accounts.map(
        (account) => `${mrkdwn(account.name, 60)}: ${shownValue(account, list, pack)} · ${moved(account, list, pack)}`,
      ),
    ].join('\n'),
    blocks: [
      header(plain(title, 150)),
      section(`${summary}${list.accounts.length > 0 ? ` ${orderWords(list)}` : ''}`),
      ...list.accounts.map(
        (account): KnownBlock => ({
          ...section(
            `*${mrkdwn(account.name, 90)}*  ${shownValue(account, list, pack)}\n${facts(account, list, pack, today)}`,
          ),
          accessory: button(OPEN_ACCOUNT, 'Open', account.id),
        }),
      ),
      context(mrkdwn(list.metric.description, 300)),
      ...(pages > 1 ? pager(list, pages) : []),
    ],
  };
}

function summaryOf({ metric, condition, mine, total, all, withoutData, days }: MetricList, pack: Pack): string {
  if (all === 0) return mine ? 'No account has you as its CSM.' : 'There are no accounts yet.';
  const whose = mine ? `your ${accounts(all)}` : accounts(all);
  const those = `${total === 0 ? 'None' : formatNumber(total)} of ${whose}`;
  const what =
    condition === null
      ? `${total === 1 ? 'has' : 'have'} a value`
      : 'percent' in condition
        ? `${condition.kind} by ${formatNumber(condition.percent)}% or more in ${dayCount(condition.days)}`
        : `${total === 1 ? 'is' : 'are'} at ${numberOf(condition.value, metric, pack)} or ${condition.kind}`;
  const missing =
    withoutData === 0
      ? ''
      : `; ${formatNumber(withoutData)} without data${condition && 'percent' in condition ? ` for today or ${dayCount(days)} before` : ''}`;
  return `${those} ${what}${missing}.`;
}

function conditionWords({ condition, metric }: MetricList, pack: Pack): string {
  if (condition === null) return '';
  if ('percent' in condition)
    return `${condition.kind} by ${formatNumber(condition.percent)}% or more in ${dayCount(condition.days)}`;
  return `${numberOf(condition.value, metric, pack)} or ${condition.kind}`;
}

function orderWords({ condition, better }: MetricList): string {
  if (condition && 'percent' in condition) return `The largest ${condition.kind === 'fell' ? 'fall' : 'rise'} first.`;
  if (better === null) return 'The lowest first.';
  return better === 'higher' ? 'Worst first: more is better.' : 'Worst first: less is better.';
}

function shownValue({ model, value, currency }: AccountValue, { metric }: MetricList, pack: Pack): string {
  const bands = model === null ? null : measureBandsOf(modelOf(pack, model), metric.id);
  const text = valueLabel(pack, metric.id, value, { bands, currency });
  if (!bands || value === null) return text;
  const { band } = judge(compileScale(bands), value);
  return band ? `${bandSymbol(band)} ${judged(text, band)}` : text;
}

function facts(account: Ranked<AccountValue>, list: MetricList, pack: Pack, today: string): string {
  const { day, csmEmail } = account;
  const csm = csmEmail === null ? 'no CSM' : `CSM ${mrkdwn(csmEmail, 100)}`;
  const old = day !== null && day !== today ? ` · value of ${formatDay(day)}` : '';
  return `${moved(account, list, pack)} · ${csm}${old}`;
}

/** The change since the day that is compared with. */
function moved(account: Ranked<AccountValue>, { metric, days }: MetricList, pack: Pack): string {
  const { day, value, before, change, percent, currency } = account;
  if (day === null || before === null) return `no data ${dayCount(days)} before`;
  const then = formatDay(addDays(day, -days));
  if (value === before) return `unchanged since ${then}`;
  const was = valueLabel(pack, metric.id, before, { bands: null, currency });
  if (change === null) return `${was} on ${then}`;
  return `${changeLabel(pack, metric.id, { change, percent }, currency)} since ${then}, when it was ${was}`;
}

function numberOf(value: number, metric: { id: string }, pack: Pack): string {
  const unit = pack.metrics.find(({ id }) => id === metric.id)?.unit;
  // Whose currency it would be nobody said.
  if (unit === 'money') return formatNumber(value);
  return valueLabel(pack, metric.id, value, { bands: null, currency: 'USD' });
}

function accounts(count: number): string {
  return count === 1 ? '1 account' : `${formatNumber(count)} accounts`;
}

function dayCount(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}

function pager({ page, pageValue: value }: MetricList, pages: number): KnownBlock[] {
  const turns = [
    ...(page > 1 ? [button(PREVIOUS_METRIC_PAGE, 'Previous page', value(page - 1))] : []),
    ...(page < pages ? [button(NEXT_METRIC_PAGE, 'Next page', value(page + 1))] : []),
  ];
  return [context(`Page ${page} of ${pages}`), buttons(...turns)];
}
