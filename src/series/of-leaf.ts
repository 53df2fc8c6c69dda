import { createHash } from 'node:crypto';
import type { CompiledMetric, EventLeaf } from '../metrics/types.ts';
import type { Series } from './types.ts';

/** Asked of every account: its newest event. Without any, its silence means nothing. */
export const newestEvent: EventLeaf = {
  kind: 'event',
  measure: 'last_seen',
  events: [{ name: null, properties: [], userTraits: [] }],
  property: null,
  byUser: false,
  window: { days: null, daysAgo: 0 },
};

/** The series that a leaf is put together from; how many different values there are also needs to know of silence. */
export function seriesOfLeaf({ measure, events, byUser, property }: EventLeaf): readonly Series[] {
  const count: Series = { kind: 'count', events, byUser, property: null };
  switch (measure) {
    case 'count':
      return [count];
    case 'sum':
    case 'average':
    case 'minimum':
    case 'maximum':
    case 'latest':
      return [{ kind: 'number', events, byUser, property }];
    case 'distinct':
      return [{ kind: 'values', events, byUser, property }, count];
    case 'users':
    case 'user_days':
      return [{ kind: 'users', events, byUser: true, property: null }];
    case 'first_seen':
    case 'last_seen':
      return [{ kind: 'seen', events, byUser, property: null }];
  }
}

/** What `metrics` need, each once, by hash; `newestEvent` is always among it. */
export function seriesOfMetrics(metrics: readonly CompiledMetric[], timeZone: string): Map<string, Series> {
  const leaves = metrics.flatMap((metric) => metric.leaves.map(({ leaf }) => leaf));
  const events = leaves.filter((leaf) => leaf.kind === 'event');
  const series = [newestEvent, ...events].flatMap(seriesOfLeaf);
  return new Map(series.map((one) => [hashOfSeries(one, timeZone), one]));
}

/** Tells series apart, SHA-256 in hex. Days are those of a time zone, so in another it is another series. */
export function hashOfSeries({ kind, events, byUser, property }: Series, timeZone: string): string {
  const matches = events.map(({ name, properties, userTraits }) => [
    name,
    conditions(properties),
    conditions(userTraits),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([kind, matches, byUser, property, timeZone]))
    .digest('hex');
}

function conditions(list: EventLeaf['events'][number]['properties']) {
  return list.map(({ key, anyOf }) => [key, anyOf]);
}
