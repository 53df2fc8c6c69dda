/** The middle value; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('There is no median of nothing');
  return middle;
}

/** Milliseconds that each of two pieces of work takes: medians of interleaved repeats, so that both meet the same machine. */
export async function compare(
  repeats: number,
  ours: () => unknown,
  reference: () => unknown,
): Promise<{ ours: number; reference: number }> {
  await ours();
  await reference();
  const times = { ours: [] as number[], reference: [] as number[] };
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    times.ours.push(await time(ours));
    times.reference.push(await time(reference));
  }
  return { ours: median(times.ours), reference: median(times.reference) };
}

async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Rounded to three significant digits, for reading. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}
