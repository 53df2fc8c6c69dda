import { describe, expect, it } from 'vitest';
import { suggest } from '../../../../simulator/page/suggest.ts';
import type { PageChannel, PageUser } from '../../../../simulator/types.ts';

const person = (id: string, real_name: string) =>
  ({ id, real_name, name: real_name.toLowerCase(), title: 'CSM' }) as PageUser;
const channel = (id: string, name: string) => ({ id, name, topic: '' }) as PageChannel;
const people = [person('U1', 'Ann Lee'), person('U2', 'Ann Lee-Smith (West)')];
const channels = [channel('C1', 'cs'), channel('C2', 'cs-team'), channel('D1', '')];
const on = {
  commands: [
    { command: '/health', description: 'Health', usage_hint: '[account]' },
    { command: '/renewals', description: 'Renewals' },
  ],
  people,
  channels,
};

describe('suggest()', () => {
  it('offers commands while the first word is typed, and no longer', () => {
    expect(suggest('/', on).map(({ key }) => key)).toEqual(['/health', '/renewals']);
    expect(suggest('/HE', on)).toEqual([
      { key: '/health', label: '/health [account]', detail: 'Health', text: '/health ' },
    ]);
    expect(suggest('/health ac', on)).toEqual([]);
  });

  it('completes names after @ and #, wherever they stand', () => {
    expect(suggest('Hello @smi', on).map(({ text }) => text)).toEqual(['Hello @Ann Lee-Smith (West) ']);
    expect(suggest('/health #team', on).map(({ text }) => text)).toEqual(['/health #cs-team ']);
    expect(suggest('mail@ann', on)).toEqual([]);
  });

  it('offers everybody after all others, and emoji once two letters say which', () => {
    expect(suggest('@', on).map(({ text }) => text)).toEqual([
      '@Ann Lee ',
      '@Ann Lee-Smith (West) ',
      '@here ',
      '@channel ',
    ]);
    expect(suggest('Look :tic', on)).toEqual([
      { key: 'ticket', label: '🎫', detail: ':ticket:', text: 'Look :ticket: ' },
    ]);
    for (const typed of ['Look :t', ':ticket:', '10:ticket', 'a: b']) expect(suggest(typed, on)).toEqual([]);
  });
});
