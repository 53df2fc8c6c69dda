import { memo } from 'react';
import type { PageFile, PageMessage } from '../types.ts';
import { sendShortcut } from './api.ts';
import { Avatar, badgeOf } from './avatar.tsx';
import { Blocks } from './blocks/block.tsx';
import { SurfaceProvider, useForm } from './blocks/surface.tsx';
import { clockTime, countOf, fileSize, fullTime } from './format.ts';
import { Icon } from './icons.tsx';
import { Menu } from './menu.tsx';
import { ReactionPicker, Reactions } from './reactions.tsx';
import { Mrkdwn } from './text.tsx';
import { useWorkspace } from './use-workspace.ts';

type MessageProps = {
  message: PageMessage;
  /** Leaves out author and time, which the message before it shows. */
  grouped: boolean;
  /** Absent within a thread. */
  onThread?: (message: PageMessage) => void;
};

/** One message with all that hangs on it. */
export const MessageView = memo(function MessageView({ message, grouped, onThread }: MessageProps) {
  const { users, nameOf, zone } = useAuthors();
  const badge = badgeOf(users.get(message.user));
  const time = clockTime(message.ts, zone);
  return (
    <>
      {message.ephemeral && (
        <p className="only-you">
          <Icon name="eye" size={14} /> Only visible to you
        </p>
      )}
      <div className="message-row">
        <div className="gutter">
          {grouped ? <time className="hover-time">{time}</time> : <Avatar user={message.user} />}
        </div>
        <div className="message-body">
          {!grouped && (
            <div className="byline">
              <strong>{message.username ?? nameOf(message.user)}</strong>
              {badge !== null && <span className="badge">{badge}</span>}
              <time title={fullTime(message.ts, zone)}>{time}</time>
            </div>
          )}
          <Content message={message} />
          <Files files={message.files} />
          <Reactions message={message} />
          {onThread !== undefined && message.reply_count > 0 && (
            <button type="button" className="thread-link" onClick={() => onThread(message)}>
              {message.reply_users.slice(0, 4).map((user) => (
                <Avatar key={user} user={user} size={20} />
              ))}
              <span>{countOf(message.reply_count, 'reply', 'replies')}</span>
              {message.latest_reply !== null && <small>Last at {clockTime(message.latest_reply, zone)}</small>}
            </button>
          )}
        </div>
      </div>
      {!message.ephemeral && <Toolbar message={message} onThread={onThread} />}
    </>
  );
});

function useAuthors() {
  const { users, nameOf, me } = useWorkspace();
  return { users, nameOf, zone: users.get(me)?.tz ?? 'UTC' };
}

function Content({ message }: { message: PageMessage }) {
  const { blocks, channel, ts, edited } = message;
  const form = useForm(blocks);
  const tag = edited && <span className="edited"> (edited)</span>;
  if (blocks.length === 0) {
    return (
      <div className="message-text">
        {message.text !== '' && <Mrkdwn text={message.text} />}
        {tag}
      </div>
    );
  }
  return (
    <SurfaceProvider place={{ channel, ts }} form={form}>
      <Blocks blocks={blocks} />
      {edited && <div>{tag}</div>}
    </SurfaceProvider>
  );
}

function Files({ files }: { files: PageFile[] }) {
  if (files.length === 0) return null;
  return (
    <div className="files">
      {files.map((file) =>
        file.mimetype.startsWith('image/') ? (
          <figure key={file.id} className="image">
            <figcaption>{file.title || file.name}</figcaption>
            <a href={file.url} target="_blank" rel="noopener noreferrer">
              <img src={file.url} alt={file.title || file.name} />
            </a>
          </figure>
        ) : (
          <a key={file.id} className="file" href={file.url} target="_blank" rel="noopener noreferrer">
            <Icon name="file" size={26} />
            <span>
              <strong>{file.title || file.name}</strong>
              <small>
                {file.name}, {fileSize(file.size)}
              </small>
            </span>
          </a>
        ),
      )}
    </div>
  );
}

function Toolbar({ message, onThread }: Omit<MessageProps, 'grouped'>) {
  const { state, me, attempt } = useWorkspace();
  const { channel, ts } = message;
  const shortcuts = state.shortcuts.filter(({ type }) => type === 'message');
  return (
    <div className="toolbar">
      <ReactionPicker message={message} />
      {onThread !== undefined && (
        <button
          type="button"
          className="icon-button"
          aria-label="Reply in thread"
          title="Reply in thread"
          onClick={() => onThread(message)}
        >
          <Icon name="reply" />
        </button>
      )}
      {shortcuts.length > 0 && (
        <Menu
          label="More actions"
          icon={<Icon name="more" />}
          items={shortcuts.map(({ callback_id, name, description }) => ({
            key: callback_id,
            label: name,
            detail: description,
            run: () => void attempt(channel, sendShortcut({ user: me, callback_id, channel, ts })),
          }))}
        />
      )}
    </div>
  );
}
