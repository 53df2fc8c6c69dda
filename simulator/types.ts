import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AnyBlock, MessageMetadata } from '@slack/types';
import type { JournalEntry } from './journal.ts';
import type { Workspace } from './workspace.ts';

/** What a simulator is made with; secrets must be those the bot was given. */
export type SimulatorOptions = {
  signingSecret: string;
  botToken: string;
  /** App-level token (xapp-) for Socket Mode; without it apps.connections.open answers not_allowed_token_type. */
  appToken?: string;
  /** The bot's one request URL, such as http://127.0.0.1:3000/slack/events; `connect` sets it later. */
  eventsUrl?: string;
  /** Where this simulator is reached, such as http://127.0.0.1:3000; `listen` sets it. */
  baseUrl?: string;
  /** The world at the start; the seeded one of seed.ts unless given. */
  workspace?: Workspace;
  /** Answers 429 with Retry-After at Slack's rates; false unless asked for. */
  rateLimits?: boolean;
  /** Granted bot scopes; those of manifest.yml unless given. */
  scopes?: string[];
  /** Slash commands and shortcuts on offer; those of manifest.yml unless given. */
  commands?: SlashCommand[];
  shortcuts?: Shortcut[];
  /** Event types sent; those of manifest.yml unless given. */
  events?: string[];
  /** How long the bot has to answer a delivery; 3000 unless given. */
  answerTimeoutMs?: number;
  /** Waits before the second, third and fourth attempt of an event; [0, 60_000, 300_000] unless given. */
  eventRetryDelaysMs?: number[];
  /** How long a completed upload takes before files.info says so; 50 unless given. */
  fileDelayMs?: number;
  now?: () => Date;
};

export type SlashCommand = { command: string; description: string; usage_hint?: string; should_escape?: boolean };
export type Shortcut = { type: 'global' | 'message'; name: string; callback_id: string; description: string };

/** An input's value as it lies in a view's state and in an interaction's payload. */
export type InputValue = {
  type: string;
  value?: string | null;
  selected_option?: OptionValue | null;
  selected_options?: OptionValue[];
  selected_user?: string | null;
  selected_users?: string[];
  selected_conversation?: string | null;
  selected_conversations?: string[];
  selected_channel?: string | null;
  selected_channels?: string[];
  selected_date?: string | null;
  selected_time?: string | null;
  selected_date_time?: number | null;
};
export type OptionValue = { text: { type: string; text: string; emoji?: boolean }; value: string };
/** block_id -> action_id -> value. */
export type StateValues = Record<string, Record<string, InputValue>>;
/** As StateValues, with only what the person gave; the field's type is known. */
export type GivenValues = Record<string, Record<string, Partial<InputValue>>>;

/** What was pressed or chosen; `value` of a button, `selected_*` of the rest. */
export type PageAction = InputValue & { block_id: string; action_id: string };

/** A script of failure. `method` is a Web API method, `*` for all, `response_url` or `upload`. */
export type Fault = {
  method: string;
  /** status: answer it and do nothing. lost: done, then the connection drops. hang: done nothing, no answer
   *  for `ms`. error: HTTP 200 with ok:false. rate_limited: 429 with `retryAfter` seconds. */
  kind: 'status' | 'lost' | 'hang' | 'error' | 'rate_limited';
  status?: number;
  error?: string;
  ms?: number;
  retryAfter?: number;
  /** How many calls fail; 1 unless given. */
  count?: number;
  /** How many calls are let through first; 0 unless given. */
  after?: number;
};

/** Where an interaction happens: a message the person sees, or an open view. */
export type Place = { channel: string; ts: string } | { view_id: string };

/** What became of something sent to the bot: `ok:false` says why as Slack's client would. */
export type Outcome = { ok: true } | { ok: false; error: string };
export type ViewOutcome =
  | { ok: true; errors?: undefined }
  | { ok: false; errors: Record<string, string> }
  | { ok: false; error: string; errors?: undefined };

// ---- What the page reads ---------------------------------------------------------------------------------

export type PageUser = {
  id: string;
  team_id: string;
  name: string;
  real_name: string;
  email: string | null;
  title: string;
  tz: string;
  is_bot: boolean;
  is_restricted: boolean;
  deleted: boolean;
  /** True for people of another workspace. */
  is_stranger: boolean;
  /** #rrggbb, for the avatar. */
  color: string;
};

