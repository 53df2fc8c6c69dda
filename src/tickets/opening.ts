import { z } from 'zod';

/** Somebody wants a message to become a ticket. `responseUrl` is that of a press; a reaction has none. */
export type Opening = { userId: string; channelId: string; ts: string; responseUrl: string | null };

/** How a press of the shortcut is stored among events. */
export const SHORTCUT_EVENT = 'shortcut';

const user = z.string().regex(/^[UW][A-Z0-9]{2,}$/);
const channel = z.string().regex(/^[CGD][A-Z0-9]{2,}$/);
const ts = z.string().regex(/^\d+\.\d+$/);

const reactionSchema = z.object({
  user,
  reaction: z.string(),
  item: z.object({ type: z.literal('message'), channel, ts }),
});

/** The name of the emoji and what it was put on; `null` where that is no message. */
export function readReaction(event: unknown): (Opening & { emoji: string }) | null {
  const { user: userId, reaction, item } = reactionSchema.safeParse(event).data ?? {};
  if (!userId || reaction === undefined || !item) return null;
  return { userId, channelId: item.channel, ts: item.ts, responseUrl: null, emoji: reaction };
}

const pressSchema = z.object({ userId: user, channelId: channel, ts, responseUrl: z.string().nullable() });

/** A press of the shortcut, as it was stored. */
export function readPress(body: unknown): Opening | null {
  return pressSchema.safeParse(body).data ?? null;
}
