import type { StreamEvent } from './types.ts';

const KEPT = 2000;

/** What pages are told as it happens, numbered from 1. */
export type Stream = {
  publish(users: readonly string[], event: StreamEvent): void;
  /** Sends what `user` missed after `since`, then all that follows, until the returned function is called. */
  subscribe(user: string, since: number, send: (seq: number, event: StreamEvent) => void): () => void;
  seq(): number;
};

/** A stream that keeps its last events for pages that connect late. */
export function createStream(): Stream {
  const kept: { seq: number; users: readonly string[]; event: StreamEvent }[] = [];
  const listeners = new Map<object, { user: string; send: (seq: number, event: StreamEvent) => void }>();
  let last = 0;
  return {
    publish(users, event) {
      last += 1;
      kept.push({ seq: last, users, event });
      if (kept.length > KEPT) kept.shift();
      for (const { user, send } of [...listeners.values()]) if (users.includes(user)) send(last, event);
    },
    subscribe(user, since, send) {
      for (const each of kept) if (each.seq > since && each.users.includes(user)) send(each.seq, each.event);
      const key = {};
      listeners.set(key, { user, send });
      return () => listeners.delete(key);
    },
    seq: () => last,
  };
}
