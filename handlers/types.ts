import type { Deps } from '../src/deps.ts';
import type { Playbook } from '../src/playbook/types.ts';
import type { Person } from '../src/slack/identity.ts';
import type { Message } from '../src/slack/response-url.ts';

/** What every command and every press comes with. It runs for people who may see customer data there, and no others. */
export type Request = {
  /** The asker, a full member of our workspace. */
  person: Person;
  channelId: string;
  /** Good for five answers within 30 minutes. */
  responseUrl: string;
  /** Answers for the asker's eyes only. `replace` puts the answer in the place of the message that was pressed. */
  respond(message: Message, options?: { replace?: boolean }): Promise<void>;
};

/** What came with a slash command. */
export type CommandArgs = Request & { text: string };

/** What came with a button or a menu; `value` is the button's value, or what was chosen: an option's, a day, a user's id. */
export type ActionArgs = Request & {
  value: string;
  /** Of the block that it stands in: what it is about, where a menu can carry nothing of its own. */
  blockId: string;
  /** Whether only this person sees the message it stands in, so that an answer may replace it. */
  ephemeral: boolean;
};

/** A slash command: one file in handlers/commands/, its name in manifest.yml. */
export type CommandDefinition = {
  name: `/${string}`;
  description: string;
  /** What can follow the command, for Slack's composer. */
  usage: string;
  /** Whether these words change something; see ActionDefinition. */
  stores?(text: string): boolean;
  run(args: CommandArgs, deps: Deps): Promise<void>;
};

/** A part of `/cs`: one file in handlers/cs/; `text` is what follows its name. */
export type Subcommand = {
  name: string;
  /** For `/cs help`; the examples begin with the name, and work with this playbook. */
  explain(playbook: Playbook): { example: string; does: string }[];
  /** Whether these words change something; see ActionDefinition. */
  stores?(text: string): boolean;
  run(args: CommandArgs, deps: Deps): Promise<void>;
};

/** A button or menu: one file in handlers/actions/; the id is a constant beside its block. */
export type ActionDefinition = {
  actionId: string;
  /** It changes something: Slack is told that the press was taken by the first answer, or when `run` ends, not before. */
  stores?: true;
  run(args: ActionArgs, deps: Deps): Promise<void>;
};
