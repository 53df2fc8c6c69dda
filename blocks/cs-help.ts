import { type BlockMessage, sections } from './text.ts';

/** What a subcommand of `/cs` is for: `example` is one that works, `does` what it answers. */
export type Explained = { example: string; does: string };

/** What can be typed after `/cs`; `fault` is told first. */
export function csHelp(explained: readonly Explained[], fault: string | null = null): BlockMessage {
  const lines = [
    ...(fault ? [fault] : []),
    '*What I can list*',
    ...explained.map(({ example, does }) => `\`/cs ${example}\` ${does}`),
    'Only you see my answers. For one account there is `/health help`.',
  ];
  return { text: lines.join('\n'), blocks: sections(lines) };
}
