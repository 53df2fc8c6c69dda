import { z } from 'zod';
import { METRIC_PAGE_SIZE, metricList } from '../../blocks/metric-list.ts';
import { noAccountsOfMine } from '../../blocks/my-accounts.ts';
import { localDay } from '../../src/days.ts';
import { findAccountValues } from '../../src/db/metric-lists.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { directionOf } from '../../src/health/direction.ts';
import { bandCode, compileScale } from '../../src/health/scale.ts';
import type { BandBounds, MetricValue } from '../../src/health/types.ts';
import { rankAccounts } from '../../src/metrics/rank.ts';
import type { CompiledMetric } from '../../src/metrics/types.ts';
import { mrkdwn } from '../../src/slack/escape.ts';
import type { Message } from '../../src/slack/response-url.ts';
import type { Request } from '../types.ts';
import type { MetricQuery } from './parse-list.ts';
import { bandsIn } from './words.ts';

/** What a list without a condition on the change compares with. */
const USUAL_DAYS = 30;

/** What the button of a page carries. */
const pageSchema = z.strictObject({
  metric: z.string(),
  condition: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.enum(['fell', 'rose']), percent: z.number().positive(), days: z.int().min(1).max(730) }),
      z.strictObject({ kind: z.enum(['above', 'below']), value: z.number() }),
    ])
    .nullable(),
  mine: z.boolean(),
  page: z.int().min(1),
});

/** One page of the accounts that were asked for; a page that is not there becomes the last. */
export async function listByMetric(
  { person }: Request,
  query: MetricQuery,
  page: number,
  { db, playbook, config, now }: Deps,
): Promise<Message> {
  const { metric, condition, mine } = query;
  if (metric.type !== 'number' && condition) throw new UserError(notANumber(metric));
  if (mine && person.email === null) return noAccountsOfMine(null);
  const today = localDay(now(), config.timeZone);
  const days = condition && 'percent' in condition ? condition.days : USUAL_DAYS;
  const csmEmail = mine ? person.email : null;
  const values = await findAccountValues(db, { metric: metric.id, daysAgo: days, today, csmEmail });
  if (mine && values.length === 0) return noAccountsOfMine(person.email);
  const bands = bandsIn(playbook.models, metric.id);
  const better = metric.type === 'number' ? directionOf(bands) : null;
  const { ranked, withoutData } = rankAccounts(values, {
    type: metric.type,
    condition,
    better,
    worstOf: badness(bands),
  });
  const shown = Math.max(1, Math.min(page, Math.ceil(ranked.length / METRIC_PAGE_SIZE)));
  return metricList(
    {
      metric,
      condition,
      mine,
      better,
      accounts: ranked.slice((shown - 1) * METRIC_PAGE_SIZE, shown * METRIC_PAGE_SIZE),
      total: ranked.length,
      withoutData,
      all: values.length,
      days,
      page: shown,
      pageValue: (other) => JSON.stringify({ metric: metric.id, condition, mine, page: other }),
    },
    { pack: playbook, today },
  );
}

/** The list and page that a button stands for. Throws a UserError when it is from another version. */
export function readPage(value: string, metrics: readonly CompiledMetric[]): { query: MetricQuery; page: number } {
  const read = pageSchema.safeParse(parsed(value));
  const metric = metrics.find(({ id }) => id === read.data?.metric);
  if (!read.success || !metric) throw new UserError('This list is no longer there; please ask for it again.');
  return { query: { ...read.data, metric }, page: read.data.page };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** How bad a text or boolean is by the first bands that speak of it: 0 is poor; what none knows comes last. */
function badness(bands: readonly BandBounds[]): (value: MetricValue) => number {
  const scales = bands.map(compileScale);
  return (value) => scales.map((scale) => bandCode(scale, value)).find((code) => code >= 0) ?? 3;
}

function notANumber({ name, type }: CompiledMetric): string {
  const what = type === 'text' ? 'a text' : 'yes or no';
  return `${mrkdwn(name, 80)} is ${what}, which neither falls nor rises. Leave the condition out to list the accounts.`;
}
