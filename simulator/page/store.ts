import type { PageChannel, PageMessage, PageState, PageView, StreamEvent } from '../types.ts';

type Notice = { id: number; channel: string | null; text: string };

/** All that the page knows of the workspace as one person sees it. */
export type Store = {
  /** Null until the first answer. */
  state: PageState | null;
  /** channel -> ts -> message, replies included. */
  messages: Record<string, Record<string, PageMessage>>;
  /** Channels whose messages were read. */
  loaded: Record<string, true>;
  home: PageView | null;
  unread: Record<string, number>;
  notices: Notice[];
  connected: boolean;
  /** How often the connection came back. */
  connections: number;
  /** Counts events, to tell whether an answer is older than one. */
  tick: number;
  /** When an event last spoke of a message, of the modals and so on. */
  touched: Record<string, number>;
};

export type Change =
  | { type: 'connection'; connected: boolean }
  | { type: 'state'; state: PageState; asked: number }
  /** `whole`: the channel; else one thread of it. `anew`: after a pause, so that replies may be out of date too. */
  | { type: 'messages'; channel: string; messages: PageMessage[]; asked: number; whole: boolean; anew?: boolean }
  | { type: 'home'; view: PageView | null; asked: number }
  | { type: 'event'; event: StreamEvent; reading: string | null }
  | { type: 'read'; channel: string }
  | { type: 'notice'; channel: string | null; text: string }
  | { type: 'dismiss'; id: number }
  | { type: 'dismiss_all'; channel: string };

export const EMPTY_STORE: Store = {
  state: null,
  messages: {},
  loaded: {},
  home: null,
  unread: {},
  notices: [],
  connected: true,
  connections: 0,
  tick: 0,
  touched: {},
};

/** The next store. Answers asked for before an event never undo that event. */
export function changeStore(store: Store, change: Change): Store {
  const fresh = (key: string, asked: number) => (store.touched[key] ?? -1) <= asked;
  switch (change.type) {
    case 'connection':
      return {
        ...store,
        connected: change.connected,
        connections: store.connections + (change.connected && !store.connected ? 1 : 0),
      };
    case 'state': {
      const views = fresh('views', change.asked) ? change.state.views : (store.state?.views ?? change.state.views);
      return { ...store, state: { ...change.state, views } };
    }
    case 'messages': {
      const known = store.messages[change.channel] ?? {};
      const next: Record<string, PageMessage> = {};
      for (const [ts, message] of Object.entries(known)) {
        const isOutside = !change.whole || (isReply(message) && !change.anew);
        if (isOutside || !fresh(messageKey(change.channel, ts), change.asked)) next[ts] = message;
      }
      for (const message of change.messages) {
        if (fresh(messageKey(change.channel, message.ts), change.asked)) next[message.ts] = message;
      }
      const loaded = change.whole ? { ...store.loaded, [change.channel]: true as const } : store.loaded;
      return { ...store, messages: { ...store.messages, [change.channel]: next }, loaded };
    }
    case 'home':
      return fresh('home', change.asked) ? { ...store, home: change.view } : store;
    case 'event':
      return applyEvent({ ...store, tick: store.tick + 1 }, change.event, change.reading);
    case 'read':
      return { ...store, unread: { ...store.unread, [change.channel]: 0 } };
    case 'notice':
      return addNotice({ ...store, tick: store.tick + 1 }, change.channel, change.text);
    case 'dismiss':
      return { ...store, notices: store.notices.filter((notice) => notice.id !== change.id) };
    case 'dismiss_all': {
      const isElsewhere = (place: string | null) => place !== null && place !== change.channel;
      return { ...store, notices: store.notices.filter(({ channel }) => isElsewhere(channel)) };
    }
  }
}

function applyEvent(store: Store, event: StreamEvent, reading: string | null): Store {
  const touch = (key: string): Store => ({ ...store, touched: { ...store.touched, [key]: store.tick } });
  switch (event.type) {
    case 'message': {
      const { message } = event;
      const known = store.messages[message.channel] ?? {};
      return {
        ...touch(messageKey(message.channel, message.ts)),
        messages: { ...store.messages, [message.channel]: { ...known, [message.ts]: message } },
        unread: isNews(store, message, reading)
          ? { ...store.unread, [message.channel]: (store.unread[message.channel] ?? 0) + 1 }
          : store.unread,
      };
    }
    case 'message_removed': {
      const { [event.ts]: _, ...rest } = store.messages[event.channel] ?? {};
      return {
        ...touch(messageKey(event.channel, event.ts)),
        messages: { ...store.messages, [event.channel]: rest },
      };
    }
    case 'channel':
      return store.state === null
        ? store
        : { ...store, state: { ...store.state, channels: putChannel(store.state.channels, event.channel) } };
    case 'views':
      return store.state === null
        ? touch('views')
        : { ...touch('views'), state: { ...store.state, views: event.views } };
    case 'home':
      return { ...touch('home'), home: event.view };
    case 'notice':
      return addNotice(store, event.channel, event.text);
  }
}

/** Whether a message makes its channel unread: a new one, by someone else, elsewhere. */
function isNews(store: Store, message: PageMessage, reading: string | null): boolean {
  if (message.channel === reading || message.user === store.state?.me || isReply(message)) return false;
  if (store.messages[message.channel]?.[message.ts] !== undefined) return false;
  return !message.edited && message.reactions.length === 0 && message.reply_count === 0;
}

function addNotice(store: Store, channel: string | null, text: string): Store {
  return { ...store, notices: [...store.notices, { id: store.tick, channel, text }].slice(-3) };
}

function putChannel(channels: PageChannel[], channel: PageChannel): PageChannel[] {
  const at = channels.findIndex(({ id }) => id === channel.id);
  return at < 0 ? [...channels, channel] : channels.with(at, channel);
}

function messageKey(channel: string, ts: string): string {
  return `${channel}/${ts}`;
}

/** True for a message that lives in a thread and not in its channel. */
function isReply(message: PageMessage): boolean {
  return message.thread_ts !== null && message.thread_ts !== message.ts && !message.broadcast;
}

/** What a channel shows, oldest first. */
export function channelMessages(store: Store, channel: string): PageMessage[] {
  return sorted(store, channel).filter((message) => !isReply(message));
}

/** A thread's parent and replies, oldest first. */
export function threadMessages(store: Store, channel: string, threadTs: string): PageMessage[] {
  return sorted(store, channel).filter(({ ts, thread_ts }) => ts === threadTs || thread_ts === threadTs);
}

function sorted(store: Store, channel: string): PageMessage[] {
  return Object.values(store.messages[channel] ?? {}).sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0));
}
