import type { Band, BandBounds, Bound } from './types.ts';

/** From the worst to the best; a band's place here is its code in a compiled scale. */
export const BANDS: readonly Band[] = ['poor', 'concerning', 'healthy'];

const NUMBER = '-?(?:\\d+(?:\\.\\d*)?|\\.\\d+)';
const OPERATOR = new RegExp(`^(<=|>=|<|>|≤|≥)\\s*(${NUMBER})$`);
const AND_MORE = new RegExp(`^(${NUMBER})\\s*\\+$`);
const RANGE = new RegExp(`^(${NUMBER})\\s*[-–]\\s*(${NUMBER})$`);
const SINGLE = new RegExp(`^${NUMBER}$`);
const WORD = /^\p{L}[\p{L}\p{N} _-]*$/u;

/** Beyond it, halves of whole numbers are lost. */
const LARGEST = 1e15;

/** Reads a band as a playbook writes it; `null` when it is none of the forms there are. */
export function parseBound(written: string | number | boolean): Bound | null {
  const bound =
    typeof written === 'string' ? parseText(written.trim()) : ({ kind: 'exactly', value: written } as const);
  const ends = bound?.kind === 'range' ? [bound.from, bound.to] : [bound?.value];
  return ends.every((end) => typeof end !== 'number' || Math.abs(end) <= LARGEST) ? bound : null;
}

function parseText(text: string): Bound | null {
  const operator = OPERATOR.exec(text);
  if (operator) {
    const sign = operator[1]!;
    const kind = sign.startsWith('>') || sign === '≥' ? 'above' : 'below';
    return { kind, value: Number(operator[2]), inclusive: sign !== '<' && sign !== '>' };
  }
  const andMore = AND_MORE.exec(text);
  if (andMore) return { kind: 'above', value: Number(andMore[1]), inclusive: true };
  const range = RANGE.exec(text);
  if (range) return { kind: 'range', from: Number(range[1]), to: Number(range[2]) };
  if (SINGLE.test(text)) return { kind: 'exactly', value: Number(text) };
  if (text === 'true' || text === 'false') return { kind: 'exactly', value: text === 'true' };
  return WORD.test(text) ? { kind: 'exactly', value: word(text) } : null;
}

/** A word as it is compared: people type `Poor` and `poor `. */
export function word(text: string): string {
  return text.trim().toLowerCase();
}

/** The bound as people read it: `<= 5`, `5 - 20`, `yes`, `poor`. */
export function describeBound(bound: Bound): string {
  if (bound.kind === 'range') return `${bound.from} - ${bound.to}`;
  if (bound.kind === 'exactly') {
    return typeof bound.value === 'boolean' ? (bound.value ? 'yes' : 'no') : String(bound.value);
  }
  return `${bound.kind === 'above' ? '>' : '<'}${bound.inclusive ? '=' : ''} ${bound.value}`;
}

/** A measure's thresholds in one line: `healthy <= 5 · poor > 20`; concerning is named where it is not what lies between. */
export function describeBands(bands: BandBounds): string {
  const { poor, concerning, healthy } = bands;
  if (BANDS.every((band) => bands[band]?.kind === 'exactly' && bands[band].value === band)) return 'set by hand';
  const between = poor !== undefined && healthy !== undefined && concerning?.kind === 'range';
  const shown: Band[] = between ? ['healthy', 'poor'] : ['healthy', 'concerning', 'poor'];
  return shown.flatMap((band) => (bands[band] ? [`${band} ${describeBound(bands[band])}`] : [])).join(' · ');
}

/** A numeric bound as an interval; `null` for a word or a boolean. */
export function interval(bound: Bound): Interval | null {
  if (bound.kind === 'range') return { from: bound.from, fromIncluded: true, to: bound.to, toIncluded: true };
  if (bound.kind === 'exactly') {
    if (typeof bound.value !== 'number') return null;
    return { from: bound.value, fromIncluded: true, to: bound.value, toIncluded: true };
  }
  return bound.kind === 'above'
    ? { from: bound.value, fromIncluded: bound.inclusive, to: Number.POSITIVE_INFINITY, toIncluded: false }
    : { from: Number.NEGATIVE_INFINITY, fromIncluded: false, to: bound.value, toIncluded: bound.inclusive };
}

/** The numbers between two ends. */
export type Interval = { from: number; fromIncluded: boolean; to: number; toIncluded: boolean };

/** Whether the number lies in the interval. */
export function contains(range: Interval, value: number): boolean {
  const afterStart = range.fromIncluded ? value >= range.from : value > range.from;
  return afterStart && (range.toIncluded ? value <= range.to : value < range.to);
}
