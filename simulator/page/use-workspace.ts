import { createContext, use, useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { Outcome, PageChannel, PageState, PageUser } from '../types.ts';
import { explainError, followStream, getHome, getMessages, getState } from './api.ts';
import { changeStore, EMPTY_STORE, type Store } from './store.ts';

export type Workspace = {
  store: Store;
  state: PageState;
  me: string;
  users: Map<string, PageUser>;
  channels: Map<string, PageChannel>;
  /** What a person is called here; the id when nobody knows. */
  nameOf: (user: string) => string;
  /** `#name` of a channel, the other person's name of a DM. */
  titleOf: (channel: PageChannel) => string;
  readThread: (channel: string, threadTs: string) => void;
  readHome: () => void;
  addChannel: (channel: PageChannel) => void;
  dismiss: (notice: number) => void;
  /** Takes away the notices shown in a channel. */
  dismissAll: (channel: string) => void;
  /** Runs something the person did and shows why when it did not work. True when it did. */
  attempt: (channel: string | null, doing: Promise<Outcome>) => Promise<boolean>;
};

export const WorkspaceContext = createContext<Workspace | null>(null);

/** The workspace around a component; only for use below its provider. */
export function useWorkspace(): Workspace {
  const workspace = use(WorkspaceContext);
  if (workspace === null) throw new Error('useWorkspace() needs a WorkspaceContext around it');
  return workspace;
}

/**
 * Reads and follows the workspace as `user` sees it (null: whoever comes first); null until the first answer,
 * the failure when there is none. `reading` is the channel in view, whose messages are kept read.
 */
export function useSimulator(user: string | null, reading: string | null): Workspace | { failure: string } | null {
  const [store, change] = useReducer(changeStore, EMPTY_STORE);
  const [failure, setFailure] = useState<string | null>(null);
  const latest = useRef({ store, reading });
  latest.current = { store, reading };
  const me = store.state?.me ?? null;

  const notice = useCallback((channel: string | null, text: string) => change({ type: 'notice', channel, text }), []);
  const failed = useCallback((error: unknown) => notice(null, describe(error)), [notice]);

  const readState = useCallback(async () => {
    const asked = latest.current.store.tick;
    change({ type: 'state', state: await getState(user), asked });
  }, [user]);

  const readChannel = useCallback(async (who: string, channel: string, threadTs?: string, anew = false) => {
    const asked = latest.current.store.tick;
    const { messages } = await getMessages(who, channel, threadTs);
    change({ type: 'messages', channel, messages, asked, whole: threadTs === undefined, anew });
  }, []);

  useEffect(() => {
    readState().catch((error: unknown) => setFailure(describe(error)));
  }, [readState]);

  useEffect(() => {
    if (me === null) return;
    return followStream(me, latest.current.store.state?.seq ?? 0, {
      open: () => {
        if (latest.current.store.connected) return;
        change({ type: 'connection', connected: true });
        // The simulator may have been started anew in between, with nothing left of its stream.
        readState().catch(failed);
        for (const channel of Object.keys(latest.current.store.loaded))
          readChannel(me, channel, undefined, true).catch(failed);
      },
      lost: () => change({ type: 'connection', connected: false }),
      event: (event) => change({ type: 'event', event, reading: latest.current.reading }),
    });
  }, [me, readState, readChannel, failed]);

  useEffect(() => {
    if (me === null || reading === null) return;
    change({ type: 'read', channel: reading });
    if (latest.current.store.loaded[reading] !== true) readChannel(me, reading).catch(failed);
  }, [me, reading, readChannel, failed]);

  return useMemo(() => {
    const { state } = store;
    if (state === null || me === null) return failure === null ? null : { failure };
    const users = new Map(state.users.map((one) => [one.id, one]));
    const nameOf = (id: string) => users.get(id)?.real_name ?? (id === state.bot.user_id ? state.bot.name : id);
    return {
      store,
      state,
      me,
      users,
      channels: new Map(state.channels.map((channel) => [channel.id, channel])),
      nameOf,
      titleOf: (channel) => (channel.kind === 'im' ? nameOf(channel.user ?? '') : `#${channel.name}`),
      readThread: (channel, threadTs) => void readChannel(me, channel, threadTs).catch(failed),
      readHome: () => {
        const asked = latest.current.store.tick;
        getHome(me).then(({ view }) => change({ type: 'home', view, asked }), failed);
      },
      addChannel: (channel) => change({ type: 'event', event: { type: 'channel', channel }, reading }),
      dismiss: (id) => change({ type: 'dismiss', id }),
      dismissAll: (channel) => change({ type: 'dismiss_all', channel }),
      attempt: async (channel, doing) => {
        try {
          const outcome = await doing;
          if (!outcome.ok) notice(channel, explainError(outcome.error));
          return outcome.ok;
        } catch (error) {
          failed(error);
          return false;
        }
      },
    };
  }, [store, me, failure, reading, readChannel, failed, notice]);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
