import type { Option, OptionGroup } from '@slack/types';
import type {
  HomeAnswer,
  Outcome,
  PageChannel,
  PageMessages,
  PageState,
  SendAction,
  SendMessage,
  SendOpen,
  SendOptions,
  SendReaction,
  SendShortcut,
  SendView,
  StreamEvent,
  ViewOutcome,
} from '../types.ts';

/** The simulator did not answer as its contract says; the message can be shown. */
class SimulatorError extends Error {
  readonly code = 'simulator_error';
  override readonly name = 'SimulatorError';
}

/** The workspace as `user` sees it; null asks for whoever comes first. */
export function getState(user: string | null): Promise<PageState> {
  return get(`/sim/state${user === null ? '' : `?user=${encodeURIComponent(user)}`}`);
}

/** The channel's messages, or with `threadTs` those of one thread. */
export function getMessages(user: string, channel: string, threadTs?: string): Promise<PageMessages> {
  const query = new URLSearchParams({ user, channel, ...(threadTs === undefined ? {} : { thread_ts: threadTs }) });
  return get(`/sim/messages?${query}`);
}

/** Opens the Home tab; the bot hears of it. */
export function getHome(user: string): Promise<HomeAnswer> {
  return get(`/sim/home?user=${encodeURIComponent(user)}`);
}

export const sendMessage = (body: SendMessage): Promise<Outcome> => post('/sim/message', body);
export const sendReaction = (body: SendReaction): Promise<Outcome> => post('/sim/reaction', body);
export const sendAction = (body: SendAction): Promise<Outcome> => post('/sim/action', body);
export const sendView = (body: SendView): Promise<ViewOutcome> => post('/sim/view', body);
export const sendShortcut = (body: SendShortcut): Promise<Outcome> => post('/sim/shortcut', body);
export const openDm = (body: SendOpen): Promise<{ ok: boolean; channel?: PageChannel; error?: string }> =>
  post('/sim/open', body);
export const loadOptions = (
  body: SendOptions,
): Promise<{ ok: boolean; options?: Option[]; option_groups?: OptionGroup[] }> => post('/sim/options', body);

const EXPLANATIONS: Record<string, string> = {
  operation_timeout: 'The app did not answer in time.',
  dispatch_failed: 'The app could not be reached or answered with an error.',
  is_archived: 'This channel is archived.',
  not_in_channel: 'You are not a member of this channel.',
  message_not_found: 'That message is gone.',
  not_found: 'That is gone.',
  no_such_element: 'That is no longer part of the message.',
  thread_not_found: 'The message of this thread is gone.',
  channel_not_found: 'That conversation is not there, or not for you.',
  invalid_options: 'The app offered options that Slack does not take.',
  invalid_response_errors: 'The app answered with errors for fields that are not there.',
  invalid_response_action: 'The app answered with a response_action that Slack does not know.',
};

/** An error code of an Outcome in words; other texts as they are. */
export function explainError(error: string): string {
  return EXPLANATIONS[error] ?? error;
}

/** Follows what happens to `user` after event `since`; `open` runs at each (re)connection. Returns how to stop. */
export function followStream(
  user: string,
  since: number,
  on: { open: () => void; lost: () => void; event: (event: StreamEvent) => void },
): () => void {
  const source = new EventSource(`/sim/stream?user=${encodeURIComponent(user)}&since=${since}`);
  source.onopen = on.open;
  source.onerror = on.lost;
  source.onmessage = (message: MessageEvent<string>) => on.event(JSON.parse(message.data) as StreamEvent);
  return () => source.close();
}

async function get<T>(path: string): Promise<T> {
  return read(await fetch(path, { headers: { accept: 'application/json' } }));
}

async function post<T>(path: string, body: object): Promise<T> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return read(response);
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  const body = parse(text);
  if (response.ok && body !== null) return body as T;
  const reason = body !== null && 'error' in body ? String(body.error) : text.slice(0, 200);
  throw new SimulatorError(`The simulator answered ${response.status}: ${reason}`);
}

function parse(text: string): object | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' ? body : null;
  } catch {
    return null;
  }
}
