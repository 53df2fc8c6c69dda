import { z } from 'zod';
import { SlackRefusal, type State } from '../state.ts';
import { type Channel, findChannel, isDirect } from '../workspace.ts';

type Result = Record<string, unknown> | Promise<Record<string, unknown>>;

/** A Web API method as the dispatcher calls it. */
export type Method = {
  name: string;
  token: 'bot' | 'app' | 'none';
  /** All scopes that the call needs. */
  scopes(state: State, args: unknown): string[];
  /** Calls a minute, and what they are counted by besides the method. */
  rate: { perMinute: number; burst?: number; by?: string };
  run(state: State, args: unknown): Result;
};

/** Makes a method of a checked `args` schema; faulty arguments are refused with invalid_arguments. */
export function method<T extends z.ZodType>(definition: {
  name: string;
  token?: Method['token'];
  scopes?: string[] | ((args: z.infer<T>, state: State) => string[]);
  rate: Method['rate'];
  args: T;
  run(state: State, args: z.infer<T>): Result;
}): Method {
  const { name, token = 'bot', scopes = [], rate, args: schema, run } = definition;
  const read = (args: unknown) => {
    const parsed = schema.safeParse(args, { reportInput: true });
    if (parsed.success) return parsed.data;
    const messages = parsed.error.issues.map((issue) => {
      const field = issue.path.join('/');
      const isMissing = issue.input === undefined;
      return isMissing
        ? `[ERROR] missing required field: ${field}`
        : `[ERROR] ${issue.message} [json-pointer:/${field}]`;
    });
    throw new SlackRefusal('invalid_arguments', { response_metadata: { messages } });
  };
  return {
    name,
    token,
    rate,
    scopes: (state, args) => (typeof scopes === 'function' ? scopes(read(args), state) : scopes),
    run: (state, args) => run(state, read(args)),
  };
}

// How often Slack lets a method be called, by its tier.
export const TIER_2 = { perMinute: 20 };
export const TIER_3 = { perMinute: 50 };
export const TIER_4 = { perMinute: 100 };

/** A yes or no as forms and JSON send it. */
export const flag = z.union([z.boolean(), z.stringbool()]);
/** A whole number as forms and JSON send it. */
export const whole = z.coerce.number().int();

/** A value that forms send as JSON text. */
export const json = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }, schema);

/** `limit` and `cursor`. */
export const paging = { limit: whole.optional(), cursor: z.string().optional() };

/** One page of a list, and the cursor of the next; refuses with invalid_limit or invalid_cursor. */
export function page<T>(
  items: T[],
  { limit, cursor }: { limit?: number | undefined; cursor?: string | undefined },
  { standard, most }: { standard: number; most: number },
): { items: T[]; next_cursor: string } {
  const size = limit === undefined || limit === 0 ? standard : limit;
  if (size < 1 || size > most) throw new SlackRefusal('invalid_limit');
  const start = Number(/^offset:(\d+)$/.exec(Buffer.from(cursor ?? '', 'base64').toString())?.[1] ?? 0);
  if (cursor && cursor !== cursorOf(start)) throw new SlackRefusal('invalid_cursor');
  const end = start + size;
  const next_cursor = end < items.length ? cursorOf(end) : '';
  return { items: items.slice(start, end), next_cursor };
}

const cursorOf = (start: number) => Buffer.from(`offset:${start}`).toString('base64');

/** A conversation that the bot may know of; refuses with channel_not_found. */
export function knownChannel(state: State, id: string): Channel {
  const channel = findChannel(state.workspace, id);
  const isMember = channel?.members.includes(state.workspace.app.bot_user_id) ?? false;
  if (!channel || (channel.kind !== 'channel' && !isMember)) throw new SlackRefusal('channel_not_found');
  return channel;
}

/** A conversation that the bot is in; refuses also with not_in_channel. */
export function joinedChannel(state: State, id: string): Channel {
  const channel = knownChannel(state, id);
  if (!channel.members.includes(state.workspace.app.bot_user_id)) throw new SlackRefusal('not_in_channel');
  return channel;
}

/** The scope that a conversation's kind asks for: channels:read, groups:read, im:read or mpim:read, or :history. */
export function kindScope(state: State, id: string, what: 'read' | 'history'): string[] {
  const channel = findChannel(state.workspace, id);
  if (channel && isDirect(channel)) return [`${channel.kind}:${what}`];
  return [`${channel?.kind === 'private' ? 'groups' : 'channels'}:${what}`];
}
