import { formatNumber } from '../src/format.ts';
import type { MetricValue } from '../src/health/types.ts';
import type { Evidence, Figure, Indicator, IndicatorKind, Rule, Severity } from '../src/indicators/types.ts';
import type { Unit } from '../src/metrics/types.ts';
import type { Playbook } from '../src/playbook/types.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { type Pack, unitLabel } from './labels.ts';

/** What a playbook says of the things in an alert. */
export type AlertPack = Pack & Pick<Playbook, 'indicators'>;

const symbols: Record<IndicatorKind, string> = { risk: '🔴', opportunity: '🟢' };
const words: Record<IndicatorKind, string> = { risk: 'Risk', opportunity: 'Opportunity' };

/** Red for a risk, green for an opportunity. */
export function kindSymbol(kind: IndicatorKind): string {
  return symbols[kind];
}

/** `Risk` or `Opportunity`. */
export function kindWord(kind: IndicatorKind): string {
  return words[kind];
}

/** The symbol and its word, `🔴 Risk`. */
export function kindLabel(kind: IndicatorKind): string {
  return `${symbols[kind]} ${words[kind]}`;
}

/** How severe it is, to begin a line with: `High severity`. */
export function severityWords(severity: Severity): string {
  return `${severity.replace(/^./, (first) => first.toUpperCase())} severity`;
}

const comparisons = {
  '>': 'more than',
  '>=': 'at least',
  '<': 'less than',
  '<=': 'at most',
  '==': 'is',
  '!=': 'is not',
};

/** What a figure is compared with, in words: `more than 10%`; not escaped. */
export function thresholdWords(figure: Figure, currency: string): string {
  return `${comparisons[figure.operator]} ${figureThreshold(figure, currency)}`;
}

/** The indicator as the pack has it now; `null` when it is gone. */
export function indicatorOf(pack: AlertPack, id: string): Indicator | null {
  return pack.indicators.list.find((indicator) => indicator.id === id) ?? null;
}

/** The indicator's name for people, with what it watches where it watches several things; plain, not escaped. */
export function indicatorName(pack: AlertPack, id: string, subject = ''): string {
  const name = indicatorOf(pack, id)?.name ?? id;
  return subject === '' ? name : `${name}: ${subject}`;
}

/** What an alert's sentence is made of. */
export type Told = {
  indicator: string;
  subject: string;
  evidence: Evidence;
  account: { currency: string };
  /** By metric: values that the sentence names beside the rule's figures. */
  said: Readonly<Record<string, MetricValue>>;
};

/** The currency of a figure: the invoice's where it is of one, else the account's. */
export function currencyOf(
  { text }: Pick<Figure, 'text'>,
  { evidence, account }: Pick<Told, 'evidence' | 'account'>,
): string {
  return (/metric\(\s*["']invoice_/.test(text) ? evidence.invoice?.currency : undefined) ?? account.currency;
}

/** The rule of an invoice's alert, or that of an account without any; `null`: there is none of the kind. */
function ruleOf(indicator: Indicator | null, { evidence }: Told): Rule | null {
  const forEach = evidence.invoice ? 'invoice' : null;
  return indicator?.rules.find((rule) => rule.forEach === forEach) ?? null;
}

/** What happened, in one sentence with figures, safe in mrkdwn and at most `max` characters. */
export function alertSentence(pack: AlertPack, told: Told, max = 400): string {
  const indicator = indicatorOf(pack, told.indicator);
  const rule = ruleOf(indicator, told);
  const says = rule?.says ?? indicator?.says;
  const { figures, previous } = told.evidence;
  const [first] = figures;
  const currency = first ? currencyOf(first, told) : told.account.currency;
  // The playbook may not have it any more; what was kept still tells why.
  if (says === undefined) return mrkdwn(figureWords(figures, told), max);
  const filled = says.replace(/\{([a-z][a-z0-9_]*)\}/g, (whole, name: string) => {
    if (name === 'subject') return plain(told.subject, 100);
    if (name === 'value') return first ? figureValue(first, currency) : 'no data';
    if (name === 'threshold') return first ? figureThreshold(first, currency) : 'no data';
    if (name === 'previous')
      return first && previous !== null ? figureValue({ ...first, value: previous }, currency) : 'unknown';
    const figure = figures.find(({ metric }) => metric === name);
    if (figure) return figureValue(figure, currencyOf(figure, told));
    const ofInvoice = rule?.saidUnits[name];
    const unit = ofInvoice ?? pack.metrics.find(({ id }) => id === name)?.unit;
    if (unit === undefined) return whole;
    const kept = told.evidence.said ?? {};
    const value = (Object.hasOwn(kept, name) ? kept[name] : told.said[name]) ?? null;
    if (typeof value === 'string') return plain(value, 60);
    const own = ofInvoice === undefined ? undefined : told.evidence.invoice?.currency;
    return unitLabel(unit, value, { bands: null, currency: own ?? told.account.currency });
  });
  return mrkdwn(filled, max);
}

/** A rule's comparison with what it found: `12.5% > 10%`; not escaped. */
function figureWords(figures: readonly Figure[], told: Told): string {
  if (figures.length === 0) return 'no figures were kept';
  return figures
    .map((figure) => {
      const { text, operator } = figure;
      const currency = currencyOf(figure, told);
      return `${text} was ${figureValue(figure, currency)} (${operator} ${figureThreshold(figure, currency)})`;
    })
    .join(', ');
}

/** A figure's value, never rounded to the other side of its threshold or onto it; not escaped. */
export function figureValue({ unit, value, threshold }: Figure, currency: string): string {
  if (typeof value === 'string') return plain(value, 60);
  if (typeof value !== 'number' || typeof threshold !== 'number')
    return unitLabel(unit, value, { bands: null, currency });
  return exactLabel(unit, value, currency, (shown) => Math.sign(shown - threshold) === Math.sign(value - threshold));
}

/** What a figure is compared with, as the rule has it and never rounded; not escaped. */
export function figureThreshold({ unit, threshold }: Figure, currency: string): string {
  if (typeof threshold === 'string') return plain(threshold, 60);
  if (typeof threshold === 'boolean') return threshold ? 'yes' : 'no';
  return exactLabel(unit, threshold, currency, (shown) => shown === threshold);
}

/** A number with its unit, rounded as usual, but to as many digits as it takes to say what is so. */
function exactLabel(unit: Unit, value: number, currency: string, isTrue: (shown: number) => boolean): string {
  const usual = unit === 'percent' || unit === 'days' ? 1 : 2;
  const isRight = (digits: number) => isTrue(Number(value.toFixed(digits)));
  if (isRight(usual)) return unitLabel(unit, value, { bands: null, currency });
  const digits = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].find(isRight);
  const number = (digits === undefined ? String(value) : value.toFixed(digits)).replace('-', '−');
  if (unit === 'percent') return `${number}%`;
  if (unit === 'days') return `${number} days`;
  return unit === 'money' ? `${number} ${currency}` : number;
}

/** A person in Slack, by id: a mention, which notifies nobody in an edited message. */
export function personLabel(slackUserId: string | null): string {
  if (slackUserId === null) return 'me';
  return /^[UW][A-Z0-9]{2,}$/.test(slackUserId) ? `<@${slackUserId}>` : mrkdwn(slackUserId, 60);
}

/** An instant that Slack shows in the reader's own time zone. */
export function instantLabel(instant: Date): string {
  const fallback = `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(instant.getTime() / 1000)}^{date_short_pretty} at {time}|${fallback}>`;
}

/** So many of something: `1 signal`, `7 signals`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
