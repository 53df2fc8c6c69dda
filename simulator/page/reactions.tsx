import { useState } from 'react';
import type { PageMessage } from '../types.ts';
import { sendReaction } from './api.ts';
import { emojiCharacter, searchEmoji } from './emoji.ts';
import { countOf } from './format.ts';
import { Icon } from './icons.tsx';
import { Popover } from './popover.tsx';
import { useWorkspace } from './use-workspace.ts';

/** The reactions below a message; pressing one adds or takes back one's own. */
export function Reactions({ message }: { message: PageMessage }) {
  const { me, nameOf, attempt } = useWorkspace();
  if (message.reactions.length === 0) return null;
  const { channel, ts } = message;
  return (
    <div className="reactions">
      {message.reactions.map(({ name, users }) => {
        const mine = users.includes(me);
        const who = users.map((user) => (user === me ? 'you' : nameOf(user))).join(', ');
        return (
          <button
            key={name}
            type="button"
            className="reaction"
            aria-pressed={mine}
            aria-label={`${name}: ${countOf(users.length, 'person', 'people')}, ${who}`}
            title={`${who} reacted with :${name}:`}
            onClick={() => void attempt(channel, sendReaction({ user: me, channel, ts, name, remove: mine }))}
          >
            <span aria-hidden="true">{emojiCharacter(name) ?? `:${name}:`}</span> {users.length}
          </button>
        );
      })}
      <ReactionPicker message={message} className="reaction" />
    </div>
  );
}

/** The button that opens the emoji picker. */
export function ReactionPicker({ message, className }: { message: PageMessage; className?: string }) {
  const { me, attempt } = useWorkspace();
  const { channel, ts } = message;
  return (
    <Popover label="Add reaction" icon={<Icon name="smile" />} className={className} haspopup="dialog">
      {(close) => (
        <EmojiGrid
          onPick={(name) => {
            close();
            const already = message.reactions.some((one) => one.name === name && one.users.includes(me));
            if (!already) void attempt(channel, sendReaction({ user: me, channel, ts, name }));
          }}
        />
      )}
    </Popover>
  );
}

function EmojiGrid({ onPick }: { onPick: (name: string) => void }) {
  const [query, setQuery] = useState('');
  const names = searchEmoji(query);
  return (
    <div role="dialog" aria-label="Pick an emoji" className="emoji-picker">
      <input
        type="search"
        aria-label="Search emoji"
        placeholder="Search, Enter takes the first"
        value={query}
        ref={(input) => input?.focus()}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          // Else the button that gets the focus back would take the key as well and open this again.
          event.preventDefault();
          const [first] = names;
          if (first !== undefined) onPick(first);
        }}
      />
      <div className="emoji-grid">
        {names.map((name) => (
          <button key={name} type="button" aria-label={name} title={`:${name}:`} onClick={() => onPick(name)}>
            {emojiCharacter(name)}
          </button>
        ))}
        {names.length === 0 && <p className="empty">No emoji of that name</p>}
      </div>
    </div>
  );
}
