import { UserError } from '../../src/errors.ts';
import { findMetric } from '../../src/metrics/find.ts';
import type { MetricCondition } from '../../src/metrics/rank.ts';
import type { CompiledMetric } from '../../src/metrics/types.ts';
import { mrkdwn } from '../../src/slack/escape.ts';
import { daysOf, metricOf, PERIOD, unescaped, unquoted } from './words.ts';

/** Which accounts somebody wants listed: by which metric, which of them, and whether only their own. */
export type MetricQuery = { metric: CompiledMetric; condition: MetricCondition | null; mine: boolean };

const MOST_DAYS = 730;

const FALL = 'fell|fall|falls|falling|fallen|dropped|drop|drops|dropping|down|decreased|declined|lost';
const RISE = 'rose|rise|rises|rising|risen|grew|grown|up|increased|gained';
const NUMBER = '[-−+]?[$€£]?(?:\\d{1,3}(?:,\\d{3}){1,4}|\\d{1,15})(?:[.,]\\d{1,9})?';
const SHARE = `(${NUMBER}) ?(?:%|percent|per cent)?`;
const MORE = '(?: (?:by|more than|at least|over)|(?: ?(?:>=?|≥)))*';

const change = new RegExp(
  `^(.*?) (?:(?:which|that|have|has) )*(?:(${FALL})|(${RISE}))${MORE} ?${SHARE} (?:(?:in|over|within|during|for|the|last|past) )*${PERIOD}$`,
  'iu',
);
const level = new RegExp(
  `^(.*?)(?: (?:is |are )?(?:(above|over|more than|at least|greater than|higher than)|(below|under|less than|at most|lower than|fewer than)) | ?(?:(>=?|≥)|(<=?|≤)) ?)(${NUMBER})(?: ?%| percent| days?)?$`,
  'iu',
);
const comparison = new RegExp(
  `^(.*?)(?: (?:${FALL}|${RISE}|above|over|below|under|more than|less than|at least|at most)\\b.*| ?[<>≥≤].*)$`,
  'iu',
);

/** Reads what was typed after `/cs metric`; `null` when nothing was. Throws a UserError that says what to type. */
export function parseMetricQuery(input: string, metrics: readonly CompiledMetric[]): MetricQuery | null {
  const text = unescaped(input);
  if (text === '') return null;
  const whole = findMetric(metrics, unquoted(text));
  if (whole) return { metric: whole, condition: null, mine: false };
  const [words, mine] = withoutMine(text);
  return { ...readCondition(words, mine, metrics) };
}

/** `mine` may stand at the end, or between the metric and the condition. */
function withoutMine(text: string): [string, boolean] {
  const match = /^(.*?) (?:of )?(?:mine|my accounts|my)$/iu.exec(text);
  return match ? [match[1] ?? '', true] : [text, false];
}

function readCondition(words: string, ownOnly: boolean, metrics: readonly CompiledMetric[]): MetricQuery {
  const named = (name: string, condition: MetricCondition | null): MetricQuery => {
    const [rest, mine] = condition ? withoutMine(name) : [name, false];
    const metric = metricOf(metrics, unquoted(rest));
    return { metric, condition, mine: ownOnly || mine };
  };
  if (findMetric(metrics, unquoted(words))) return named(words, null);
  const changed = change.exec(words);
  if (changed) {
    const [, name = '', fell, , percent = '', count = '', unit = ''] = changed;
    const days = daysOf(count, unit, [1, MOST_DAYS]);
    return named(name, { kind: fell ? 'fell' : 'rose', percent: shareOf(percent), days });
  }
  const limited = level.exec(words);
  if (limited) {
    const [, name = '', above, , more, , value = ''] = limited;
    return named(name, { kind: above || more ? 'above' : 'below', value: numberOf(value) });
  }
  const name = comparison.exec(words)?.[1];
  const metric = name === undefined ? null : findMetric(metrics, unquoted(withoutMine(name)[0]));
  if (metric && name !== undefined) throw new UserError(notUnderstood(words.slice(name.length).trim()));
  return named(words, null);
}

function shareOf(words: string): number {
  const percent = numberOf(words);
  if (percent > 0) return percent;
  throw new UserError('A fall or a rise is more than 0%, as in `fell 20% in 14d`.');
}

/** `1,000.5` and `0,5` alike. */
function numberOf(words: string): number {
  const plain = words.replace(/[$€£+]/gu, '').replace('−', '-');
  const grouped = /^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(plain);
  return Number(grouped ? plain.replaceAll(',', '') : plain.replace(',', '.'));
}

function notUnderstood(words: string): string {
  return `I did not understand “${mrkdwn(words, 100)}”. After the metric I know \`fell 20% in 14d\`, \`rose 20% in 14d\`, \`above 50\`, \`below 50\` and \`mine\`.`;
}
