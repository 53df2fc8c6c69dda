import type { KnownBlock } from '@slack/types';
import type { DatedScore, EarlierScore, HealthView } from '../src/db/health-view.ts';
import {
  bandSymbol,
  bandWord,
  formatAge,
  formatChange,
  formatDay,
  formatDistance,
  formatMoney,
  formatPercent,
} from '../src/format.ts';
import { dragging } from '../src/health/dragging.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { type AlertPack, indicatorName, kindSymbol } from './alert-words.ts';
import { dimensionSections } from './health-dimensions.ts';
import {
  bandsOf,
  judged,
  metricName,
  modelName,
  modelOf,
  type Pack,
  scoreLabel,
  thresholds,
  unchangedModelOf,
  valueLabel,
} from './labels.ts';
import { type BlockMessage, button, buttons, context, header, section } from './text.ts';
import { type TrendPicture, trendImage } from './trend-image.ts';

/** Explain the change of the score; the value is the account's id. */
export const EXPLAIN_HEALTH = 'explain_health';
/** Post the card for all to see; the value is the account's id. */
export const SHARE_HEALTH = 'share_health';

/** Below this share of the weight a card warns that its score rests on little data. */
const ENOUGH = 0.5;
const MOST_ALERTS = 4;

/** What a card is made for. */
export type CardContext = {
  pack: AlertPack;
  /** The deployment's day, `YYYY-MM-DD`. */
  today: string;
  now: Date;
  /** The trend picture, once Slack has it. */
  picture?: TrendPicture | null;
  /** What was typed, when the account was only found by its likeness to it. */
  asked?: string | null;
  /** The Slack user who showed it to everybody. */
  sharedBy?: string | null;
};

/** An account's health: what it is, how it changed and what pulls it down first, then all that it is made of. */
export function healthCard(view: HealthView, context: CardContext): BlockMessage {
  const headline = headlineOf(view, context);
  const body = view.latest ? scoredCard(view, view.latest, context) : unscoredCard(view, context);
  return {
    text: `${mrkdwn(view.account.name, 90)}: ${headline}${view.latest ? `, ${changes(view, view.latest)}` : ''}`,
    blocks: [
      ...(context.asked ? [likeness(context.asked)] : []),
      ...(context.sharedBy ? [sharer(context.sharedBy)] : []),
      header(`${plain(view.account.name, 90)} · ${headline}`),
      ...openAlerts(view, context),
      ...body,
    ],
  };
}

/** What is open of the account, so far as there is room. */
function openAlerts({ alerts }: HealthView, { pack }: CardContext): KnownBlock[] {
  if (alerts.length === 0) return [];
  const named = alerts
    .slice(0, MOST_ALERTS)
    .map(
      ({ kind, indicator, subject }) => `${kindSymbol(kind)} ${mrkdwn(indicatorName(pack, indicator, subject), 50)}`,
    );
  return [context(`Open alerts: ${[...named, ...(alerts.length > MOST_ALERTS ? ['…'] : [])].join(' · ')}`)];
}

function headlineOf({ latest }: HealthView, { pack }: CardContext): string {
  if (!latest || latest.score === null) return `${bandSymbol(null)} ${bandWord(null)}`;
  const { label } = scoreLabel(pack, latest.model, latest.score);
  return `${label} / 10 ${bandSymbol(latest.band)} ${bandWord(latest.band)}`;
}

function scoredCard(view: HealthView, latest: DatedScore, card: CardContext): KnownBlock[] {
  const image = card.picture ? [trendImage(card.picture, card.pack)] : [];
  return [
    section([changes(view, latest), facts(view, card), ...caution(latest)].join('\n')),
    section(drags(view, latest, card)),
    ...image,
    context(...origin(latest, card)),
    ...dimensionSections(latest, { pack: card.pack, currency: view.account.currency }),
    buttons(...actions(view, card)),
  ];
}

