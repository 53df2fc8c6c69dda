import { z } from 'zod';
import { healthCard } from '../blocks/health-card.ts';
import { trendMessage, trendOf, trendWords } from '../blocks/trend-image.ts';
import { renderPng } from '../src/chart/png.ts';
import { fingerprintOf, type Trend, trendSvg } from '../src/chart/trend.ts';
import { localDay } from '../src/days.ts';
import { findHealthViewById, type HealthView } from '../src/db/health-view.ts';
import {
  findPictureThread,
  findTrendDays,
  findTrendPicture,
  insertPictureThread,
  type PictureThread,
  upsertTrendPicture,
} from '../src/db/trend-pictures.ts';
import type { Deps } from '../src/deps.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { plain } from '../src/slack/escape.ts';
import { deleteMessage, updateMessage } from '../src/slack/messages.ts';
import { startThread, untilUsable, uploadPicture } from '../src/slack/pictures.ts';
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
 * Draws an account's trend, uploads it where its reader sees it, and shows it with the card. A person's pictures lie in
 * one thread of their direct messages and are used again until the trend changes. Without it the card stands as it is.
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
    const drawing = { trend, svg: trendSvg(trend), view };
    if (target.kind === 'message') {
      const fileId = await upload(drawing, { channelId: target.channelId, threadTs: target.ts }, deps);
      await usable(fileId, deps);
      const message = healthCard(view, { ...card, picture: { fileId, trend }, sharedBy: userId });
      await updateMessage(deps.slack, target.channelId, target.ts, message);
      return { fileId };
    }
    const picture = { fileId: await ownPicture(drawing, userId, deps), trend };
    const message = target.replace
      ? healthCard(view, { ...card, picture, asked: target.asked })
      : trendMessage(view.account.name, picture, deps.playbook);
    await answerTo(target.responseUrl, message, { replace: target.replace });
    return { fileId: picture.fileId };
  },
};

type Drawing = { trend: Trend; svg: string; view: HealthView };

/** The picture in the person's own thread: the one they have of this trend, else a new one. */
async function ownPicture(drawing: Drawing, slackUserId: string, deps: Deps): Promise<string> {
  const key = { accountId: drawing.view.account.id, slackUserId };
  const fingerprint = fingerprintOf(drawing.svg);
  const known = await findTrendPicture(deps.db, key);
  if (known?.fingerprint === fingerprint && (await untilUsable(deps.slack, known.fileId))) return known.fileId;
  const fileId = await upload(drawing, await ownThread(slackUserId, deps), deps);
  // Before waiting, so that another attempt waits for this file instead of uploading it again.
  await upsertTrendPicture(deps.db, { ...key, fingerprint, fileId });
  await usable(fileId, deps);
  return fileId;
}

async function ownThread(slackUserId: string, { db, slack }: Deps): Promise<PictureThread> {
  const known = await findPictureThread(db, slackUserId);
  if (known) return known;
  const text = 'The trend pictures of the accounts that you ask me about are kept in this thread.';
  const started = await startThread(slack, slackUserId, text);
  const thread = await insertPictureThread(db, slackUserId, started);
  if (thread.threadTs !== started.threadTs) await deleteMessage(slack, started.channelId, started.threadTs);
  return thread;
}

async function upload({ trend, svg, view }: Drawing, place: PictureThread, { slack, playbook }: Deps): Promise<string> {
  return uploadPicture(slack, {
    ...place,
    png: await renderPng(svg),
    filename: 'health-trend.png',
    title: `Health of ${plain(view.account.name, 90)}, the 90 days to ${trend.to}`,
    altText: trendWords(trend, playbook),
  });
}

async function usable(fileId: string, { slack }: Deps): Promise<void> {
  if (!(await untilUsable(slack, fileId))) throw new Error(`The picture ${fileId} was deleted at once`);
}
