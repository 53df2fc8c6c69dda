import type { AnyBlock, MessageMetadata } from '@slack/types';
import type { WebSocket } from 'ws';
import type { DeliveryKind, Journal } from './journal.ts';
import type { Scripted } from './scripted-faults.ts';
import type { Stream } from './stream.ts';
import type { Fault, Shortcut, SlashCommand, StateValues } from './types.ts';
import type { Workspace } from './workspace.ts';

/** The options with every default filled in. */
export type Settings = {
  signingSecret: string;
  botToken: string;
  appToken: string | null;
  rateLimits: boolean;
  scopes: string[];
  commands: SlashCommand[];
  shortcuts: Shortcut[];
  events: string[];
  answerTimeoutMs: number;
  eventRetryDelaysMs: number[];
  fileDelayMs: number;
};

export type StoredMessage = {
  channel: string;
  ts: string;
  user: string;
  text: string;
  blocks: AnyBlock[];
  attachments: unknown[];
  /** Posted by the app rather than a person. */
  is_bot: boolean;
  thread_ts: string | null;
  broadcast: boolean;
  edited: { user: string; ts: string } | null;
  reactions: { name: string; users: string[] }[];
  files: string[];
  metadata: MessageMetadata | null;
  subtype: string | null;
  /** The only one who sees it; null for all. */
  ephemeral_to: string | null;
  /** The name that the app gave itself for this message. */
  username: string | null;
};

export type StoredView = {
  id: string;
  user: string;
  type: 'modal' | 'home';
  title: { type: string; text: string } | null;
  submit: { type: string; text: string } | null;
  close: { type: string; text: string } | null;
  blocks: AnyBlock[];
  private_metadata: string;
  callback_id: string;
  external_id: string;
  clear_on_close: boolean;
  notify_on_close: boolean;
  hash: string;
  state: { values: StateValues };
  root_view_id: string;
  previous_view_id: string | null;
};

export type StoredFile = {
  id: string;
  name: string;
  title: string;
  alt_text: string;
  mimetype: string;
  size: number;
  created: number;
  state: 'reserved' | 'uploaded' | 'completing' | 'ready';
  bytes: Buffer;
  /** Where it was posted. */
  shares: { channel: string; ts: string }[];
};

/** A response_url: where it answers to and how often it was used. */
export type Hook = {
  id: string;
  user: string;
  channel: string;
  thread_ts: string | null;
  /** The message whose button was pressed. */
  original: StoredMessage | null;
  uses: number;
  /** Milliseconds since 1970. */
  expires: number;
};

type Trigger = { user: string; expires: number; used: boolean; view: string | null };

/** What the bot answered to a delivery, or why it did not. */
export type Reply =
  | { ok: true; status: number; body: unknown; noRetry: boolean }
  | { ok: false; reason: 'http_timeout' | 'http_error' | 'connection_failed'; status: number | null; noRetry: boolean };

/** A way to the bot: HTTP or a Socket Mode connection. */
export type Transport = (request: {
  what: DeliveryKind;
  body: Record<string, unknown>;
  /** 0 for the first attempt. */
  attempt: number;
  retryReason: string | null;
}) => Promise<Reply>;

/** All that the simulator knows; made once by createSimulator and passed to everything below it. */
export type State = {
  settings: Settings;
  now: () => Date;
  baseUrl: string;
  eventsUrl: string | null;
  workspace: Workspace;
  journal: Journal;
  stream: Stream;
  /** By channel, in order of ts. */
  messages: Map<string, StoredMessage[]>;
  views: Map<string, StoredView>;
  /** Ids of each person's open modals, the topmost last. */
  stacks: Map<string, string[]>;
  /** Id of what is published on each person's Home. */
  homes: Map<string, string>;
  files: Map<string, StoredFile>;
  hooks: Map<string, Hook>;
  triggers: Map<string, Trigger>;
  /** Slack's own words to people. */
  notices: { user: string; text: string }[];
  faults: Scripted<Fault>[];
  /** How the next deliveries are signed wrongly. */
  wrongSignatures: ('secret' | 'timestamp')[];
  rates: Map<string, { tokens: number; at: number }>;
  counters: Map<string, number>;
  /** Microseconds of the last ts given out. */
  lastTs: number;
  /** What is under way; `track` keeps it. */
  work: Set<Promise<unknown>>;
  closing: AbortController;
  /** Socket Mode: tickets given out, and connections open. */
  tickets: Set<string>;
  sockets: Set<WebSocket>;
  transport: Transport;
};

/** The next id of a kind, such as F0000000001; the same in each run. */
export function nextId(state: State, prefix: string): string {
  const next = (state.counters.get(prefix) ?? 0) + 1;
  state.counters.set(prefix, next);
  return `${prefix}${next.toString(36).toUpperCase().padStart(10, '0')}`;
}

/** A message timestamp: now, and later than any before. */
export function nextTs(state: State): string {
  state.lastTs = Math.max(state.now().getTime() * 1000, state.lastTs + 1);
  return `${Math.floor(state.lastTs / 1_000_000)}.${String(state.lastTs % 1_000_000).padStart(6, '0')}`;
}

/** Counts a promise as work under way until it settles. */
export function track<T>(state: State, promise: Promise<T>): Promise<T> {
  state.work.add(promise);
  const done = () => state.work.delete(promise);
  promise.then(done, done);
  return promise;
}

/** Waits, though no longer than the simulator lives. False: it was closed meanwhile. */
export function pause(state: State, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (state.closing.signal.aborted) return resolve(false);
    const stop = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      state.closing.signal.removeEventListener('abort', stop);
      resolve(true);
    }, ms);
    state.closing.signal.addEventListener('abort', stop, { once: true });
  });
}

/** Slack's refusal: the `error` code and whatever else the answer says. */
export class SlackRefusal extends Error {
  readonly code = 'slack_refusal';
  override readonly name = 'SlackRefusal';
  readonly answer: Record<string, unknown> & { error: string };

  constructor(error: string, rest: Record<string, unknown> = {}) {
    super(error);
    this.answer = { ...rest, error };
  }
}
