import { setTimeout as wait } from 'node:timers/promises';
import { ErrorCode, type WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { z } from 'zod';
import { postMessage } from './messages.ts';

const UPLOAD_MS = 10_000;
/** How long Slack may take to make an uploaded file usable, and the pauses between looking, which double. */
const USABLE_MS = 20_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

const uploadSchema = z.object({ upload_url: z.url(), file_id: z.string().min(1) });
const ids = z.array(z.string()).optional();
const infoSchema = z.object({
  file: z.object({
    mimetype: z.string().nullish(),
    shares: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
    channels: ids,
    groups: ids,
    ims: ids,
  }),
});

/** A picture, and the thread it is kept in. */
export type Upload = {
  png: Buffer;
  filename: string;
  title: string;
  altText: string;
  channelId: string;
  threadTs: string;
};

/** Uploads a PNG as a reply in a thread. Returns the file's id; an image block may show it once it is usable. */
export async function uploadPicture(slack: WebClient, upload: Upload): Promise<string> {
  const { png, filename, title, altText, channelId, threadTs } = upload;
  const place = uploadSchema.parse(
    await slack.files.getUploadURLExternal({ filename, length: png.length, alt_text: altText }),
  );
  const sent = await fetch(place.upload_url, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(png),
    signal: AbortSignal.timeout(UPLOAD_MS),
  });
  if (!sent.ok) throw new Error(`Slack refused the bytes of a picture: ${sent.status}`);
  await slack.files.completeUploadExternal({
    files: [{ id: place.file_id, title }],
    channel_id: channelId,
    thread_ts: threadTs,
  });
  return place.file_id;
}

/**
 * Waits until an image block may show the file: before Slack has processed and shared it, it calls it invalid. False when
 * somebody has deleted it; throws when it takes too long.
 */
export async function untilUsable(slack: WebClient, fileId: string): Promise<boolean> {
  let pause = FIRST_PAUSE_MS;
  for (let waited = 0; waited <= USABLE_MS; waited += pause, pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const state = await look(slack, fileId);
    if (state !== 'waiting') return state === 'usable';
    await wait(pause);
  }
  throw new Error(`Slack has not made the picture ${fileId} usable within ${USABLE_MS / 1000} s`);
}

async function look(slack: WebClient, fileId: string): Promise<'usable' | 'waiting' | 'deleted'> {
  try {
    const { file } = infoSchema.parse(await slack.files.info({ file: fileId }));
    const { shares = {}, channels = [], groups = [], ims = [] } = file;
    const places = [...Object.values(shares).flatMap(Object.keys), ...channels, ...groups, ...ims];
    return file.mimetype?.startsWith('image/') && places.length > 0 ? 'usable' : 'waiting';
  } catch (error) {
    // Whatever else goes wrong while looking, a rate limit or a lost answer, is worth another look.
    return isGone(error) ? 'deleted' : 'waiting';
  }
}

function isGone(error: unknown): boolean {
  const { code, data } = error as Partial<WebAPIPlatformError>;
  return code === ErrorCode.PlatformError && ['file_not_found', 'file_deleted'].includes(data?.error ?? '');
}

/** Opens a thread in somebody's direct messages with the bot. Returns where it is. */
export async function startThread(
  slack: WebClient,
  userId: string,
  text: string,
): Promise<{ channelId: string; threadTs: string }> {
  const opened = await slack.conversations.open({ users: userId });
  const channelId = z.string().min(1).parse(opened.channel?.id);
  return { channelId, threadTs: await postMessage(slack, channelId, { text }) };
}
