import { expect, test } from 'vitest';
import { createJournal } from '../../../simulator/journal.ts';

const now = () => new Date('2026-11-02T10:00:00Z');

test('a journal numbers what is added, in order', () => {
  const journal = createJournal(now);
  journal.add({ kind: 'fault', method: 'a', fault: 'lost' });
  journal.add({ kind: 'notice', user: 'U1', channel: null, text: 'Hello' });
  expect(journal.list()).toEqual([
    { seq: 1, at: '2026-11-02T10:00:00.000Z', kind: 'fault', method: 'a', fault: 'lost' },
    { seq: 2, at: '2026-11-02T10:00:00.000Z', kind: 'notice', user: 'U1', channel: null, text: 'Hello' },
  ]);
});

test('a journal cannot be changed through what it hands out or was given', () => {
  const journal = createJournal(now);
  const args = { channel: 'C1' };
  journal.add({ kind: 'call', method: 'chat.postMessage', args });
  args.channel = 'C2';
  const [entry] = journal.list();
  expect(() => Object.assign(entry ?? {}, { seq: 7 })).toThrow(TypeError);
  journal.list().pop();
  expect(journal.list()).toMatchObject([{ seq: 1, args: { channel: 'C1' } }]);
});
