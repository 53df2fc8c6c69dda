import { Fragment, type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { PageMessage } from '../types.ts';
import { clockTime, countOf, dayOf, placeMessages } from './format.ts';
import { Icon } from './icons.tsx';
import { MessageView } from './message.tsx';
import { useFollow } from './use-follow.ts';
import { useWorkspace } from './use-workspace.ts';

/** How many messages are drawn at first, and more each time one asks. */
const PAGE = 200;

/** The latest of many messages; those before are drawn when asked for. */
function useLatest(messages: PageMessage[]) {
  const [limit, setLimit] = useState(PAGE);
  const hidden = Math.max(0, messages.length - limit);
  const shown = useMemo(() => messages.slice(hidden), [messages, hidden]);
  return { shown, hidden, showMore: () => setLimit(limit + PAGE) };
}

/** A channel's or a thread's messages. One tab stop: arrow keys move between messages, Tab goes into one. */
export function MessageList(props: {
  label: string;
  messages: PageMessage[];
  loaded: boolean;
  empty: string;
  onThread?: (message: PageMessage) => void;
}) {
  const { shown: messages, hidden, showMore } = useLatest(props.messages);
  const { users, nameOf, me } = useWorkspace();
  const zone = users.get(me)?.tz ?? 'UTC';
  const placed = useMemo(() => placeMessages(messages, zone), [messages, zone]);
  const today = dayOf(new Date(), zone);
  const list = useRef<HTMLOListElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const last = messages.at(-1);
  const { scroller, content, away, toBottom } = useFollow(last, props.loaded);
  const showEarlier = () => {
    const frame = scroller.current;
    const below = frame === null ? 0 : frame.scrollHeight - frame.scrollTop;
    flushSync(showMore);
    frame?.scrollTo({ top: frame.scrollHeight - below });
  };
  const stop = messages.some(({ ts }) => ts === focused) ? focused : last?.ts;

  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || !(event.target instanceof HTMLLIElement)) return;
    event.preventDefault();
    const items = [...(list.current?.querySelectorAll<HTMLElement>('li.message') ?? [])];
    items[items.indexOf(event.target) + step]?.focus();
  };

  return (
    <div className="scroller-frame">
      <div ref={scroller} className="scroller" role="log" aria-label={props.label}>
        <div ref={content} className="scroller-content">
          {hidden > 0 && (
            <button type="button" className="button earlier" onClick={showEarlier}>
              {countOf(Math.min(hidden, PAGE), 'earlier message', 'earlier messages')}
            </button>
          )}
          {props.loaded && messages.length === 0 && <p className="empty">{props.empty}</p>}
          <ol ref={list} className="messages" onKeyDown={move}>
            {placed.map(({ message, day, grouped }) => (
              <Fragment key={message.ts}>
                {day !== null && (
                  <li className="day">
                    <span>{day === today ? 'Today' : day}</span>
                  </li>
                )}
                <li
                  className={`message ${message.ephemeral ? 'ephemeral' : ''} ${grouped ? 'grouped' : ''}`}
                  data-ts={message.ts}
                  tabIndex={message.ts === stop ? 0 : -1}
                  aria-label={`${nameOf(message.user)}, ${clockTime(message.ts, zone)}`}
                  onFocus={() => setFocused(message.ts)}
                >
                  <MessageView message={message} grouped={grouped} onThread={props.onThread} />
                </li>
              </Fragment>
            ))}
          </ol>
        </div>
      </div>
      {away && (
        <button type="button" className="to-bottom" onClick={toBottom}>
          <Icon name="down" size={14} /> Newest messages
        </button>
      )}
    </div>
  );
}
