import type { KnownBlock, StaticSelect } from '@slack/types';
import type { AlertView } from '../src/db/alert-view.ts';
import {
  bandSymbol,
  bandWord,
  formatAge,
  formatChange,
  formatDay,
  formatDistance,
  formatMoney,
} from '../src/format.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { factSections } from './alert-facts.ts';
import { linksOf } from './alert-links.ts';
import { endLine, movedLine, stateLines } from './alert-state.ts';
import {
  type AlertPack,
  alertSentence,
  counted,
  currencyOf,
  figureValue,
  indicatorName,
  indicatorOf,
  kindLabel,
  severityWords,
  thresholdWords,
} from './alert-words.ts';
import { invoiceLines, riskLines } from './invoice-lines.ts';
import { scoreLabel } from './labels.ts';
import { OPEN_ACCOUNT } from './my-accounts.ts';
import { riskMenu } from './payment-risk.ts';
import { type BlockMessage, button, buttons, context, header, plainText, section, sections } from './text.ts';

/** Somebody has seen it and is at it; the value is the alert's id. */
export const ACKNOWLEDGE_ALERT = 'acknowledge_alert';
/** Say no more of it for a while; the option's value is the alert's id and one of SNOOZES. */
export const SNOOZE_ALERT = 'snooze_alert';
/** Make a task of it; the value is the alert's id. */
export const MAKE_ALERT_TASK = 'make_alert_task';
/** It was worth being told; the value is the alert's id. */
export const ALERT_USEFUL = 'alert_useful';
/** As ALERT_USEFUL, the other way. */
export const ALERT_NOT_USEFUL = 'alert_not_useful';

/** For how long an alert is silent, by what stands in an option's value. `days` null is until it changes. */
export const SNOOZES = [
  { key: '1d', label: '1 day', days: 1 },
  { key: '7d', label: '1 week', days: 7 },
  { key: 'change', label: 'Until it changes', days: null },
] as const;

/** What an alert is drawn for. */
export type AlertContext = {
  pack: AlertPack;
  now: Date;
  today: string;
  /** Whom the message was meant for. */
  ownerEmail: string | null;
};

/** A message above 12 kB, its text and blocks together, may be refused; this leaves room for the text. */
const MOST_BYTES = 9_800;
/** Characters of links in a line; a section takes 3,000. */
const MOST_LINKS = 2_000;

/** One alert in full: what happened, since when, for which account, what helps, what to do. */
export function alertCard(alert: AlertView, card: AlertContext): BlockMessage {
  const title = `${kindLabel(alert.kind)} · ${plain(alert.account.name, 90)}`;
  if (alert.movedTo) return movedCard(alert, title, card);
  if (alert.state === 'resolved') return resolvedCard(alert, card);
  // Names and links may be so long that not all of them fit.
  const half = alert.facts.slice(0, Math.ceil(alert.facts.length / 2));
  const drawn = [alert.facts, half, []].map((facts) => openBlocks({ ...alert, facts }, title, card));
  const blocks = drawn.find((each) => Buffer.byteLength(JSON.stringify(each)) <= MOST_BYTES);
  return {
    text: `${kindLabel(alert.kind)}: ${headline(alert, card)}`,
    blocks: blocks ?? openBlocks({ ...alert, facts: [] }, title, card, { links: false }),
  };
}

function openBlocks(alert: AlertView, title: string, card: AlertContext, { links = true } = {}): KnownBlock[] {
  return [
    header(title),
    section(`${name(alert, card)}\n${alertSentence(card.pack, alert, 600)}`),
    section([since(alert, card), ...change(alert), worth(alert, card), health(alert, card)].join('\n')),
    ...ofInvoice(alert, card),
    ...factSections(alert.facts, { ...card, currency: alert.account.currency }),
    ...advice(alert, card, links),
    ...states(alert, card.today),
    context(origin(alert, card)),
    ...controls(alert),
    buttons(...votes(alert)),
  ];
}

/** How the alert's invoice stands. */
function ofInvoice({ invoice }: AlertView, { today }: AlertContext): KnownBlock[] {
  return invoice ? [section(invoiceLines(invoice, today).join('\n'))] : [];
}

/** The account, the indicator and the sentence in one line, for notifications. */
export function headline(alert: AlertView, { pack }: AlertContext): string {
  const { account, indicator, subject } = alert;
  const what = mrkdwn(indicatorName(pack, indicator, subject), 100);
  return `${mrkdwn(account.name, 90)}: ${what}. ${alertSentence(pack, alert, 200)}`;
}

function movedCard(alert: AlertView, title: string, card: AlertContext): BlockMessage {
  const line = movedLine(alert, card.ownerEmail);
  return {
    text: `${headline(alert, card)} ${line}`,
    blocks: [header(title), section(name(alert, card)), context(line)],
  };
}

function resolvedCard(alert: AlertView, card: AlertContext): BlockMessage {
  const { account, kind } = alert;
  const lines = [...(alert.invoice ? riskLines(alert.invoice) : []), ...stateLines(alert, card.today)];
  return {
    text: `Resolved: ${headline(alert, card)}`,
    blocks: [
      header(`✅ Resolved · ${plain(account.name, 90)}`),
      section(`${kindLabel(kind)} · ${name(alert, card)}\n${alertSentence(card.pack, alert, 600)}`),
      section(endLine(alert, card.today)),
      ...(lines.length > 0 ? [context(...lines)] : []),
      buttons(...votes(alert)),
    ],
  };
}