export type PageChannel = {
  id: string;
  name: string;
  kind: 'channel' | 'private' | 'im' | 'mpim';
  is_ext_shared: boolean;
  is_archived: boolean;
  members: string[];
  /** The other person of a DM. */
  user: string | null;
  topic: string;
};

export type PageFile = { id: string; name: string; title: string; mimetype: string; size: number; url: string };

export type PageMessage = {
  channel: string;
  ts: string;
  user: string;
  /** The name that the app gave itself for this message. */
  username: string | null;
  text: string;
  /** Image blocks and elements with a slack_file also carry an `image_url` the browser can load. */
  blocks: AnyBlock[];
  bot_id: string | null;
  thread_ts: string | null;
  /** Also shown in the channel although it is a reply. */
  broadcast: boolean;
  reply_count: number;
  reply_users: string[];
  latest_reply: string | null;
  edited: boolean;
  /** Only this user sees it. */
  ephemeral: boolean;
  reactions: { name: string; users: string[] }[];
  files: PageFile[];
  subtype: string | null;
  metadata: MessageMetadata | null;
};

/** A modal or Home as views.open's answer has it. */
export type PageView = {
  id: string;
  type: 'modal' | 'home';
  title: string;
  submit: string | null;
  close: string | null;
  blocks: AnyBlock[];
  callback_id: string;
  hash: string;
  /** Where its fields stand; grows as the person acts. */
  state: { values: StateValues };
  root_view_id: string;
  previous_view_id: string | null;
};

/** GET /sim/state?user=U */
export type PageState = {
  team: { id: string; name: string };
  me: string;
  /** Ids of the people one may act as. */
  people: string[];
  users: PageUser[];
  /** Those `me` is a member of, and public ones. */
  channels: PageChannel[];
  bot: { user_id: string; bot_id: string; app_id: string; name: string };
  commands: SlashCommand[];
  shortcuts: Shortcut[];
  /** Open modals, the topmost last. */
  views: PageView[];
  /** Number of the last event of the stream that this state includes. */
  seq: number;
};

/** GET /sim/messages?user&channel: the channel's messages without replies, oldest first, ephemerals in their place;
 *  with thread_ts: the parent and its replies (and ephemerals of that thread). */
export type PageMessages = { messages: PageMessage[] };

/** One `data:` line of GET /sim/stream?user=U, with `id:` its number. */
export type StreamEvent =
  /** New or changed in any way (edit, reaction, reply count, file): replace by channel + ts, else insert. */
  | { type: 'message'; message: PageMessage }
  | { type: 'message_removed'; channel: string; ts: string }
  | { type: 'channel'; channel: PageChannel }
  /** The person's open modals after any change, the topmost last; [] closes all. */
  | { type: 'views'; views: PageView[] }
  | { type: 'home'; view: PageView }
  /** Slack's own words to this person, such as "/health failed with the error operation_timeout". */
  | { type: 'notice'; channel: string | null; text: string };

// ---- What the page sends: POST, JSON, answered with Outcome unless said otherwise -----------------------------

/** POST /sim/message. The text as typed: names after @ and # become mentions, all else is escaped. One that starts
 *  with / runs a slash command. Answer: Outcome with `ts` of the message. */
export type SendMessage = { user: string; channel: string; text: string; thread_ts?: string };
/** POST /sim/reaction */
export type SendReaction = { user: string; channel: string; ts: string; name: string; remove?: boolean };
/** POST /sim/action. `state` is that of all inputs shown in the message or view. */
export type SendAction = {
  user: string;
  channel?: string;
  ts?: string;
  view_id?: string;
  action: PageAction;
  state?: StateValues;
};
/** POST /sim/view. Submits or closes; answered with ViewOutcome. New, changed and closed views come by the stream. */
export type SendView = { user: string; view_id: string; submit: boolean; state?: StateValues };
/** POST /sim/options: what an external select offers for `value`. Answer: {ok, options?, option_groups?}. */
export type SendOptions = {
  user: string;
  channel?: string;
  ts?: string;
  view_id?: string;
  block_id: string;
  action_id: string;
  value: string;
};
/** POST /sim/shortcut: a global one, or with channel and ts one on a message. */
export type SendShortcut = { user: string; callback_id: string; channel?: string; ts?: string };
/** POST /sim/open: the DM of `user` with `other` (the bot, say). Answer: {ok, channel: PageChannel}. */
export type SendOpen = { user: string; other: string };
/** GET /sim/home?user=U opens the Home tab (the bot gets app_home_opened) and answers what was published so far. */
export type HomeAnswer = { view: PageView | null };

