import { setTimeout as sleep } from 'node:timers/promises';
import type { State } from './state.ts';

/** Resolves when no call or delivery is under way and the journal did not grow for `quietMs`. */
export async function waitForIdle(state: State, quietMs = 100): Promise<void> {
  for (;;) {
    await Promise.allSettled([...state.work]);
    const before = state.journal.list().length;
    await sleep(quietMs);
    if (state.work.size === 0 && state.journal.list().length === before) return;
  }
}

/** Resolves with the first truthy answer of `predicate`, asked now and after each journal entry. */
export function waitFor<T>(state: State, predicate: () => T | undefined | null | false, timeoutMs = 5000): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearTimeout(timer);
      stop();
    };
    const ask = () => {
      try {
        const answer = predicate();
        if (!answer) return;
        finish();
        resolve(answer);
      } catch (error) {
        finish();
        reject(error);
      }
    };
    const stop = state.journal.watch(ask);
    const timer = setTimeout(() => {
      stop();
      const last = state.journal
        .list()
        .slice(-5)
        .map((entry) => JSON.stringify(entry).slice(0, 300));
      reject(new Error(`Nothing came of it in ${timeoutMs} ms. The last entries:\n${last.join('\n')}`));
    }, timeoutMs);
    ask();
  });
}
