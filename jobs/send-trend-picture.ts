import { z } from 'zod';
import { healthCard } from '../blocks/health-card.ts';
import { trendMessage, trendOf, trendWords } from '../blocks/trend-image.ts';
import { trendSvg } from '../src/chart/trend.ts';
import { localDay } from '../src/days.ts';
import { findHealthViewById } from '../src/db/health-view.ts';
import { findTrendDays } from '../src/db/trend-pictures.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { plain } from '../src/slack/escape.ts';
import { updateMessage } from '../src/slack/messages.ts';
import { ownPicture, uploadDrawing, waitUntilUsable } from '../src/slack/own-picture.ts';
import { answerTo } from '../src/slack/response-url.ts';

const payload = z.strictObject({
  accountId: z.string(),
  userId: z.string(),
  /** Whose card the picture belongs to: an answer that only the asker sees, or a message for all. */
  target: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('answer'),
      responseUrl: z.url(),
      /** Whether the card took the place of a pressed message; only such an answer can be replaced again. */
      replace: z.boolean(),
      asked: z.string().nullable(),
      until: z.iso.datetime(),
    }),
    z.strictObject({ kind: z.literal('message'), channelId: z.string(), ts: z.string() }),
  ]),
});
type Payload = z.infer<typeof payload>;

/**
 * Draws an account's trend, uploads it where its reader sees it, and shows it with the card. Without it the card stands as
 * it is.
 */
export const sendTrendPicture: JobDefinition<Payload> = {
  name: 'send-trend-picture',
  description: 'draw the trend of an account and show it with the card',
  payload,
  async run({ accountId, userId, target }, deps) {
    const now = deps.now();
    if (target.kind === 'answer' && now >= new Date(target.until)) return { skipped: 'nobody waits for it any more' };
    const today = localDay(now, deps.config.timeZone);
    const view = await findHealthViewById(deps.db, accountId, today);
    const day = view?.latest?.day;
    const trend = day ? trendOf(await findTrendDays(deps.db, accountId, day), deps.playbook) : null;
    if (!view || !trend) return { skipped: 'there is nothing to draw' };
    const card = { pack: deps.playbook, today, now };
    const drawing = {
      svg: trendSvg(trend),
      filename: 'health-trend.png',
      title: `Health of ${plain(view.account.name, 90)}, the 90 days to ${trend.to}`,
      altText: trendWords(trend, deps.playbook),
    };
    if (target.kind === 'message') {
      const place = { channelId: target.channelId, threadTs: target.ts };
      const fileId = await uploadDrawing(deps.slack, drawing, place);
      await waitUntilUsable(deps.slack, fileId);
      const message = healthCard(view, { ...card, picture: { fileId, trend }, sharedBy: userId });
      await updateMessage(deps.slack, target.channelId, target.ts, message);
      return { fileId };
    }
    const fileId = await ownPicture(deps, drawing, { accountId, slackUserId: userId, shows: 'health' });
    const picture = { fileId, trend };
    const message = target.replace
      ? healthCard(view, { ...card, picture, asked: target.asked })
      : trendMessage(view.account.name, picture, deps.playbook);
    await answerTo(target.responseUrl, message, { replace: target.replace });
    return { fileId };
  },
};
