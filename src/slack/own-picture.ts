import type { WebClient } from '@slack/web-api';
import { fingerprintOf } from '../chart/parts.ts';
import { renderPng } from '../chart/png.ts';
import {
  findPictureThread,
  findTrendPicture,
  insertPictureThread,
  type PictureKey,
  type PictureThread,
  upsertTrendPicture,
} from '../db/trend-pictures.ts';
import type { Db } from '../db/types.ts';
import { deleteMessage } from './messages.ts';
import { startThread, untilUsable, uploadPicture } from './pictures.ts';

/** A picture to upload, and how it is called and told. */
export type Drawing = { svg: string; filename: string; title: string; altText: string };

type Place = { db: Db; slack: WebClient };

/**
 * The id of a file that shows the drawing, in the thread of the person's direct messages: the one they have, else a new
 * one. A person's pictures are used again until what they show changes.
 */
export async function ownPicture({ db, slack }: Place, drawing: Drawing, key: PictureKey): Promise<string> {
  const fingerprint = fingerprintOf(drawing.svg);
  const known = await findTrendPicture(db, key);
  if (known?.fingerprint === fingerprint && (await untilUsable(slack, known.fileId))) return known.fileId;
  const fileId = await uploadDrawing(slack, drawing, await ownThread({ db, slack }, key.slackUserId));
  // Before waiting, so that another attempt waits for this file instead of uploading it again.
  await upsertTrendPicture(db, { ...key, fingerprint, fileId });
  await waitUntilUsable(slack, fileId);
  return fileId;
}

/** Draws and uploads a picture as a reply in a thread. Returns the file's id, which may not be usable yet. */
export async function uploadDrawing(
  slack: WebClient,
  { svg, ...drawing }: Drawing,
  place: PictureThread,
): Promise<string> {
  return uploadPicture(slack, { ...place, ...drawing, png: await renderPng(svg) });
}

/** Waits until a new file can be shown. Throws when it was deleted at once. */
export async function waitUntilUsable(slack: WebClient, fileId: string): Promise<void> {
  if (!(await untilUsable(slack, fileId))) throw new Error(`The picture ${fileId} was deleted at once`);
}

async function ownThread({ db, slack }: Place, slackUserId: string): Promise<PictureThread> {
  const known = await findPictureThread(db, slackUserId);
  if (known) return known;
  const text = 'The trend pictures of the accounts that you ask me about are kept in this thread.';
  const started = await startThread(slack, slackUserId, text);
  const thread = await insertPictureThread(db, slackUserId, started);
  if (thread.threadTs !== started.threadTs) await deleteMessage(slack, started.channelId, started.threadTs);
  return thread;
}
