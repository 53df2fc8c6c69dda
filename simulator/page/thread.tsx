import { useEffect } from 'react';
import type { PageChannel } from '../types.ts';
import { Composer } from './composer.tsx';
import { Icon } from './icons.tsx';
import { MessageList } from './message-list.tsx';
import { threadMessages } from './store.ts';
import { useWorkspace } from './use-workspace.ts';

/** The side panel with one thread. */
export function ThreadPanel(props: { channel: PageChannel; ts: string; onClose: () => void }) {
  const { channel, ts, onClose } = props;
  const { store, titleOf, readThread } = useWorkspace();
  const messages = threadMessages(store, channel.id, ts);

  // biome-ignore lint/correctness/useExhaustiveDependencies: read once for each thread; the stream tells the rest
  useEffect(() => readThread(channel.id, ts), [channel.id, ts, store.connections]);

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
        <span className="muted topic">{titleOf(channel)}</span>
        <button type="button" className="icon-button" aria-label="Close thread" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <MessageList label="Messages in this thread" messages={messages} loaded empty="" />
      <Composer key={ts} channel={channel} threadTs={ts} label="Reply in this thread" autoFocus />
    </aside>
  );
}
