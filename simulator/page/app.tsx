import { useCallback, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Conversation } from './conversation.tsx';
import { ConfirmProvider } from './dialog.tsx';
import { Icon } from './icons.tsx';
import { firstChannel, Sidebar } from './sidebar.tsx';
import { ThreadPanel } from './thread.tsx';
import { useSimulator, WorkspaceContext } from './use-workspace.ts';
import { Modals } from './view.tsx';

/** The whole page. Who one is and which channel is open stand in the address: a reload keeps them, Back undoes them. */
export function App() {
  const [address, setAddress] = useState(readAddress);
  const go = useCallback((next: Address) => {
    const query = new URLSearchParams();
    if (next.user !== null) query.set('user', next.user);
    if (next.channel !== null) query.set('channel', next.channel);
    if (`?${query}` !== window.location.search) window.history.pushState(null, '', `?${query}`);
    setAddress(next);
  }, []);
  useEffect(() => {
    const moved = () => setAddress(readAddress());
    window.addEventListener('popstate', moved);
    return () => window.removeEventListener('popstate', moved);
  }, []);
  return <Session key={address.user} address={address} go={go} />;
}

type Address = { user: string | null; channel: string | null };

function readAddress(): Address {
  const query = new URLSearchParams(window.location.search);
  return { user: query.get('user'), channel: query.get('channel') };
}

/** The page as one person sees it; another person gets another session. */
function Session({ address, go }: { address: Address; go: (address: Address) => void }) {
  const [opened, setOpened] = useState<{ channel: string; ts: string } | null>(null);
  const [menuOpen, setMenuOpen] = useState(false);
  const [reading, setReading] = useState<string | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  const found = useSimulator(address.user, reading);
  const workspace = found === null || 'failure' in found ? null : found;
  const current = workspace === null ? null : firstChannel(workspace.state.channels, address.channel, workspace.me);
  const channel = current === null ? undefined : workspace?.channels.get(current);
  // A thread goes with its channel, and with the message it hangs on.
  const isThere = opened !== null && workspace?.store.messages[opened.channel]?.[opened.ts] !== undefined;
  const thread = isThere && opened.channel === current ? opened.ts : null;
  const title = workspace === null || channel === undefined ? null : workspace.titleOf(channel);

  useEffect(() => setReading(current), [current]);

  useEffect(() => {
    document.title = title === null ? 'Team chat' : `${title} · ${workspace?.state.team.name}`;
  }, [title, workspace?.state.team.name]);

  if (found !== null && 'failure' in found) {
    return (
      <p className="empty loading" role="alert">
        The workspace cannot be opened. {found.failure} <a href="/">Start anew</a>
      </p>
    );
  }
  if (workspace === null) return <p className="empty loading">Opening the workspace…</p>;

  const openChannel = (next: string) => {
    setOpened(null);
    setMenuOpen(false);
    go({ user: address.user, channel: next });
  };
  const closeThread = () => {
    // In a narrow window the channel is hidden until the thread is gone, and what is hidden takes no focus.
    flushSync(() => setOpened(null));
    opener.current?.focus();
  };

  return (
    <WorkspaceContext value={workspace}>
      <ConfirmProvider>
        <a className="skip" href="#main">
          Skip to the conversation
        </a>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: Escape or a click beside it closes the channel list */}
        <div
          className={`app ${menuOpen ? 'menu-open' : ''} ${thread === null ? '' : 'with-thread'}`}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setMenuOpen(false);
          }}
          onClick={(event) => {
            if (event.target === event.currentTarget) setMenuOpen(false);
          }}
        >
          <button
            type="button"
            className="icon-button menu-button"
            aria-label="Channel list"
            aria-expanded={menuOpen}
            aria-controls="sidebar"
            onClick={() => setMenuOpen(!menuOpen)}
          >
            <Icon name={menuOpen ? 'close' : 'menu'} />
          </button>
          <Sidebar current={current} onOpen={openChannel} onUser={(user) => go({ user, channel: address.channel })} />
          <main id="main" tabIndex={-1} inert={menuOpen}>
            {!workspace.store.connected && (
              <p className="offline" role="status">
                Connection lost; trying again…
              </p>
            )}
            {channel !== undefined && (
              <Conversation
                key={channel.id}
                channel={channel}
                onThread={(message) => {
                  // The button itself is hidden once neither pointer nor focus is on its message.
                  opener.current = document.activeElement?.closest('li') ?? null;
                  setOpened({ channel: channel.id, ts: message.ts });
                }}
              />
            )}
          </main>
          {thread !== null && channel !== undefined && (
            <ThreadPanel key={thread} channel={channel} ts={thread} onClose={closeThread} />
          )}
        </div>
        <Modals />
      </ConfirmProvider>
    </WorkspaceContext>
  );
}