// ---- The simulator itself -----------------------------------------------------------------------------------

export type GivenFile = { name: string; type: string; bytes: Uint8Array };

/** `broadcast`: a reply that is also sent to the channel; `isMe`: as `/me` writes. With files there need be no text. */
export type SayOptions = { thread_ts?: string; broadcast?: boolean; isMe?: boolean; files?: readonly GivenFile[] };

/** What a person does resolves once the bot has answered; messages, reactions and events are told in the background. */
export type Simulator = {
  /** Serves one request: /api/*, /sim/*, /, /page/*, uploads, files, response URLs. False: not its path. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  /** Serves one WebSocket upgrade (Socket Mode). False: not its path. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** A server of its own on loopback; port 0 unless given. */
  listen(port?: number): Promise<{ url: string; apiUrl: string; port: number }>;
  /** Sets the bot's request URL. */
  connect(eventsUrl: string): void;
  /** Sends the bot's URL a challenge (url_verification), as Slack does before it takes one. */
  verifyUrl(): Promise<Outcome>;
  close(): Promise<void>;

  /** `text` as typed, but for mentions such as `<@U01MAYALIND>`, which are taken as they are; so with `command`. */
  say(user: string, channel: string, text: string, options?: SayOptions): Outcome & { ts?: string };
  /** Changes, or takes back, what the person wrote. */
  rewrite(user: string, channel: string, ts: string, text: string): Outcome;
  takeBack(user: string, channel: string, ts: string): Outcome;
  /** Shows what a link in a message leads to, which is no edit. */
  unfurl(channel: string, ts: string, attachments: unknown[]): Outcome;
  /** `text` is the whole line: `/health acme`. */
  command(user: string, channel: string, text: string): Promise<Outcome>;
  react(user: string, channel: string, ts: string, name: string, options?: { remove?: boolean }): Outcome;
  /** Acts on any interactive element; block_id may be left out where the action_id is the only one of its name. */
  act(
    user: string,
    place: Place,
    action: Partial<PageAction> & { action_id: string },
    state?: GivenValues,
  ): Promise<Outcome>;
  /** Presses the button with this action_id (and value, where several share it). */
  press(user: string, place: Place, actionId: string, value?: string): Promise<Outcome>;
  /** Chooses the option with this value in a static select, overflow menu or radio group. */
  select(user: string, place: Place, actionId: string, value: string): Promise<Outcome>;
  options(user: string, place: Place, actionId: string, value: string): Promise<Outcome & { options?: OptionValue[] }>;
  shortcut(user: string, callbackId: string, place?: { channel: string; ts: string }): Promise<Outcome>;
  submitView(user: string, viewId: string, state?: GivenValues): Promise<ViewOutcome>;
  closeView(user: string, viewId: string): Promise<Outcome>;
  openHome(user: string): Outcome;
  /** A member joins or leaves; the bot hears of it where it subscribed. */
  join(user: string, channel: string): Outcome;
  leave(user: string, channel: string): Outcome;
  /** Sends any event to the bot, as Slack would. */
  sendEvent(event: Record<string, unknown> & { type: string }): Promise<Outcome>;
  /** The id of the DM between the user and `other` (the bot unless given), opened if need be. */
  dm(user: string, other?: string): string;

  /** What the user sees, oldest first, ephemerals included; with `thread_ts` that thread. */
  messages(channel: string, asUser: string, threadTs?: string): PageMessage[];
  ephemerals(channel: string, asUser: string): PageMessage[];
  /** Open modals, the topmost last. */
  views(user: string): PageView[];
  home(user: string): PageView | null;
  notices(user: string): string[];

  readonly journal: readonly JournalEntry[];
  fault(fault: Fault): void;
  clearFaults(): void;
  /** Tells Socket Mode connections to go away, as Slack does now and then; clients come back. */
  refreshSockets(): void;
  /** The next `count` deliveries are signed wrongly ("secret") or dated wrongly ("timestamp"). */
  signWrongly(how: 'secret' | 'timestamp', count?: number): void;
  /** Resolves when nothing is under way and nothing happened for `quietMs` (100). */
  waitForIdle(quietMs?: number): Promise<void>;
  /** Resolves with the first truthy value of `predicate`, asked after every journal entry; rejects after `timeoutMs` (5000). */
  waitFor<T>(predicate: () => T | undefined | null | false, timeoutMs?: number): Promise<T>;
  readonly workspace: Workspace;
};
