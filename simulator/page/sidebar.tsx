import type { ReactNode } from 'react';
import type { PageChannel } from '../types.ts';
import { openDm } from './api.ts';
import { Avatar, badgeOf } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { useWorkspace } from './use-workspace.ts';

/** Who I am, the channels, and the people one can write to. */
export function Sidebar(props: {
  current: string | null;
  onOpen: (channel: string) => void;
  onUser: (user: string) => void;
}) {
  const workspace = useWorkspace();
  const { state, me, users, nameOf, attempt, addChannel } = workspace;
  const channels = listedChannels(state.channels);
  const dms = state.channels.filter(({ kind }) => kind === 'im');
  const others = [state.bot.user_id, ...state.people.filter((id) => id !== me && id !== state.bot.user_id)];

  const openPerson = async (other: string) => {
    const known = dms.find(({ user }) => user === other);
    if (known !== undefined) return props.onOpen(known.id);
    const opening = openDm({ user: me, other }).then((answer) => {
      if (answer.channel === undefined)
        return { ok: false as const, error: answer.error ?? 'That DM cannot be opened.' };
      addChannel(answer.channel);
      props.onOpen(answer.channel.id);
      return { ok: true as const };
    });
    await attempt(null, opening);
  };

  return (
    <div className="sidebar" id="sidebar">
      <div className="workspace-name">
        <h1>{state.team.name}</h1>
        <span>simulated workspace</span>
      </div>
      <label className="who">
        <span>You are</span>
        <select value={me} onChange={(event) => props.onUser(event.target.value)}>
          {state.people.map((id) => {
            const badge = badgeOf(users.get(id));
            return (
              <option key={id} value={id}>
                {badge === null ? nameOf(id) : `${nameOf(id)} (${badge})`}
              </option>
            );
          })}
        </select>
        <span>{users.get(me)?.title}</span>
      </label>
      <nav aria-label="Channels and direct messages">
        <h2 id="channels-title">Channels</h2>
        <ul aria-labelledby="channels-title">
          {channels.map((channel) => (
            <li key={channel.id}>
              <Entry
                name={channel.name}
                icon={<Icon name={channel.kind === 'private' ? 'lock' : 'hash'} size={16} />}
                note={channel.is_ext_shared ? <SharedMark /> : null}
                unread={workspace.store.unread[channel.id] ?? 0}
                current={channel.id === props.current}
                onOpen={() => props.onOpen(channel.id)}
              />
            </li>
          ))}
        </ul>
        <h2 id="dms-title">Direct messages</h2>
        <ul aria-labelledby="dms-title">
          {others.map((id) => {
            const dm = dms.find(({ user }) => user === id);
            const badge = badgeOf(users.get(id));
            return (
              <li key={id}>
                <Entry
                  name={nameOf(id)}
                  icon={<Avatar user={id} size={20} />}
                  note={badge === null ? null : <span className="entry-badge">{badge}</span>}
                  unread={dm === undefined ? 0 : (workspace.store.unread[dm.id] ?? 0)}
                  current={dm !== undefined && dm.id === props.current}
                  onOpen={() => void openPerson(id)}
                />
              </li>
            );
          })}
        </ul>
      </nav>
    </div>
  );
}

function Entry(props: {
  name: string;
  icon: ReactNode;
  note: ReactNode;
  unread: number;
  current: boolean;
  onOpen: () => void;
}) {
  return (
    <button
      type="button"
      className={props.unread > 0 ? 'entry unread' : 'entry'}
      aria-current={props.current ? 'page' : undefined}
      onClick={props.onOpen}
    >
      {props.icon}
      <span className="entry-name">{props.name}</span>
      {props.note}
      {props.unread > 0 && (
        <span className="count">
          {props.unread}
          <span className="unseen"> unread</span>
        </span>
      )}
    </button>
  );
}

function SharedMark() {
  return (
    <span className="entry-badge" title="Shared with another organisation">
      shared
    </span>
  );
}

function listedChannels(channels: PageChannel[]): PageChannel[] {
  return channels
    .filter(({ kind, is_archived }) => kind !== 'im' && !is_archived)
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The channel to show first: the one asked for, else the first internal one that `me` is in. */
export function firstChannel(channels: PageChannel[], asked: string | null, me: string): string | null {
  const listed = listedChannels(channels);
  const found =
    channels.find(({ id }) => id === asked) ??
    listed.find(({ is_ext_shared, members }) => !is_ext_shared && members.includes(me)) ??
    listed[0];
  return found?.id ?? null;
}