function unscoredCard(view: HealthView, card: CardContext): KnownBlock[] {
  return [
    section(
      `${facts(view, card)}\nNo score has been computed yet. It is computed on a schedule and after each import.`,
    ),
    buttons(...actions(view, card)),
  ];
}

function actions({ account }: HealthView, { sharedBy }: CardContext) {
  const why = button(EXPLAIN_HEALTH, 'Why', account.id);
  return sharedBy ? [why] : [why, button(SHARE_HEALTH, 'Share to channel', account.id)];
}

function likeness(asked: string): KnownBlock {
  return context(`No account is called “${mrkdwn(asked, 100)}”; this is the one nearest to it.`);
}

function sharer(userId: string): KnownBlock {
  return context(`Shared by <@${userId}>`);
}

function changes(view: HealthView, latest: DatedScore): string {
  const against = (before: EarlierScore | null, days: number) => {
    if (latest.score === null)
      return before?.score == null ? `no score ${days} days ago either` : `there was a score ${days} days ago`;
    if (before?.score == null) return `no score ${days} days ago`;
    const other = before.model === latest.model ? '' : ' (by another model then)';
    return `${formatChange(latest.score - before.score)} in ${days} days${other}`;
  };
  return `${against(view.weekBefore, 7)} · ${against(view.monthBefore, 30)}`;
}

/** A score of little data is a guess, and must not look like one of much. */
function caution({ score, coverage }: DatedScore): string[] {
  if (score === null || coverage >= ENOUGH) return [];
  return [`⚠️ *Little data*: the score rests on only ${formatPercent(coverage)} of the weight.`];
}

function facts({ account }: HealthView, { today }: CardContext): string {
  const arr = account.arr === null ? 'ARR: no data' : `ARR *${formatMoney(account.arr, account.currency)}*`;
  const csm = account.csmEmail === null ? 'no CSM' : `CSM ${mrkdwn(account.csmEmail, 100)}`;
  return `${arr} · ${renewal(account.renewalDate, today)} · ${csm}`;
}

function renewal(day: string | null, today: string): string {
  if (day === null) return 'renewal date: no data';
  return `${day < today ? 'renewal was' : 'renews'} *${formatDay(day)}* (${formatDistance(day, today)})`;
}

function drags(view: HealthView, latest: DatedScore, { pack }: CardContext): string {
  if (latest.score === null) return 'None of what the score is made of has any data yet.';
  const worst = dragging(latest, 3);
  if (worst.length === 0) return 'Nothing pulls the score down: all that has data is healthy.';
  const model = unchangedModelOf(pack, latest);
  const lines = worst.map((drag, index) => {
    const bands = bandsOf(model, drag.dimension, drag.metric);
    const value = valueLabel(pack, drag.metric, drag.value, { bands, currency: view.account.currency });
    const lost = `costs ${drag.lost < 0.05 ? '<0.1' : drag.lost.toFixed(1)} points`;
    return `${index + 1}. ${bandSymbol(drag.band)} *${metricName(pack, drag.metric)}* ${lost}: ${judged(value, drag.band)}${thresholds(bands)}`;
  });
  return ['*What pulls it down most*', ...lines].join('\n');
}

function sinceThen(latest: DatedScore, pack: Pack): string {
  if (unchangedModelOf(pack, latest)) return '';
  return modelOf(pack, latest.model)
    ? ' The model has been edited since; the next computation uses it as it is now.'
    : ' The playbook no longer has this model; the next computation uses another.';
}

function origin(latest: DatedScore, { pack, today, now }: CardContext): string[] {
  const data = latest.dataAt ? `newest data ${formatAge(latest.dataAt, now)}` : 'age of the data unknown';
  const day = latest.day === today ? '' : `score of ${formatDay(latest.day)} · `;
  return [
    `Model *${modelName(pack, latest.model)}*: ${mrkdwn(latest.reason, 200)}.${sinceThen(latest, pack)}`,
    `${day}${formatPercent(latest.coverage)} of the weight has data · ${data} · computed ${formatAge(latest.computedAt, now)}`,
  ];
}
