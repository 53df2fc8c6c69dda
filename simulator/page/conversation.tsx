import { type KeyboardEvent, useState } from 'react';
import type { PageChannel, PageMessage } from '../types.ts';
import { Composer } from './composer.tsx';
import { countOf } from './format.ts';
import { Icon } from './icons.tsx';
import { MessageList } from './message-list.tsx';
import { channelMessages } from './store.ts';
import { useWorkspace } from './use-workspace.ts';
import { HomeTab } from './view.tsx';

type Tab = 'home' | 'messages';

/** A channel or DM: header, messages, composer; the bot's DM has its Home tab too. */
export function Conversation(props: { channel: PageChannel; onThread: (message: PageMessage) => void }) {
  const { channel, onThread } = props;
  const { store, state, titleOf } = useWorkspace();
  const [tab, setTab] = useState<Tab>('messages');
  const title = titleOf(channel);
  const isBot = channel.kind === 'im' && channel.user === state.bot.user_id;
  const messages = channelMessages(store, channel.id);

  return (
    <section className="conversation" aria-labelledby="conversation-title">
      <header className="conversation-header">
        <div className="conversation-title">
          <h2 id="conversation-title">{title}</h2>
          {channel.is_archived && <span className="badge">Archived</span>}
          {channel.is_ext_shared && <span className="badge">Shared with another organisation</span>}
          {channel.topic !== '' && <span className="muted topic">{channel.topic}</span>}
          {channel.kind !== 'im' && (
            <span className="muted members">{countOf(channel.members.length, 'member', 'members')}</span>
          )}
        </div>
        {isBot && <Tabs tab={tab} onTab={setTab} />}
      </header>
      {isBot && tab === 'home' ? (
        <div className="scroller" id="panel-home" role="tabpanel" aria-labelledby="tab-home">
          <HomeTab />
        </div>
      ) : (
        <>
          <MessageList
            label={`Messages in ${title}`}
            messages={messages}
            loaded={store.loaded[channel.id] === true}
            empty={`This is the very beginning of ${title}.`}
            onThread={onThread}
          />
          <Notices channel={channel.id} />
          <Composer channel={channel} label={`Message ${title}`} autoFocus />
        </>
      )}
    </section>
  );
}

function Tabs({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }) {
  const tabs: { id: Tab; name: string }[] = [
    { id: 'messages', name: 'Messages' },
    { id: 'home', name: 'Home' },
  ];
  const move = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const next = tab === 'home' ? 'messages' : 'home';
    onTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label="Views of this app" onKeyDown={move}>
      {tabs.map(({ id, name }) => (
        <button
          key={id}
          id={`tab-${id}`}
          type="button"
          role="tab"
          aria-selected={tab === id}
          aria-controls={id === 'home' && tab === 'home' ? 'panel-home' : undefined}
          tabIndex={tab === id ? 0 : -1}
          onClick={() => onTab(id)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

/** What Slack itself tells the person, and what did not work. */
function Notices({ channel }: { channel: string }) {
  const { store, dismiss } = useWorkspace();
  const notices = store.notices.filter((notice) => notice.channel === null || notice.channel === channel);
  return (
    <div className="notices" role="alert">
      {notices.map(({ id, text }) => (
        <p key={id}>
          <Icon name="warning" size={16} />
          <span>{text}</span>
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" size={14} />
          </button>
        </p>
      ))}
    </div>
  );
}
