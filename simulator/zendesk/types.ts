import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JournalEntry } from './journal.ts';

export type ZendeskOptions = {
  /** Of the agent whose token is used, and the token. */
  email: string;
  apiToken: string;
  /** Where changes are told to, and what they are signed with. */
  webhookUrl?: string;
  webhookSecret?: string;
  /** What a webhook sends: Zendesk's events, or the JSON of a trigger of one's own: `{"ticket_id": "7"}`. */
  webhookBody?: 'event' | 'trigger';
  now?: () => Date;
  /** The address from outside, with the path below which `handle` is mounted; else that of `listen`. */
  url?: string;
  /** Whether comments show what was noted of their change; audits always do. */
  commentMetadata?: boolean;
  /** Requests a minute; unlimited unless given. */
  perMinute?: number;
};

export type Role = 'end-user' | 'agent' | 'admin';
export type Status = 'new' | 'open' | 'pending' | 'hold' | 'solved' | 'closed';

/**
 * A scripted failure. `request` is a method and a path below the address, without ".json": "PUT /api/v2/tickets/7"; a
 * star stands for anything: "GET /api/v2/*", "*".
 */
export type Fault = {
  request: string;
  kind: /** Answers with `status` (500) and does nothing. */
    | 'status'
    /** Does it, and drops the answer. */
    | 'lost'
    /** Drops the connection and does nothing. */
    | 'dropped'
    /** Never answers and does nothing. */
    | 'hang'
    /** Does it when `release` is called; the answer may find nobody. */
    | 'held'
    | 'rate_limited'
    /** A page to sign in on, as if all were well. */
    | 'sign_in'
    /** Sends on to `location`. */
    | 'redirect'
    /** A file that ends in the middle. */
    | 'cut_off';
  status?: number;
  /** Seconds, or a date as headers have it. */
  retryAfter?: number | string;
  location?: string;
  /** How often; 1 unless given. */
  count?: number;
  /** How many are let through before; 0 unless given. */
  after?: number;
};

type SeenComment = { id: number; public: boolean; author: string; body: string; files: string[] };

/** A webhook's request that waits to be sent. */
export type Delivery = { id: string; ticketId: number; event: string | null; body: string };

/** A help desk that speaks Zendesk's API, in this process. What agents and customers do is told to the webhook. */
export type ZendeskServer = {
  /** Serves one request: the API, files, and the page of a ticket. False: not its path, and nothing was sent. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  /** A server of its own on loopback. */
  listen(port?: number): Promise<{ url: string; port: number }>;
  close(): Promise<void>;
  /** Sets the webhook's address. */
  connect(webhookUrl: string): void;

  /** Adds a group, an agent or an end user; answers with the id. */
  addGroup(name: string): number;
  /** Its tickets keep it; no other can be given to it. */
  deleteGroup(groupId: number): void;
  addPerson(person: { name: string; email?: string; role?: Role }): number;
  /** An agent writes; public unless it says otherwise. Answers with the comment's id. */
  reply(
    ticketId: number,
    text: string,
    options?: { public?: boolean; agentId?: number; files?: { name: string; type: string; bytes: Uint8Array }[] },
  ): number;
  /** The requester answers by mail. */
  answerByMail(ticketId: number, text: string): number;
  setStatus(ticketId: number, status: Status): void;
  assign(ticketId: number, agentId: number | null): void;
  /** Closes one ticket and goes on in the other; `note` is what Zendesk's note in the first says in other languages. */
  merge(sourceId: number, targetId: number, note?: string): void;
  closeTicket(ticketId: number): void;
  deleteTicket(ticketId: number): void;

  /** The ids of all tickets that are not deleted, and what is in one. */
  readonly ticketIds: number[];
  ticket(ticketId: number): Record<string, unknown>;
  comments(ticketId: number): SeenComment[];

  readonly journal: readonly JournalEntry[];
  fault(fault: Fault): void;
  clearFaults(): void;
  /** Lets go on what a fault holds; resolves when it is done. */
  release(): Promise<void>;
  /** Keeps webhooks back until they are released, in any order and number that `arrange` makes of them. */
  holdWebhooks(): void;
  releaseWebhooks(arrange?: (deliveries: Delivery[]) => Delivery[]): Promise<void>;
  signWrongly(how: 'secret' | 'timestamp', count?: number): void;
  /** Resolves when no request or delivery is under way and nothing happened for `quietMs` (100). */
  waitForIdle(quietMs?: number): Promise<void>;
};
