import { z } from 'zod';
import { channelMessages } from './lookup.ts';
import { edit, post, remove } from './messages.ts';
import { postedBlocks } from './posted.ts';
import { type Hook, nextId, SlackRefusal, type State, type StoredMessage } from './state.ts';
import { findChannel } from './workspace.ts';

const LIFE = 30 * 60_000;
const MOST_USES = 5;

/** Makes a response_url; it works 5 times within 30 minutes. */
export function createHook(
  state: State,
  place: { user: string; channel: string; thread_ts?: string | null; original?: StoredMessage | null },
): string {
  const id = nextId(state, 'H');
  const { user, channel, thread_ts = null, original = null } = place;
  state.hooks.set(id, { id, user, channel, thread_ts, original, uses: 0, expires: state.now().getTime() + LIFE });
  return `${state.baseUrl}/actions/${state.workspace.team.id}/${id}`;
}

const message = z.looseObject({
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  attachments: z.unknown().optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).optional(),
  replace_original: z.union([z.boolean(), z.stringbool()]).optional(),
  delete_original: z.union([z.boolean(), z.stringbool()]).optional(),
  thread_ts: z.string().optional(),
});

/** Serves a POST to a response_url; answers as Slack does. */
export function answerHook(state: State, id: string, body: unknown): { status: number; text: string } {
  const hook = state.hooks.get(id);
  const args = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const answer = (status: number, error: string | null) => {
    state.journal.add({ kind: 'response_url', id, uses: hook?.uses ?? 0, args, status, error });
    return { status, text: error === null ? 'ok' : JSON.stringify({ ok: false, error }) };
  };
  if (!hook || state.now().getTime() > hook.expires) return answer(404, 'expired_url');
  if (hook.uses >= MOST_USES) return answer(404, 'used_url');
  const parsed = message.safeParse(body);
  if (!parsed.success) return answer(400, 'invalid_payload');
  try {
    respond(state, hook, parsed.data);
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return answer(400, error.answer.error);
  }
  hook.uses += 1;
  return answer(200, null);
}

/** Does what an answer to a command or interaction asks for: a new message, a change or the end of the original. A
 *  command has no original, so its answers are always new messages. */
export function respond(state: State, hook: Hook, body: z.infer<typeof message>): void {
  const channel = findChannel(state.workspace, hook.channel);
  if (!channel) throw new SlackRefusal('channel_not_found');
  const { original } = hook;
  const changes = body.delete_original || body.replace_original;
  if (changes && original && !channelMessages(state, channel.id).includes(original)) {
    throw new SlackRefusal('message_not_found');
  }
  if (body.delete_original && original) {
    remove(state, channel, original);
    return;
  }
  const content = postedBlocks(state, { text: body.text, blocks: body.blocks, attachments: body.attachments });
  if (body.replace_original && original) {
    edit(state, channel, original, content, state.workspace.app.bot_user_id);
    return;
  }
  const isEphemeral = body.response_type !== 'in_channel';
  post(state, {
    channel,
    user: state.workspace.app.bot_user_id,
    is_bot: true,
    ...content,
    thread_ts: body.thread_ts ?? hook.thread_ts,
    ephemeral_to: isEphemeral ? hook.user : null,
  });
}

/** Reads the body of a direct answer to a command; null when it says nothing. */
export function readAnswer(body: unknown): z.infer<typeof message> | null {
  if (body === '' || body === null || body === undefined) return null;
  if (typeof body !== 'object') return { text: String(body) };
  const parsed = message.safeParse(body);
  return parsed.success && (parsed.data.text || parsed.data.blocks) ? parsed.data : null;
}
