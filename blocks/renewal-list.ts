import type { KnownBlock } from '@slack/types';
import type { ListedRenewal, ListedRenewals } from '../src/db/renewal-list.ts';
import { bandSymbol, bandWord, formatDay, formatDistance, formatMoney, formatNumber } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { counted } from './alert-words.ts';
import { type Pack, scoreLabel } from './labels.ts';
import { OPEN_ACCOUNT } from './my-accounts.ts';
import { earlyWords } from './renewal-billing.ts';
import { type BlockMessage, button, buttons, context, header, section } from './text.ts';

/** Another page of renewals; the value is a RenewalsPlace. */
export const PREVIOUS_RENEWALS = 'renewals_previous';
/** As PREVIOUS_RENEWALS, forwards. */
export const NEXT_RENEWALS = 'renewals_next';

/** Renewals on a page. */
export const RENEWALS_PAGE_SIZE = 12;

/** Which list, of how many months, and which page. */
export type RenewalsPlace = { list: 'mine' | 'all'; months: number; page: number };

/** How a place is written in a value. */
export function writeRenewalsPlace({ list, months, page }: RenewalsPlace): string {
  return `renewals ${list} ${months} ${page}`;
}

/** Reads a place; `null` when it is none of ours. */
export function readRenewalsPlace(value: string): RenewalsPlace | null {
  const [, list, months, page] = /^renewals (mine|all) (\d{1,2}) (\d{1,6})$/.exec(value) ?? [];
  return list ? { list: list as RenewalsPlace['list'], months: Number(months), page: Number(page) } : null;
}

/** One page of the renewals to come, the first first. */
export function renewalList(
  { renewals, total, arr, withoutArr }: ListedRenewals,
  place: RenewalsPlace,
  { pack, today }: { pack: Pack; today: string },
): BlockMessage {
  const whose = place.list === 'mine' ? 'Your renewals' : 'All renewals';
  const months = counted(place.months, 'month');
  const title = `${whose} in the next ${months}: ${total === 0 ? 'none' : formatNumber(total)}`;
  const pages = Math.max(1, Math.ceil(total / RENEWALS_PAGE_SIZE));
  return {
    text: [title, ...renewals.map((each) => `${mrkdwn(each.name, 60)}: ${formatDay(each.date)}`)].join('\n'),
    blocks: [
      header(title),
      ...(total > 0 ? [section(arrLine(arr, withoutArr))] : []),
      ...renewals.map((each) => renewalItem(each, place, pack, today)),
      ...(pages > 1 ? pager(place, pages) : []),
      context('`/cs renewals all`, `/cs renewals next 12 months`; `/cs renew acme renewed` says what became of one.'),
    ],
  };
}

function arrLine(arr: ListedRenewals['arr'], withoutArr: number): string {
  const sums = arr.slice(0, 5).map(({ currency, sum }) => `*${formatMoney(sum, currency)}*`);
  const unknown = withoutArr === 0 ? '' : ` (${counted(withoutArr, 'account')} without data)`;
  return `ARR: ${sums.length === 0 ? 'no data' : sums.join(' + ')}${sums.length === 0 ? '' : unknown}`;
}

function renewalItem(renewal: ListedRenewal, { list }: RenewalsPlace, pack: Pack, today: string): KnownBlock {
  const { name, date, earlyOn, arr, currency, accountId } = renewal;
  const facts = [
    arr === null ? 'ARR: no data' : formatMoney(arr, currency),
    healthWords(renewal, pack),
    ...(list === 'mine' ? [] : [renewal.csmEmail === null ? 'no CSM' : mrkdwn(renewal.csmEmail, 60)]),
    taskWords(renewal),
  ];
  const day = `${formatDay(date)} (${formatDistance(date, today)})`;
  const early = earlyOn === null ? '' : ` · ⚠️ early: ${earlyWords({ earlyOn }, { today })}`;
  const overdue = date < today ? ' · ⏰ what became of it?' : '';
  return {
    ...section(`*${mrkdwn(name, 60)}* · ${day}${overdue}${early}\n${facts.join(' · ')}`),
    accessory: button(OPEN_ACCOUNT, 'Open', accountId),
  };
}

function healthWords({ model, score }: ListedRenewal, pack: Pack): string {
  if (model === null || score === null) return `${bandSymbol(null)} no score`;
  const { label, band } = scoreLabel(pack, model, score);
  return `${bandSymbol(band)} ${label} ${bandWord(band)}`;
}

function taskWords({ task, state }: ListedRenewal): string {
  if (!task) return state === null ? 'not begun' : 'no task';
  if (task.isDone) return '✅ task done';
  return task.assigneeEmail === null ? '📌 task for nobody yet' : `📌 task for ${mrkdwn(task.assigneeEmail, 60)}`;
}

function pager(place: RenewalsPlace, pages: number): KnownBlock[] {
  const { page } = place;
  const to = (other: number) => writeRenewalsPlace({ ...place, page: other });
  const turns = [
    ...(page > 1 ? [button(PREVIOUS_RENEWALS, 'Previous page', to(page - 1))] : []),
    ...(page < pages ? [button(NEXT_RENEWALS, 'Next page', to(page + 1))] : []),
  ];
  return [context(`Page ${page} of ${pages}`), buttons(...turns)];
}
