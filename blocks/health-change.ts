import { daysBetween } from '../src/days.ts';
import type { DatedScore } from '../src/db/health-view.ts';
import { bandSymbol, bandWord, formatChange, formatDay } from '../src/format.ts';
import type { ChangePart, MeasureChange, Reading, ScoreChange } from '../src/health/explain.ts';
import { overallBand } from '../src/health/score.ts';
import type { Band } from '../src/health/types.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { bandsOf, limitsOf, metricName, modelName, type Pack, unchangedModelOf, valueLabel } from './labels.ts';
import { type BlockMessage, context, sections } from './text.ts';

/** More parts than this are added up in one line. */
const PARTS = 25;

/** An explanation and what it is of; `wanted` is the day that was asked for. */
export type HealthChange = {
  account: { id: string; name: string; currency: string };
  before: DatedScore;
  after: DatedScore;
  wanted: string;
  change: ScoreChange;
};

/** The change of a score taken apart. Effects are in hundredths of a point and add up exactly as they are shown. */
export function healthChange(told: HealthChange, pack: Pack): BlockMessage {
  const { account, before, after, wanted, change } = told;
  const from = standing(before, pack);
  const to = standing(after, pack);
  const total = from && to ? to.hundredths - from.hundredths : null;
  const difference = total === null ? '' : `  (${formatChange(total / 100, 2)})`;
  const headline = `*${mrkdwn(account.name, 90)}*: ${from?.label ?? noScore} → ${to?.label ?? noScore}${difference}`;
  const lines = total === null ? changedOnly(told, pack) : addedUp(told, total, pack);
  const notes = [
    ...(before.day === wanted ? [] : [otherDay(before.day, wanted)]),
    ...(total !== null && change.parts.length > 0
      ? ['Effects are rounded to hundredths so that they add up to the change exactly.']
      : []),
    otherPeriod(account.id, daysBetween(before.day, after.day)),
  ];
  return {
    text: `${headline}, ${formatDay(before.day)} to ${formatDay(after.day)}`,
    blocks: [
      ...sections([`${headline}\nfrom ${formatDay(before.day)} to ${formatDay(after.day)}`, ...lines]),
      context(...notes),
    ],
  };
}

/** There is nothing older to compare the score with, or no score at all. */
export function nothingToExplain(name: string, latest: DatedScore | null): BlockMessage {
  const text = latest
    ? `*${mrkdwn(name, 90)}*: the score of ${formatDay(latest.day)} is the first, so there is nothing to compare it with yet.`
    : `*${mrkdwn(name, 90)}*: no score has been computed yet, so there is nothing to explain.`;
  return { text, blocks: sections([text]) };
}

const noScore = `${bandSymbol(null)} ${bandWord(null)}`;

type Standing = { hundredths: number; label: string };

/** A score in hundredths, never rounded into another band: 6.999 is 6.99 where 7 is healthy. */
function standing({ score, band, model }: DatedScore, pack: Pack): Standing | null {
  if (score === null) return null;
  const limits = limitsOf(pack, model);
  const near = [Math.round(score * 100), Math.floor(score * 100), Math.ceil(score * 100)];
  const hundredths = near.find((value) => overallBand(value / 100, limits) === band) ?? near[0] ?? 0;
  return { hundredths, label: `${(hundredths / 100).toFixed(2)} ${bandSymbol(band)} ${bandWord(band)}` };
}

function otherDay(used: string, wanted: string): string {
  return used < wanted
    ? `There is no score of ${formatDay(wanted)}; this compares with the nearest day before it, ${formatDay(used)}.`
    : `There is no score as old as ${formatDay(wanted)}; this compares with the first, of ${formatDay(used)}.`;
}

function otherPeriod(id: string, days: number): string {
  const [period, effect] = days < 30 ? ['30d', 'looks further back'] : ['7d', 'looks at the last week only'];
  return `\`/health ${mrkdwn(id, 60)} why ${period}\` ${effect}; a date works too.`;
}

function addedUp(told: HealthChange, total: number, pack: Pack): string[] {
  const { parts } = told.change;
  if (parts.length === 0) return ['Nothing that counts has changed: every measure is in the band it was in.'];
  const effects = shareOut(
    parts.map(({ effect }) => (effect ?? 0) * 100),
    total,
  );
  const lines = parts.map((part, index) => `${points(effects[index] ?? 0)}  ${describe(part, told, pack)}`);
  const rest = effects.slice(PARTS).reduce((sum, effect) => sum + effect, 0);
  return [
    ...lines.slice(0, PARTS),
    ...(lines.length > PARTS ? [`${points(rest)}  ${lines.length - PARTS} smaller parts together`] : []),
    `*${points(total)}  all together*`,
  ];
}

/** A side without a score: what appeared or vanished, without effects. */
function changedOnly(told: HealthChange, pack: Pack): string[] {
  const { parts } = told.change;
  const lines = parts.slice(0, PARTS).map((part) => `• ${describe(part, told, pack)}`);
  if (parts.length > PARTS) lines.push(`• … and ${parts.length - PARTS} more`);
  const missing = told.before.score === null ? 'There was no score then' : 'There is no score now';
  return [`${missing}, so the change cannot be put in points.`, ...lines];
}

function describe(part: ChangePart, told: HealthChange, pack: Pack): string {
  if (part.kind === 'model-switched')
    return `model switched from *${modelName(pack, part.from)}* to *${modelName(pack, part.to)}*: ${mrkdwn(part.reason, 200)}`;
  if (part.kind === 'configuration-changed') return `the model *${modelName(pack, part.model)}* was edited`;
  return describeMeasure(part, told, pack);
}

function describeMeasure(part: MeasureChange, { before, after, account }: HealthChange, pack: Pack): string {
  const reading = ({ value, band }: Reading, score: DatedScore) => {
    if (value === null) return 'no data';
    const bands = bandsOf(unchangedModelOf(pack, score), part.dimension, part.metric);
    return `${valueLabel(pack, part.metric, value, { bands, currency: account.currency })} ${named(band)}`;
  };
  const what = { 'band-crossed': '', 'data-appeared': 'data appeared, ', 'data-vanished': 'data vanished, ' }[
    part.kind
  ];
  return `*${metricName(pack, part.metric)}*: ${what}${reading(part.from, before)} → ${reading(part.to, after)}`;
}

function named(band: Band | null): string {
  return `${bandSymbol(band)} ${bandWord(band)}`;
}

/** Whole hundredths nearest to the exact ones that add up to `total`: what is missing goes where rounding took most. */
export function shareOut(exact: readonly number[], total: number): number[] {
  const shares = exact.map(Math.floor);
  const missing = total - shares.reduce((sum, share) => sum + share, 0);
  const order = exact.map((_, index) => index).sort((a, b) => remainder(exact, b) - remainder(exact, a));
  if (missing < 0) order.reverse();
  for (let given = 0; given < Math.abs(missing); given++) {
    const place = order[given % order.length];
    if (place !== undefined) shares[place] = (shares[place] ?? 0) + Math.sign(missing);
  }
  return shares;
}

function remainder(exact: readonly number[], index: number): number {
  const value = exact[index] ?? 0;
  return value - Math.floor(value);
}

function points(hundredths: number): string {
  if (hundredths === 0) return '± 0.00';
  return `${hundredths > 0 ? '▲' : '▼'} ${(Math.abs(hundredths) / 100).toFixed(2)}`;
}
