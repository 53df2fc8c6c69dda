/** Who did something or is meant, as the caller says; at least one is given. */
export type Actor = { userId: string | null; anonymousId: string | null };

/** Traits or properties: a JSON object without NUL characters or lone surrogates. */
export type Fields = Readonly<Record<string, unknown>>;

/** Something that happened. `messageId` is the caller's, or a hash of the call; times are corrected for clock skew. */
export type EventCall = {
  kind: 'event';
  messageId: string;
  name: string;
  occurredAt: Date;
  properties: Fields;
  actor: Actor;
  /** The account as the caller names it; null when it names none. */
  account: string | null;
};

/** What is known of a user; known traits that are not given stay. Puts the user into `account`, if given. */
export type UserCall = { kind: 'user'; at: Date; actor: Actor; account: string | null; traits: Fields };

/** What is known of an account, which appears with it; known traits that are not given stay. Puts `actor` into it. */
export type AccountCall = { kind: 'account'; at: Date; account: string; actor: Actor | null; traits: Fields };

/** `previousId` is `userId` too: events of the one are the other's. */
export type AliasCall = { kind: 'alias'; at: Date; previousId: string; userId: string };

/** A call that the door has checked, in the order it came. */
export type Call = EventCall | UserCall | AccountCall | AliasCall;

/** A call that a door refused: why, in words for who sent it, and which of the request it was, from 0. */
export type Refusal = { index: number; messageId: string | null; reason: string; sample: string };

/** What a door makes of a request's body. */
export type Parsed = { calls: Call[]; refusals: Refusal[] };

/** Where a request came in. */
export type Door = 'segment' | 'posthog' | 'posthog-webhook' | 'import' | 'tickets';

/** Takes calls; resolves once they are durable. Rejects when the database does not take them: the caller may try again. */
export type Ingester = {
  ingest(door: Door, parsed: Parsed): Promise<void>;
  /** Whether so much waits that `ingest` rejects: then a request need not even be read. */
  isFull(): boolean;
  /** Waits for what is under way. */
  close(): Promise<void>;
};
