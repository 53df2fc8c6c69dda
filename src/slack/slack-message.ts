import { z } from 'zod';
import type { Home } from './identity.ts';

const text = z.string().nullish();
const flag = z.boolean().nullish().transform(Boolean);

const fileSchema = z.object({
  id: z.string(),
  name: text,
  title: text,
  mimetype: text,
  size: z.number().int().nonnegative().nullish(),
  url_private: text,
  url_private_download: text,
  permalink: text,
  mode: text,
  is_external: flag,
  file_access: text,
});

/** A file as Slack describes it. */
export type SlackFile = z.output<typeof fileSchema>;

/** What matters of a message, as the Web API and events have it. */
export const slackMessageSchema = z.object({
  ts: z.string().regex(/^\d+\.\d+$/),
  thread_ts: z
    .string()
    .regex(/^\d+\.\d+$/)
    .nullish(),
  subtype: text,
  user: text,
  bot_id: text,
  username: text,
  text: text.transform((value) => value ?? ''),
  files: z.array(fileSchema).nullish().catch(null),
  attachments: z
    .array(z.object({ fallback: text, pretext: text, title: text, text, from_url: text, is_share: flag }))
    .nullish()
    .catch(null),
  blocks: z.array(z.unknown()).nullish().catch(null),
  edited: z.object({ ts: z.string() }).nullish().catch(null),
  permalink: text,
  reply_count: z.number().int().nullish(),
  user_profile: z.object({ real_name: text, display_name: text }).nullish().catch(null),
});

/** A message of Slack's. */
export type SlackMessage = z.output<typeof slackMessageSchema>;

/** What people write, whichever way; other subtypes tell of what happened in a channel. */
const said = new Set([
  null,
  undefined,
  '',
  'me_message',
  'file_share',
  'thread_broadcast',
  'bot_message',
  'file_comment',
]);

/** Whether somebody or something says something in a message. */
export function isSaid({ subtype }: Pick<SlackMessage, 'subtype'>): boolean {
  return said.has(subtype);
}

/** Whether the bot itself wrote a message: by its ids, whatever name it stands under. */
export function isOwn({ user, bot_id }: Pick<SlackMessage, 'user' | 'bot_id'>, { botUserId, botId }: Home): boolean {
  if (user) return user === botUserId;
  return Boolean(bot_id) && bot_id === botId;
}

/**
 * What a message says in Slack's markup, also where it has no text but blocks or attachments, as apps post them. What is
 * forwarded, and what an app attaches, is said, too; what Slack unfolds of a link is not.
 */
export function markupOf({ text: words, attachments, blocks, bot_id }: SlackMessage): string {
  const hasWords = words.trim() !== '';
  const attached = (attachments ?? [])
    .filter(({ from_url, is_share }) => !hasWords || is_share || (bot_id && !from_url))
    .flatMap(({ pretext, title, text: body, fallback }) => {
      const parts = [pretext, title, body].filter(Boolean);
      return parts.length > 0 ? parts : [fallback ?? ''];
    });
  return [...(hasWords ? [words] : textsIn(blocks ?? [])), ...attached].filter((each) => each?.trim()).join('\n');
}

/** The texts of blocks, in their order. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  const { text: words, type } = value as { text?: unknown; type?: unknown };
  if (typeof words === 'string' && typeof type === 'string') {
    yield words;
    return;
  }
  for (const child of Object.values(value)) yield* textsIn(child);
}
