import { distance } from 'fastest-levenshtein';

type Named = { id: string; name: string };

/** The metric of this id, else the only one of this name; case, accents and what is neither letter nor digit do not matter. */
export function findMetric<T extends Named>(metrics: readonly T[], text: string): T | null {
  const wanted = fold(text);
  if (wanted === '') return null;
  const byId = metrics.filter(({ id }) => fold(id) === wanted);
  const found = byId.length > 0 ? byId : metrics.filter(({ name }) => fold(name) === wanted);
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** At most five metrics that may have been meant, the nearest first: those that contain the words, or have a few other letters. */
export function nearestMetrics<T extends Named>(metrics: readonly T[], text: string): T[] {
  const wanted = fold(text).slice(0, 100);
  if (wanted === '') return [];
  return metrics
    .map((metric) => ({ metric, apart: Math.min(...[metric.id, metric.name].map((key) => apart(wanted, fold(key)))) }))
    .filter((compared) => compared.apart <= 0.4)
    .sort((a, b) => a.apart - b.apart)
    .slice(0, 5)
    .map(({ metric }) => metric);
}

/** 0 for the same; a part of it, or its words in another order, is nearer than a typo. */
function apart(wanted: string, key: string): number {
  if (key === wanted) return 0;
  const size = Math.max(wanted.length, key.length);
  const whole = distance(wanted, key) / size;
  // Half of a long name, with a typo in it.
  const begun = wanted.length > 3 ? distance(wanted, key.slice(0, wanted.length)) / wanted.length + 0.15 : 1;
  const typos = Math.min(whole, begun);
  if (wanted.length > 2 && (key.includes(wanted) || wanted.includes(key))) return Math.min(typos, 0.3);
  const words = key.split(' ');
  const all = wanted.split(' ').every((word) => words.some((other) => other.startsWith(word)));
  return all ? Math.min(typos, 0.35) : typos;
}

function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
