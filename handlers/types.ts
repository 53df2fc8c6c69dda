import type { ModalView } from '@slack/types';
import type { FormValues } from '../blocks/ticket-form.ts';
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
  /** Opens one modal, within three seconds. */
  triggerId: string;
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

/** What came with a press that anybody may make who sees the message; nothing is looked up of who they are. */
export type OpenActionArgs = {
  /** A Slack id, which may be of another workspace. */
  userId: string;
  /** Where the message stands that was pressed, as Slack says; what the press itself says of it counts for nothing. */
  channelId: string;
  ts: string;
  /** What all fields of the message hold. */
  values: FormValues;
  /** Answers for the presser's eyes only. */
  respond(message: Message): Promise<void>;
};

/**
 * A button or menu in a message that people outside the company see, too, and may press. What it does must be right for
 * whoever sees the message, and what it answers may hold nothing that the message does not show.
 */
export type OpenActionDefinition = {
  actionId: string;
  open: true;
  /** Slack is told that the press was taken by the first answer, or when it ends, not before. */
  run(args: OpenActionArgs, deps: Deps): Promise<void>;
};

/** What came with a modal that somebody sent. It runs for full members of our workspace, and no others. */
export type ViewArgs = {
  person: Person;
  /** The same however often the modal is sent. */
  viewId: string;
  /** The modal's private_metadata. */
  metadata: string;
  /** What stands in its fields, by block and action. */
  values: Readonly<Record<string, Readonly<Record<string, ViewField>>>>;
};

/** What a text holds, or what was chosen in a menu. */
type ViewField = { value?: string | null; selected_option?: { value?: string } | null };

/** What becomes of a modal that was sent: words about its fields, by block, keep it open; `view` takes its place. */
export type ViewAnswer = { errors: Readonly<Record<string, string>> } | { view: ModalView };

/** A modal: one file in handlers/views/; the id is a constant beside its blocks. */
export type ViewDefinition = {
  callbackId: string;
  /**
   * Slack is told that the modal was taken when it ends, not before; without an answer the modal closes. The message of a
   * UserError stands beside the first field.
   */
  run(args: ViewArgs, deps: Deps): Promise<ViewAnswer | undefined>;
};

/** Events of Slack's of some types: one file in handlers/events/; the types stand in manifest.yml. */
export type EventDefinition = {
  types: readonly string[];
  /** Where it happened, if it matters; `null` where it does not, and nothing is kept of it. */
  keeps(event: unknown, deps: Deps): Promise<{ channelId: string | null } | null>;
};

/** What came with a shortcut on a message, which anybody may use who sees the message. */
type ShortcutArgs = {
  userId: string;
  channelId: string;
  /** Of the message. */
  ts: string;
  /** When it was pressed, as Slack says. */
  pressedAt: string;
  responseUrl: string;
};

/** A shortcut on messages: one file in handlers/shortcuts/, its id in manifest.yml. It is acknowledged when `run` ends. */
export type ShortcutDefinition = {
  callbackId: string;
  run(args: ShortcutArgs, deps: Deps): Promise<void>;
};
