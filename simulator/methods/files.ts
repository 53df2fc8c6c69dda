import type { AnyBlock } from '@slack/types';
import { z } from 'zod';
import { mimetypeOf } from '../files.ts';
import { fileJson } from '../json.ts';
import { post } from '../messages.ts';
import { readBlocks } from '../posted.ts';
import { nextId, pause, SlackRefusal, type State, type StoredFile, track } from '../state.ts';
import type { Channel } from '../workspace.ts';
import { joinedChannel, json, method, TIER_4, whole } from './method.ts';

const LARGEST = 1_073_741_824;

const record = (state: State, file: StoredFile) =>
  state.journal.add({ kind: 'file', file: file.id, state: file.state, name: file.name });

/** Takes the bytes sent to an upload URL; null when the URL is unknown or was used, or the length is wrong. */
export function receiveUpload(state: State, id: string, bytes: Buffer): string | null {
  const file = state.files.get(id);
  if (file?.state !== 'reserved' || bytes.length !== file.size) return null;
  file.bytes = bytes;
  file.state = 'uploaded';
  record(state, file);
  return `OK - ${bytes.length}`;
}

type Sharing = { channels: Channel[]; text: string; thread_ts: string | null; blocks: AnyBlock[] };

/** Slack looks at a file for a while before it has a type and is posted. */
async function finish(state: State, files: StoredFile[], sharing: Sharing): Promise<void> {
  // Also where all is closed meanwhile: a job under way that waits for the file shall end.
  await pause(state, state.settings.fileDelayMs);
  for (const file of files) {
    file.mimetype = mimetypeOf(file.name, file.bytes);
    file.state = 'ready';
  }
  for (const channel of sharing.channels) {
    const message = post(state, {
      channel,
      user: state.workspace.app.bot_user_id,
      is_bot: true,
      subtype: 'file_share',
      text: sharing.text,
      blocks: sharing.blocks,
      thread_ts: sharing.thread_ts,
      files: files.map(({ id }) => id),
    });
    for (const file of files) file.shares.push({ channel: channel.id, ts: message.ts });
  }
  for (const file of files) record(state, file);
}

/** files.getUploadURLExternal, files.completeUploadExternal and files.info. */
export const fileMethods = [
  method({
    name: 'files.getUploadURLExternal',
    scopes: ['files:write'],
    rate: TIER_4,
    args: z.object({
      filename: z.string().min(1),
      length: whole,
      alt_text: z.string().max(1000).optional(),
      alt_txt: z.string().max(1000).optional(),
      snippet_type: z.string().optional(),
    }),
    run: (state, args) => {
      if (args.length < 1 || args.length > LARGEST) throw new SlackRefusal('invalid_arguments');
      const file: StoredFile = {
        id: nextId(state, 'F'),
        name: args.filename,
        title: '',
        alt_text: args.alt_text ?? args.alt_txt ?? '',
        mimetype: '',
        size: args.length,
        created: Math.floor(state.now().getTime() / 1000),
        state: 'reserved',
        bytes: Buffer.alloc(0),
        shares: [],
      };
      state.files.set(file.id, file);
      record(state, file);
      return { upload_url: `${state.baseUrl}/upload/v1/${file.id}`, file_id: file.id };
    },
  }),
  method({
    name: 'files.completeUploadExternal',
    scopes: ['files:write'],
    rate: TIER_4,
    args: z.object({
      files: json(z.array(z.object({ id: z.string(), title: z.string().optional() })).min(1)),
      channel_id: z.string().optional(),
      channels: z.string().optional(),
      initial_comment: z.string().optional(),
      thread_ts: z.string().optional(),
      blocks: z.unknown().optional(),
    }),
    run: (state, args) => {
      const ids = [args.channel_id ?? '', ...(args.channels ?? '').split(',')].flatMap((id) => id.trim() || []);
      const channels = ids.map((id) => joinedChannel(state, id));
      if (channels.some(({ is_archived }) => is_archived)) throw new SlackRefusal('is_archived');
      const blocks = readBlocks(state, args.blocks);
      const files = args.files.map(({ id, title }) => {
        const file = state.files.get(id);
        if (file?.state !== 'uploaded') throw new SlackRefusal('file_not_found');
        file.title = title ?? '';
        return file;
      });
      for (const file of files) {
        file.state = 'completing';
        record(state, file);
      }
      const sharing = { channels, text: args.initial_comment ?? '', thread_ts: args.thread_ts ?? null, blocks };
      void track(state, finish(state, files, sharing));
      return { files: files.map((file) => fileJson(state, file)) };
    },
  }),
  method({
    name: 'files.info',
    scopes: ['files:read'],
    rate: TIER_4,
    args: z.object({ file: z.string(), limit: whole.optional(), cursor: z.string().optional() }),
    run: (state, args) => {
      const file = state.files.get(args.file);
      if (!file || file.state === 'reserved' || file.state === 'uploaded') throw new SlackRefusal('file_not_found');
      return { file: fileJson(state, file), comments: [], response_metadata: { next_cursor: '' } };
    },
  }),
];
