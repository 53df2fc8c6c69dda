import type { EventStore } from './events/store.ts';

/** What figures share. */
type Shared = { events: EventStore };

/** A figure of `npm run bench`: a ratio to something measured in the same run, so that it holds on any machine. */
export type Benchmark = {
  /** In snake case, as `npm run bench -- NAME` takes it. */
  name: string;
  /** What the ratio should stay below, or above. */
  goal: { atMost: number } | { atLeast: number };
  run(shared: Shared): Promise<{ ratio: number; detail: Record<string, unknown> }>;
};