function name({ indicator, subject }: AlertView, { pack }: AlertContext): string {
  return `*${mrkdwn(indicatorName(pack, indicator, subject), 150)}*`;
}

function since({ openedDay, openedAt, evidence }: AlertView, { now }: AlertContext): string {
  const day = `*${formatDay(openedDay)}* (${formatAge(openedAt, now)})`;
  return evidence.first ? `Already so when I first looked, ${day}` : `Since ${day}`;
}

/** The deciding figure now, where it has become another. */
function change(alert: AlertView): string[] {
  const { evidence, latest } = alert;
  const [then] = evidence.figures;
  const now = then && latest.figures.find(({ text }) => text === then.text);
  if (!now || now.value === null || now.value === then.value || typeof now.value === 'boolean') return [];
  const [was, is] = [then, now].map((figure) => mrkdwn(figureValue(figure, currencyOf(figure, alert)), 80));
  return was === is ? [] : [`By now it is *${is}*`];
}

function worth({ account }: AlertView, { today }: AlertContext): string {
  const { arr, currency, renewalDate } = account;
  const value = arr === null ? 'ARR: no data' : `ARR *${formatMoney(arr, currency)}*`;
  if (renewalDate === null) return `${value} · renewal date: no data`;
  const verb = renewalDate < today ? 'renewal was' : 'renews';
  return `${value} · ${verb} *${formatDay(renewalDate)}* (${formatDistance(renewalDate, today)})`;
}

function health({ health: latest }: AlertView, { pack }: AlertContext): string {
  if (!latest || latest.score === null) return `Health: ${bandSymbol(null)} no data`;
  const { label, band } = scoreLabel(pack, latest.model, latest.score);
  const moved =
    latest.weekBefore === null ? 'no score 7 days ago' : `${formatChange(latest.score - latest.weekBefore)} in 7 days`;
  return `Health *${label}* / 10 ${bandSymbol(band)} ${bandWord(band)} · ${moved}`;
}

/** Side by side where that fits into a line of a section; long addresses have one each. */
function linkLines(links: readonly string[]): string[] {
  const joined = `🔗 ${links.join(' · ')}`;
  if (links.length === 0) return [];
  return joined.length <= MOST_LINKS ? [joined] : links.map((link) => `🔗 ${link}`);
}

function advice({ account, indicator: id }: AlertView, { pack }: AlertContext, withLinks: boolean): KnownBlock[] {
  const indicator = indicatorOf(pack, id);
  const links = withLinks ? linksOf(indicator, account, id) : [];
  const lines = [...(indicator ? [`*Next step:* ${mrkdwn(indicator.action, 600)}`] : []), ...linkLines(links)];
  return lines.length === 0 ? [] : sections(lines);
}

function states(alert: AlertView, today: string): KnownBlock[] {
  const lines = stateLines(alert, today);
  return lines.length === 0 ? [] : [section(lines.join('\n'))];
}

/** How severe, over which days, why that counts, and how old the data is. */
function origin(alert: AlertView, { now }: AlertContext): string {
  const { severity, latest, evidence } = alert;
  const age =
    latest.dataAt === null ? 'age of the data unknown' : `newest data ${formatAge(new Date(latest.dataAt), now)}`;
  const window = evidence.windowDays === null ? [] : [`over ${counted(evidence.windowDays, 'day')}`];
  const rule = comparison(alert);
  return [severityWords(severity), ...window, ...rule, age].join(' · ');
}

function comparison(alert: AlertView): string[] {
  const [figure] = alert.evidence.figures;
  // "More than 0" says no more than the sentence.
  if (!figure || typeof figure.threshold !== 'number' || figure.threshold === 0) return [];
  return [`threshold: ${mrkdwn(thresholdWords(figure, currencyOf(figure, alert)), 80)}`];
}

function controls(alert: AlertView): KnownBlock[] {
  const id = String(alert.id);
  const acknowledge = { ...button(ACKNOWLEDGE_ALERT, 'Acknowledge', id), style: 'primary' as const };
  const elements = [
    ...(alert.state === 'acknowledged' ? [] : [acknowledge]),
    snoozeMenu(id),
    ...(alert.invoice ? [riskMenu(alert.id, alert.invoice)] : []),
    ...(alert.task ? [] : [button(MAKE_ALERT_TASK, 'Make a task', id)]),
    button(OPEN_ACCOUNT, 'Open', alert.account.id),
  ];
  return [{ type: 'actions', elements }];
}

function snoozeMenu(id: string): StaticSelect {
  const options = SNOOZES.map(({ key, label }) => ({ text: plainText(label), value: `${id} ${key}` }));
  return { type: 'static_select', action_id: SNOOZE_ALERT, placeholder: plainText('Snooze'), options };
}

function votes({ id }: AlertView) {
  return [button(ALERT_USEFUL, 'Useful', String(id)), button(ALERT_NOT_USEFUL, 'Not useful', String(id))];
}
