/**
 * A help desk. Each of its functions throws HelpDeskRefused where another attempt would end alike, and
 * HelpDeskUnavailable where it may succeed. Ids are text that only the help desk itself can read.
 */
export type HelpDesk = {
  /** What people call it: "Zendesk". */
  readonly name: string;
  /**
   * Creates a ticket, once for each `externalId`. What is created is the first call's; a later call finds it, whatever it
   * asks for.
   */
  createTicket(ticket: NewTicket, attempt: Attempt): Promise<CreatedTicket>;
  /** Refused as `not_found` where it was deleted. */
  readTicket(ticketId: string): Promise<Ticket>;
  /** Changes what is given and nothing else. Refused as `closed` for a closed ticket. */
  updateTicket(ticketId: string, changes: TicketChanges): Promise<void>;
  /** Adds a comment, once for each `key` on a ticket. Refused as `closed` for a closed ticket. */
  addComment(ticketId: string, comment: NewComment, attempt: Attempt): Promise<AddedComment>;
  /**
   * All comments after the known one, oldest first, each once; all comments of the ticket where `afterId` is null or is
   * none of them (any more).
   */
  listComments(ticketId: string, afterId: string | null): Promise<Comment[]>;
  /** The groups that a ticket can be given to. */
  listGroups(): Promise<Group[]>;
  /**
   * Takes a file, and answers with a token for `attachments`. A token lasts for one ticket or comment, within the hour.
   * Refused as `too_large` where the help desk takes no such file, or none at all: then it is to be linked.
   */
  uploadFile(file: FileToUpload): Promise<string>;
  /** Opens what is attached to a comment. Refused where it is larger than `largest` bytes, unsafe, or no file. */
  openFile(attachment: Attachment, largest: number): Promise<OpenedFile>;
  /** The page of a ticket, for the people who work on it; null where the help desk has no pages. */
  linkTo(ticketId: string): string | null;
};

/**
 * `isRetry` unless it is certain that this was never tried before; only then is there a look whether it was done. Always
 * true would be right too, but slow.
 */
export type Attempt = { isRetry: boolean };

export type Severity = 'low' | 'normal' | 'high' | 'urgent';
export type TicketStatus = 'new' | 'open' | 'pending' | 'hold' | 'solved' | 'closed';
export type FieldValue = string | number | boolean | null;
export type Group = { id: string; name: string };

export type NewTicket = {
  /** Our id of it. */
  externalId: string;
  subject: string;
  body: string;
  /** Whether the requester may read the body. */
  isPublic: boolean;
  requester: Requester;
  groupId: string | null;
  severity: Severity | null;
  /** By the help desk's ids of the fields. */
  fields: Readonly<Record<string, FieldValue>>;
  tags: readonly string[];
  /** Tokens of uploadFile. */
  attachments: readonly string[];
  /** The closed ticket that this one continues. */
  followUpOf: string | null;
};

/** `externalId` is our id of the person, by which they are known where they have no address. */
export type Requester = { name: string; email: string | null; externalId: string };

/** `commentId` is that of the ticket's body. */
export type CreatedTicket = { id: string; requesterId: string | null; commentId: string };

export type Ticket = {
  id: string;
  externalId: string | null;
  subject: string;
  status: TicketStatus;
  severity: Severity | null;
  group: Group | null;
  assignee: { name: string; email: string | null } | null;
  requesterId: string | null;
  /** The ticket that goes on in the place of this one. Set only on closed tickets. */
  mergedInto: string | null;
  followUpOf: string | null;
  updatedAt: Date;
};

export type TicketChanges = {
  status?: TicketStatus;
  severity?: Severity;
  groupId?: string;
  fields?: Readonly<Record<string, FieldValue>>;
  /** An agent, whom a help desk knows by the address, and may show by the name; null for nobody. */
  assignee?: { email: string; name: string } | null;
};

export type NewComment = {
  /** Our id of it, at most 100 characters. */
  key: string;
  body: string;
  /** Whether the requester may read it; an internal note otherwise. */
  isPublic: boolean;
  /** `personId` is the help desk's id of a customer, who is then shown as the author of a public comment. */
  author: { name: string; personId: string | null };
  /** Tokens of uploadFile. */
  attachments: readonly string[];
};

export type AddedComment = { commentId: string };

export type Comment = {
  id: string;
  isPublic: boolean;
  /** `us`: added by addComment or createTicket, whoever is shown as its author. */
  author: { name: string | null; role: 'agent' | 'customer' | 'us' };
  /** Plain text. */
  body: string;
  attachments: Attachment[];
  createdAt: Date;
};

/** `size` is in bytes. */
export type Attachment = { id: string; name: string; type: string; size: number; url: string; isUnsafe: boolean };

/** `open` is called once, when the upload begins, and must give exactly `size` bytes. */
export type FileToUpload = { name: string; type: string; size: number; open(): Promise<AsyncIterable<Uint8Array>> };

/** `bytes` throws where the file turns out to be cut off or larger than it said. */
export type OpenedFile = { name: string; type: string; size: number; bytes: AsyncIterable<Uint8Array> };
