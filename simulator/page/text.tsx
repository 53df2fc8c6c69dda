import type { RichTextBlock, TextObject } from '@slack/types';
import { memo, useMemo } from 'react';
import { type Block, Message } from 'slack-blocks-to-jsx';
import { replaceShortNames } from './emoji.ts';
import { parseMrkdwn, unescapeSlack } from './mrkdwn.ts';
import { useWorkspace } from './use-workspace.ts';

/** A block drawn by slack-blocks-to-jsx: for what shows something and does nothing. */
export const LibraryBlock = memo(function LibraryBlock({ block }: { block: object }) {
  const { users, channels } = useWorkspace();
  const data = useMemo(
    () => ({
      users: [...users.values()].map(({ id, real_name }) => ({ id, name: real_name })),
      channels: [...channels.values()].map(({ id, name }) => ({ id, name })),
    }),
    [users, channels],
  );
  return <Message blocks={[block as Block]} data={data} withoutWrapper unstyled theme="light" name="" logo="" />;
});

/**
 * Slack's mrkdwn. The library's own reader of it takes dollar signs for formulas, drops headings and shows an escaped
 * &lt;!channel&gt; as a mention, so it is given rich text, which it draws as it is.
 */
export function Mrkdwn({ text }: { text: string }) {
  const block: RichTextBlock = useMemo(() => parseMrkdwn(text), [text]);
  return <LibraryBlock block={block} />;
}

/** plain_text as a string, for labels and the like. */
export function plainText(text: { text: string; emoji?: boolean }): string {
  const unescaped = unescapeSlack(requireString(text.text));
  return text.emoji === false ? unescaped : replaceShortNames(unescaped);
}

/** Either kind of text object. */
export function TextView({ text }: { text: TextObject }) {
  if (text.type === 'mrkdwn') return <Mrkdwn text={requireString(text.text)} />;
  return <span className="plain">{plainText(text)}</span>;
}

/** What a bot sends is only typed as it should be. */
function requireString(text: unknown): string {
  if (typeof text !== 'string') throw new Error('it has a text that is not a string');
  return text;
}
