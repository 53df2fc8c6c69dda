import { accountMetrics } from '../../blocks/metric-menu.ts';
import { chartOf, chartWords, type MetricPicture } from '../../blocks/metric-picture.ts';
import { type MetricTrend, metricTrend, metricTrendOf, noValuesYet } from '../../blocks/metric-trend.ts';
import { metricTrendSvg } from '../../src/chart/metric-trend.ts';
import { fingerprintOf } from '../../src/chart/parts.ts';
import type { HealthView } from '../../src/db/health-view.ts';
import { findNewestValues } from '../../src/db/metric-trend.ts';
import { findTrendPicture } from '../../src/db/trend-pictures.ts';
import type { Deps } from '../../src/deps.ts';
import { type KeptTrend, readMetricTrend } from '../../src/metrics/read-trend.ts';
import type { CompiledMetric } from '../../src/metrics/types.ts';
import type { Message } from '../../src/slack/response-url.ts';
import { accepted, cardContext, orderPicture, untilWhen } from '../health/answers.ts';
import type { Request } from '../types.ts';

/** Which metric over how many days, and how the answer is given. */
export type WantedTrend = { metric: CompiledMetric; days: number; asked: string | null; replace: boolean };

/** Answers with the figures of an account's metric at once; the picture comes with it when Slack has it already, else a job brings it. */
export async function answerWithTrend(
  request: Request,
  view: HealthView,
  { metric, days, asked, replace }: WantedTrend,
  deps: Deps,
): Promise<void> {
  const { account } = view;
  const context = { ...cardContext(deps), asked };
  const kept = await readMetricTrend(deps.db, { accountId: account.id, metric, days, today: context.today });
  if (!kept) return request.respond(noValuesYet({ account, metric }), { replace });
  const trend = metricTrendOf(view, metric, kept, deps.playbook);
  const drawn = drawingOf(trend, kept, deps);
  if (!drawn) return request.respond(metricTrend(trend, context), { replace });
  const key = { accountId: account.id, slackUserId: request.person.id, shows: `${metric.id} ${days}d` };
  const known = await findTrendPicture(deps.db, key);
  if (known?.fingerprint === fingerprintOf(drawn.svg)) {
    const picture: MetricPicture = { fileId: known.fileId, altText: drawn.altText };
    if (await accepted(request, metricTrend(trend, { ...context, picture }), { replace }, deps)) return;
  }
  await request.respond(metricTrend(trend, context), { replace });
  const target = { responseUrl: request.responseUrl, replace, asked, until: untilWhen(context.now) };
  const payload = { accountId: account.id, userId: request.person.id, metric: metric.id, days, target };
  await orderPicture('send-metric-picture', payload, deps);
}

/** The metrics of an account to choose from; `fault` says why none was taken. */
export async function metricsToChoose({ account }: HealthView, fault: string | null, deps: Deps): Promise<Message> {
  const { today } = cardContext(deps);
  const ids = deps.playbook.metrics.map(({ id }) => id);
  const values = await findNewestValues(deps.db, { accountId: account.id, today }, ids);
  return accountMetrics(account, values, { pack: deps.playbook, today, fault });
}

function drawingOf(
  trend: MetricTrend,
  { figures, stored }: KeptTrend,
  { playbook }: Deps,
): { svg: string; altText: string } | null {
  const chart = chartOf(trend, figures, stored, playbook);
  return chart && { svg: metricTrendSvg(chart), altText: chartWords(trend, figures, chart, playbook) };
}
