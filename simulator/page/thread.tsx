import { useEffect } from 'react';
import { Composer } from './composer.tsx';
import { Icon } from './icons.tsx';
import { MessageList } from './message-list.tsx';
import { threadMessages } from './store.ts';
import { useWorkspace } from './use-workspace.ts';

/** The side panel with one thread. */
export function ThreadPanel(props: { channel: string; ts: string; onClose: () => void }) {
  const { channel, ts, onClose } = props;
  const { store, channels, titleOf, readThread } = useWorkspace();
  const known = channels.get(channel);
  const messages = threadMessages(store, channel, ts);

  // biome-ignore lint/correctness/useExhaustiveDependencies: read once for each thread; the stream tells the rest
  useEffect(() => readThread(channel, ts), [channel, ts]);

  return (
    <aside
      className="thread"
      aria-label="Thread"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose();
      }}
    >
      <header className="thread-header">
        <h2>Thread</h2>
        <span className="muted">{known === undefined ? '' : titleOf(known)}</span>
        <button type="button" className="icon-button" aria-label="Close thread" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <MessageList label="Messages in this thread" messages={messages} loaded empty="" />
      <Composer key={ts} channel={channel} threadTs={ts} label="Reply in this thread" autoFocus />
    </aside>
  );
}
