import { Readable } from 'node:stream';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { refusalOf } from './failures.ts';

const uploadMs = 120_000;

const reservedSchema = z.object({ upload_url: z.url(), file_id: z.string().min(1) });
const ids = z.array(z.string()).nullish();
const infoSchema = z.object({
  file: z.object({
    shares: z.record(z.string(), z.record(z.string(), z.unknown())).nullish(),
    channels: ids,
    groups: ids,
  }),
});

/** A place for a file that is not there yet. */
export type ReservedFile = { fileId: string; uploadUrl: string };

/** Has Slack make a place for a file. Until the file is shared nobody sees it. */
export async function reserveFile(
  slack: WebClient,
  { name, size }: { name: string; size: number },
): Promise<ReservedFile> {
  const answer = reservedSchema.parse(await slack.files.getUploadURLExternal({ filename: name, length: size }));
  return { fileId: answer.file_id, uploadUrl: answer.upload_url };
}

/** Sends the bytes of a file as they come, and shares it in a thread. Throws when Slack does not take it. */
export async function shareFile(
  slack: WebClient,
  { fileId, uploadUrl }: ReservedFile,
  file: { name: string; size: number; bytes: AsyncIterable<Uint8Array>; channelId: string; threadTs: string },
): Promise<void> {
  const init: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(file.size) },
    body: Readable.toWeb(Readable.from(file.bytes)) as ReadableStream,
    duplex: 'half',
    signal: AbortSignal.timeout(uploadMs),
  };
  const sent = await fetch(uploadUrl, init);
  await sent.arrayBuffer();
  if (!sent.ok) throw new Error(`Slack refused the bytes of a file: ${sent.status}`);
  await slack.files.completeUploadExternal({
    files: [{ id: fileId, title: file.name }],
    channel_id: file.channelId,
    thread_ts: file.threadTs,
  });
}

/** Whether a file is shared in a channel. Throws when Slack does not tell for now. */
export async function isFileShared(slack: WebClient, fileId: string, channelId: string): Promise<boolean> {
  try {
    const { shares, channels, groups } = infoSchema.parse(await slack.files.info({ file: fileId })).file;
    const places = [...Object.values(shares ?? {}).flatMap(Object.keys), ...(channels ?? []), ...(groups ?? [])];
    return places.includes(channelId);
  } catch (error) {
    if (['file_not_found', 'file_deleted'].includes(refusalOf(error) ?? '')) return false;
    throw error;
  }
}
