import { z } from 'zod';
import { metricImage } from '../blocks/metric-picture.ts';
import { chartOfUse, pictureOfUse, wordsOfUse } from '../blocks/renewal-use.ts';
import { metricTrendSvg } from '../src/chart/metric-trend.ts';
import { localDay } from '../src/days.ts';
import { findRenewalAccount } from '../src/db/renewal-view.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { readUse } from '../src/renewals/read-brief.ts';
import { plain } from '../src/slack/escape.ts';
import { ownPicture } from '../src/slack/own-picture.ts';
import { answerTo } from '../src/slack/response-url.ts';

const payload = z.strictObject({
  renewalId: z.int(),
  userId: z.string(),
  target: z.strictObject({ responseUrl: z.url(), until: z.iso.datetime() }),
});

/** Draws the use of twelve months of a contract's account, uploads it where its reader sees it, and shows it to them. */
export const sendRenewalPicture: JobDefinition<z.infer<typeof payload>> = {
  name: 'send-renewal-picture',
  description: 'draw the use of the twelve months before a renewal and show it',
  payload,
  async run({ renewalId, userId, target }, deps) {
    const now = deps.now();
    if (now >= new Date(target.until)) return { skipped: 'nobody waits for it any more' };
    const { db, playbook, config } = deps;
    const account = await findRenewalAccount(db, renewalId);
    if (!account) return { skipped: 'the renewal is gone' };
    const today = localDay(now, config.timeZone);
    const context = { today, now, timeZone: config.timeZone, settings: playbook.renewals };
    const use = await readUse(db, account.accountId, account.date, context);
    const usage = { ...playbook.renewals.usage, currency: account.currency };
    const chart = chartOfUse(use, usage);
    if (!chart) {
      await answerTo(target.responseUrl, { text: 'There is no use to draw: no data of the last 12 months.' });
      return { skipped: 'there is nothing to draw' };
    }
    const altText = plain(wordsOfUse(use, usage), 1900);
    const drawing = {
      svg: metricTrendSvg(chart),
      filename: 'renewal-use.png',
      title: plain(`${usage.name} of ${account.name}, the 12 months to ${chart.to}`, 200),
      altText,
    };
    const key = { accountId: account.accountId, slackUserId: userId, shows: 'renewal 12m' };
    const fileId = await ownPicture(deps, drawing, key);
    await answerTo(target.responseUrl, pictureOfUse(account.name, usage, chart, metricImage({ fileId, altText })));
    return { fileId };
  },
};
