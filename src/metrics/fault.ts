import { distance } from 'fastest-levenshtein';

/** A place in an equation's text. */
export type Place = { start: number; end: number };

/** Something wrong at a place in an equation. */
export class EquationFault extends Error {
  readonly code = 'equation_fault';
  override readonly name = 'EquationFault';
  readonly start: number;
  readonly end: number;

  constructor(message: string, place: Place) {
    super(message);
    this.start = place.start;
    this.end = place.end;
  }
}

/** The fault with the line it is in and carets below the place. */
export function faultWithExcerpt(text: string, fault: EquationFault): string {
  const lineStart = fault.start === 0 ? 0 : text.lastIndexOf('\n', fault.start - 1) + 1;
  const nextBreak = text.indexOf('\n', fault.start);
  const lineEnd = nextBreak === -1 ? text.length : nextBreak;
  const line = printable(text.slice(lineStart, lineEnd));
  const width = Math.max(1, Math.min(fault.end, lineEnd) - fault.start);
  return `${printable(fault.message)}\n  ${line}\n  ${' '.repeat(fault.start - lineStart)}${'^'.repeat(width)}`;
}

/** Control characters as blanks, so that the carets stay below their place. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

/** `; did you mean "x"?` when one of `names` is near, else nothing. */
export function didYouMean(word: string, names: Iterable<string>): string {
  let nearest = '';
  let best = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const apart = distance(word.toLowerCase(), name);
    if (apart < best) [nearest, best] = [name, apart];
  }
  return nearest === '' ? '' : `; did you mean ${nearest}?`;
}
