import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { createNudge } from '../../../src/queue/nudge.ts';
import type { EnqueueOptions } from '../../../src/queue/types.ts';

const log = pino({ level: 'silent' });

/** A queue that keeps what it is asked for. */
function recordingQueue(fails = false) {
  const asked: [string, EnqueueOptions | undefined][] = [];
  const enqueue = async (name: string, _payload: object, options?: EnqueueOptions) => {
    asked.push([name, options]);
    if (fails) throw new Error('no queue');
  };
  return { asked, enqueue };
}

describe('a nudge', () => {
  test('asks for the job once, however often it is told, and again when it is told later', async () => {
    const queue = recordingQueue();
    const nudge = createNudge(queue, 'count-events', { everyMs: 5, log });
    for (let time = 0; time < 10; time += 1) nudge.nudge();
    expect(queue.asked).toEqual([]);
    await expect.poll(() => queue.asked).toEqual([['count-events', { key: 'count-events' }]]);
    nudge.nudge();
    await expect.poll(() => queue.asked).toHaveLength(2);
    await nudge.close();
    expect(queue.asked).toHaveLength(2);
  });

  test('asks at once for what is still to be asked for when it closes', async () => {
    const queue = recordingQueue();
    const nudge = createNudge(queue, 'count-events', { everyMs: 60_000, log });
    nudge.nudge();
    await nudge.close();
    expect(queue.asked).toHaveLength(1);
  });

  test('goes on when the queue does not answer', async () => {
    const queue = recordingQueue(true);
    const nudge = createNudge(queue, 'count-events', { everyMs: 60_000, log });
    nudge.nudge();
    await nudge.close();
    nudge.nudge();
    await nudge.close();
    expect(queue.asked).toHaveLength(2);
  });
});
