import { type KeyboardEvent, useId, useRef, useState } from 'react';
import type { PageChannel } from '../types.ts';
import { sendMessage, sendShortcut } from './api.ts';
import { Icon } from './icons.tsx';
import { Menu } from './menu.tsx';
import { suggest } from './suggest.ts';
import { useWorkspace } from './use-workspace.ts';

type Writing = { channel: PageChannel; threadTs?: string; label: string; autoFocus?: boolean };

/** Where one writes, or why one cannot. */
export function Composer(props: Writing) {
  const { me, titleOf } = useWorkspace();
  const { channel } = props;
  if (channel.is_archived) {
    return <p className="read-only">{titleOf(channel)} is archived: it can be read, but nothing can be written.</p>;
  }
  if (!channel.members.includes(me)) {
    return <p className="read-only">You are not a member of {titleOf(channel)}, so you can only read it.</p>;
  }
  return <Box {...props} />;
}

/** Enter sends, Shift+Enter breaks the line, a text with / runs a command. */
function Box(props: Writing) {
  const { threadTs } = props;
  const channel = props.channel.id;
  const { state, me, users, attempt, dismissAll } = useWorkspace();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [dismissed, setDismissed] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();

  const people = [...users.values()].filter((user) => !user.deleted);
  const suggestions = dismissed ? [] : suggest(text, { commands: state.commands, people, channels: state.channels });
  const active = Math.min(at, suggestions.length - 1);
  const running = state.commands.find(({ command }) => text.startsWith(`${command} `));

  const enter = (next: string) => {
    setText(next);
    setAt(0);
    setDismissed(false);
  };
  const complete = (index: number) => {
    const chosen = suggestions[index];
    if (chosen !== undefined) enter(chosen.text);
    field.current?.focus();
  };
  const send = async () => {
    if (text.trim() === '') return;
    enter('');
    dismissAll(channel);
    const post = sendMessage({ user: me, channel, text, thread_ts: threadTs });
    // How a command fares is told by the stream, as Slack's own words.
    const isCommand = text.startsWith('/');
    const sent = await attempt(channel, isCommand ? post.then(() => ({ ok: true })) : post);
    if (!sent) setText((now) => (now === '' ? text : now));
  };

  const keyed = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const open = suggestions.length > 0;
    const exact = suggestions.some(({ text: full }) => full === `${text} `);
    if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setAt((active + (event.key === 'ArrowDown' ? 1 : -1) + suggestions.length) % suggestions.length);
    } else if (open && (event.key === 'Tab' || (event.key === 'Enter' && !exact)) && !event.shiftKey) {
      event.preventDefault();
      complete(active);
    } else if (open && event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      setDismissed(true);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void send();
    }
  };

  const shortcuts = threadTs === undefined ? state.shortcuts.filter(({ type }) => type === 'global') : [];
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div id={id} role="listbox" aria-label="Suggestions" className="suggestions" hidden={suggestions.length === 0}>
        {suggestions.map((suggestion, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the text box takes the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the text box keeps the focus and names the active one
          <div
            key={suggestion.key}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            className={index === active ? 'option active' : 'option'}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => complete(index)}
          >
            <span>{suggestion.label}</span>
            <small>{suggestion.detail}</small>
          </div>
        ))}
      </div>
      <div className="composer-box">
        <textarea
          ref={field}
          aria-label={props.label}
          aria-autocomplete="list"
          aria-controls={suggestions.length > 0 ? id : undefined}
          aria-activedescendant={suggestions.length > 0 ? `${id}-${active}` : undefined}
          placeholder={props.label}
          rows={Math.min(8, text.split('\n').length)}
          value={text}
          // biome-ignore lint/a11y/noAutofocus: a chat opens with the caret in its message box
          autoFocus={props.autoFocus}
          onChange={(event) => enter(event.target.value)}
          onKeyDown={keyed}
        />
        {shortcuts.length > 0 && (
          <Menu
            label="Shortcuts"
            icon={<Icon name="bolt" />}
            items={shortcuts.map(({ callback_id, name, description }) => ({
              key: callback_id,
              label: name,
              detail: description,
              run: () => void attempt(channel, sendShortcut({ user: me, callback_id })),
            }))}
          />
        )}
        <button type="submit" className="send" aria-label="Send" title="Send (Enter)" disabled={text.trim() === ''}>
          <Icon name="send" />
        </button>
      </div>
      <p className="composer-hint" aria-hidden="true">
        {running === undefined ? (
          <>
            <kbd>Enter</kbd> sends, <kbd>Shift</kbd>+<kbd>Enter</kbd> new line, <kbd>/</kbd> commands
          </>
        ) : (
          <>
            <code>
              {running.command} {running.usage_hint}
            </code>{' '}
            {running.description}
          </>
        )}
      </p>
    </form>
  );
}
