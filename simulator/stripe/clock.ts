import { type State, seconds, timeOf } from './state.ts';

/** Does something when the clock comes to a time, in seconds; what is for the same time happens in the order it was put in. */
export function later(state: State, at: number, run: () => void): void {
  const { due } = state.clock;
  let index = due.length;
  while (index > 0 && due[index - 1]!.at > at) index -= 1;
  due.splice(index, 0, { at, run });
}

/** How far back a time may be that was read from a clock that runs. */
const SLACK = 1000;

/** Moves the clock on. At each time that something falls due for, it waits until the webhook was told. */
export async function moveTo(state: State, target: number): Promise<void> {
  const { clock } = state;
  if (clock.at !== null) throw new Error('The clock is being moved already');
  const start = timeOf(state);
  const isNew = state.events.length === 0;
  if (!isNew && target < start - SLACK) throw new Error('The clock only moves on');
  const end = isNew ? target : Math.max(target, start);
  clock.at = Math.min(start, end);
  try {
    await state.webhook.last;
    while (clock.due[0] !== undefined && clock.due[0].at * 1000 <= end) {
      clock.at = Math.max(clock.at, clock.due[0].at * 1000);
      const now = seconds(state);
      while (clock.due[0] !== undefined && clock.due[0].at <= now) clock.due.shift()!.run();
      await state.webhook.last;
    }
  } finally {
    clock.at = null;
    clock.offset += end - start;
  }
}
