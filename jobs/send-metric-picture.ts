import { z } from 'zod';
import { chartOf, chartWords, metricPictureMessage } from '../blocks/metric-picture.ts';
import { metricTrend, metricTrendOf } from '../blocks/metric-trend.ts';
import { metricTrendSvg } from '../src/chart/metric-trend.ts';
import { localDay } from '../src/days.ts';
import { findHealthViewById } from '../src/db/health-view.ts';
import { readMetricTrend } from '../src/metrics/read-trend.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { plain } from '../src/slack/escape.ts';
import { ownPicture } from '../src/slack/own-picture.ts';
import { answerTo } from '../src/slack/response-url.ts';

const payload = z.strictObject({
  accountId: z.string(),
  userId: z.string(),
  metric: z.string(),
  days: z.int().positive(),
  /** The answer that the picture belongs to. */
  target: z.strictObject({
    responseUrl: z.url(),
    /** Whether it took the place of a pressed message; only such an answer can be replaced again. */
    replace: z.boolean(),
    asked: z.string().nullable(),
    until: z.iso.datetime(),
  }),
});

/** Draws an account's metric over some days, uploads it where its reader sees it, and shows it with the figures. */
export const sendMetricPicture: JobDefinition<z.infer<typeof payload>> = {
  name: 'send-metric-picture',
  description: "draw an account's metric and show it with its figures",
  payload,
  async run({ accountId, userId, metric: id, days, target }, deps) {
    const now = deps.now();
    if (now >= new Date(target.until)) return { skipped: 'nobody waits for it any more' };
    const today = localDay(now, deps.config.timeZone);
    const metric = deps.playbook.metrics.find((each) => each.id === id);
    const view = await findHealthViewById(deps.db, accountId, today);
    const kept = metric && (await readMetricTrend(deps.db, { accountId, metric, days, today }));
    if (!metric || !view || !kept) return { skipped: 'there is nothing to draw' };
    const trend = metricTrendOf(view, metric, kept, deps.playbook);
    const chart = chartOf(trend, kept.figures, kept.stored, deps.playbook);
    if (!chart) return { skipped: 'there is nothing to draw' };
    const altText = chartWords(trend, kept.figures, chart, deps.playbook);
    const drawing = {
      svg: metricTrendSvg(chart),
      filename: 'metric-trend.png',
      title: plain(`${metric.name} of ${view.account.name}, the ${days} days to ${chart.to}`, 200),
      altText,
    };
    const key = { accountId, slackUserId: userId, shows: `${id} ${days}d` };
    const picture = { fileId: await ownPicture(deps, drawing, key), altText };
    const message = target.replace
      ? metricTrend(trend, { pack: deps.playbook, today, now, picture, asked: target.asked })
      : metricPictureMessage(trend, kept.figures, picture);
    await answerTo(target.responseUrl, message, { replace: target.replace });
    return { fileId: picture.fileId };
  },
};
