/** The lowest and highest value that a picture shows, and the round ones between that it names. */
export type ValueAxis = { low: number; high: number; ticks: number[] };

const TICKS = 5;
/** Air below and above the values, as shares of their span; the last one's label stands above it. */
const BELOW = 0.12;
const ABOVE = 0.2;
/** An axis spans at least this share of its largest value. */
const CALM = 0.3;

/**
 * An axis for these values; `marks`, where bands begin, are shown as well where they are near. It begins at 0 unless
 * all values are far from it, and does not leave `limits` when no value does.
 */
export function valueAxis(
  values: readonly number[],
  marks: readonly number[] = [],
  limits: { least: number; most: number } = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY },
): ValueAxis {
  let [least, most] = extent(values);
  // What is flat gets some air, and so that it is seen how far the next band is.
  const reach = Math.max(most - least, Math.max(Math.abs(most), Math.abs(least)) * 0.3) || 1;
  const near = marks.filter((mark) => mark >= least - reach && mark <= most + reach);
  [least, most] = extent([least, most, ...near]);
  if (least > 0 && least < most * 0.65) least = 0;
  // From 100 to 94 must not look like a fall to nothing.
  const calm = CALM * Math.max(Math.abs(least), Math.abs(most));
  if (most - least < calm) least = least >= 0 ? Math.max(0, most - calm) : most - calm;
  // All but nothing is nothing.
  if (Math.max(Math.abs(least), Math.abs(most)) < 1e-12) [least, most] = [0, 1];
  const span = most - least;
  const bottom = least >= 0 ? Math.max(0, least - span * BELOW) : least - span * BELOW;
  const top = most < 0 ? Math.min(0, most + span * ABOVE) : most + span * ABOVE;
  const inLimits = least >= limits.least && most <= limits.most;
  const low = inLimits ? Math.max(bottom, limits.least) : bottom;
  const high = inLimits ? Math.min(top, limits.most) : top;
  const whole = values.every(Number.isInteger);
  const ticks = ticksBetween(low, high, whole);
  if (ticks.length > 1) return { low, high, ticks };
  // Around a single small whole number there is no second one.
  const lower = Math.ceil(low) - 1;
  return { low: lower, high, ticks: ticksBetween(lower, high, whole) };
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** Multiples of 1, 2, 2.5 or 5 times a power of ten; of whole numbers whole ones. */
function ticksBetween(low: number, high: number, whole: boolean): number[] {
  const rough = Math.max((high - low) / TICKS, whole ? 1 : 0);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factors = whole && power === 1 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10];
  const step = power * (factors.find((factor) => power * factor >= rough * 0.999) ?? 10);
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++) {
    ticks.push(Number((index * step).toPrecision(12)));
  }
  return ticks;
}
