import { describe, expect, it } from 'vitest';
import {
  type Change,
  changeStore,
  channelMessages,
  EMPTY_STORE,
  threadMessages,
} from '../../../../simulator/page/store.ts';
import type { PageMessage, PageState } from '../../../../simulator/types.ts';

const message = (ts: string, rest: Partial<PageMessage> = {}): PageMessage => ({
  channel: 'C1',
  ts,
  user: 'U2',
  username: null,
  text: ts,
  blocks: [],
  bot_id: null,
  thread_ts: null,
  broadcast: false,
  reply_count: 0,
  reply_users: [],
  latest_reply: null,
  edited: false,
  ephemeral: false,
  reactions: [],
  files: [],
  subtype: null,
  metadata: null,
  ...rest,
});
const state: PageState = {
  team: { id: 'T1', name: 'Team' },
  me: 'U1',
  people: ['U1', 'U2'],
  users: [],
  channels: [],
  bot: { user_id: 'U3', bot_id: 'B1', app_id: 'A1', name: 'Bot' },
  commands: [],
  shortcuts: [],
  views: [],
  seq: 0,
};

const storeAfter = (...changes: Change[]) =>
  changes.reduce(changeStore, changeStore(EMPTY_STORE, { type: 'state', state, asked: 0 }));
const came = (one: PageMessage, reading: string | null = 'C1'): Change => ({
  type: 'event',
  event: { type: 'message', message: one },
  reading,
});
const answered = (messages: PageMessage[], asked: number): Change => ({
  type: 'messages',
  channel: 'C1',
  messages,
  asked,
  whole: true,
});

describe('changeStore()', () => {
  it('keeps messages in order of time and replies in their thread', () => {
    const store = storeAfter(
      came(message('3')),
      came(message('1', { thread_ts: '1', reply_count: 2 })),
      came(message('2', { thread_ts: '1' })),
      came(message('4', { thread_ts: '1', broadcast: true })),
    );
    expect(channelMessages(store, 'C1').map(({ ts }) => ts)).toEqual(['1', '3', '4']);
    expect(threadMessages(store, 'C1', '1').map(({ ts }) => ts)).toEqual(['1', '2', '4']);
  });

  it('lets an answer that is older than an event neither undo an edit nor bring back what was deleted', () => {
    const store = storeAfter(
      came(message('1', { text: 'edited', edited: true })),
      { type: 'event', event: { type: 'message_removed', channel: 'C1', ts: '2' }, reading: 'C1' },
      answered([message('1'), message('2'), message('3')], 0),
    );
    expect(channelMessages(store, 'C1').map(({ text }) => text)).toEqual(['edited', '3']);
  });

  it('drops what a newer answer no longer has', () => {
    const store = storeAfter(came(message('1')), answered([message('2')], 1));
    expect(channelMessages(store, 'C1').map(({ ts }) => ts)).toEqual(['2']);
  });

  it('counts as unread what others newly write elsewhere, until it is read', () => {
    const store = storeAfter(
      came(message('1'), 'C2'),
      came(message('1', { text: 'again' }), 'C2'),
      came(message('2', { user: 'U1' }), 'C2'),
      came(message('3', { thread_ts: '1' }), 'C2'),
      came(message('4', { edited: true }), 'C2'),
      came(message('5'), 'C1'),
    );
    expect(store.unread).toEqual({ C1: 1 });
    expect(changeStore(store, { type: 'read', channel: 'C1' }).unread).toEqual({ C1: 0 });
  });

  it('keeps the last three notices, each until it is dismissed', () => {
    const store = storeAfter(...['a', 'b', 'c', 'd'].map((text): Change => ({ type: 'notice', channel: null, text })));
    expect(store.notices.map(({ text }) => text)).toEqual(['b', 'c', 'd']);
    const [first] = store.notices;
    const left = changeStore(store, { type: 'dismiss', id: first?.id ?? -1 });
    expect(left.notices.map(({ text }) => text)).toEqual(['c', 'd']);
  });

  it('forgets replies too when a channel is read anew, after the connection was gone', () => {
    const reply = message('2.0', { thread_ts: '1.0' });
    const before = storeAfter(answered([message('1.0')], 0), came(reply));
    const again = { ...answered([message('3.0')], before.tick), anew: true } as Change;
    expect(threadMessages(changeStore(before, answered([], before.tick)), 'C1', '1.0')).toEqual([reply]);
    const after = changeStore(before, again);
    expect(Object.keys(after.messages.C1 ?? {})).toEqual(['3.0']);
    const connections = [false, false, true, true].map((connected): Change => ({ type: 'connection', connected }));
    expect(connections.reduce(changeStore, after).connections).toBe(1);
  });

  it('takes away the notices of a channel, and those of none, when told', () => {
    const notice = (channel: string | null): Change => ({ type: 'notice', channel, text: `${channel}` });
    const store = storeAfter(notice('C1'), notice(null), notice('C2'), { type: 'dismiss_all', channel: 'C1' });
    expect(store.notices.map(({ text }) => text)).toEqual(['C2']);
  });
});
