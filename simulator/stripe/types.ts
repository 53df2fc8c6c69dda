import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JournalEntry } from './journal.ts';

export type StripeOptions = {
  apiKey: string;
  /** Where events are sent, and what they are signed with. */
  webhookUrl?: string;
  webhookSecret?: string;
  now?: () => Date;
  /** A file of Stripe's example objects, over which each object is laid, so that it has every field of Stripe's own. */
  fixtures?: string;
  /** The address from outside, where `handle` is mounted; else that of `listen`. */
  url?: string;
};

/**
 * A scripted failure. `request` is a method and a path: "GET /v1/invoices/in_000001"; a star stands for anything:
 * "GET /v1/invoices*", "*".
 */
export type Fault = {
  request: string;
  kind: /** Answers with `status` (500), and with `code` and `message` where given. */
    | 'error'
    | 'rate_limited'
    /** Drops the connection instead of answering. */
    | 'lost'
    /** Answers after `ms` (1000). */
    | 'slow'
    /** Answers 200 with what is no JSON. */
    | 'garbage'
    /** Makes the answer at once, but sends it when `release` is called, so that an old state arrives late. */
    | 'held';
  status?: number;
  code?: string;
  message?: string;
  ms?: number;
  /** The header by which Stripe tells its client whether to try again; else the client decides. */
  shouldRetry?: boolean;
  /** How often; 1 unless given. The client tries again by itself: twice, unless set otherwise. */
  count?: number;
  /** How many are let through before; 0 unless given. */
  after?: number;
};

/** What a customer's card does; `processing`: it is a bank account, whose payments take days. `null`: there is none. */
export type Card = 'ok' | 'declined' | 'requires_action' | 'processing' | null;
export type Tax = { percent: number; inclusive?: boolean };
/** Amounts are in the smallest unit of the currency. `months` is how long it lasts; 1 is once, forever unless given. */
export type Discount = ({ percentOff: number } | { amountOff: number }) & { months?: number; name?: string };

export type NewPrice = {
  id?: string;
  name?: string;
  currency?: string;
  /** In the smallest unit: a whole number, or text with decimals. */
  unitAmount?: number | string;
  interval?: 'day' | 'week' | 'month' | 'year';
  intervalCount?: number;
  /** Metered is billed after the period, by what was reported. */
  isMetered?: boolean;
  tiers?: { upTo: number | null; unitAmount?: number | string; flatAmount?: number }[];
  tiersMode?: 'graduated' | 'volume';
};

export type NewSubscription = {
  customer: string;
  items: { price: string; quantity?: number }[];
  id?: string;
  discount?: Discount;
  tax?: Tax;
  /** By card unless `send_invoice`. */
  collection?: 'charge_automatically' | 'send_invoice';
  /** 30 unless given. */
  daysUntilDue?: number;
  metadata?: Record<string, string>;
};

export type NewGrant = {
  customer: string;
  /** In the smallest unit. */
  amount: number;
  currency?: string;
  category?: 'paid' | 'promotional';
  name?: string;
  effectiveAt?: Date;
  expiresAt?: Date;
  /** Lower is used first; 50 unless given. */
  priority?: number;
};

/** A webhook's request that waits to be sent; `body` is what is signed. */
export type Delivery = { id: string; type: string; objectId: string | null; body: string };

/** A Stripe account in this process, that speaks the part of Stripe's API that is used. Ids are Stripe's. */
export type StripeServer = {
  /** Serves one request below /v1, or the page of an invoice. False: not its path, and nothing was sent. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  /** A server of its own on loopback: `new Stripe(apiKey, { host: '127.0.0.1', port, protocol: 'http' })`. */
  listen(port?: number): Promise<{ url: string; port: number }>;
  close(): Promise<void>;
  /** Sets the webhook's address. */
  connect(webhookUrl: string): void;
  readonly url: string;

  /** Its clock. What receives webhooks should have the same: signatures are dated by it. */
  now(): Date;
  /** Moves the clock on; what falls due happens at its time and is told to the webhook before the clock goes on. */
  setTime(date: Date): Promise<void>;
  advance(ms: number): Promise<void>;

  /** Each answers with the id. */
  addCustomer(customer?: {
    id?: string;
    name?: string;
    email?: string;
    metadata?: Record<string, string>;
    /** `ok` unless given. */
    card?: Card;
  }): string;
  addPrice(price?: NewPrice): string;
  /** Its first invoice is finalised and charged at once; `incomplete` where that fails. */
  subscribe(subscription: NewSubscription): string;
  updateCustomer(
    customerId: string,
    fields: { name?: string | null; email?: string | null; metadata?: Record<string, string> },
  ): void;
  /** Ends its subscriptions too. */
  deleteCustomer(customerId: string): void;
  setCard(customerId: string, card: Card): void;
  /** Below zero is in the customer's favour. */
  adjustBalance(customerId: string, amount: number, currency?: string): void;

  /** Reports use of a subscription's metered item: of the first, unless an item's id is given; now unless dated. */
  reportUsage(subscriptionOrItemId: string, quantity: number, at?: Date): void;
  /** Changes the quantity of the first licensed item or of the item given; the rest of the period is prorated. */
  changeQuantity(subscriptionOrItemId: string, quantity: number, options?: { prorate?: boolean }): void;
  /** Pauses the subscription; with `collection`, only the collection of what it makes. */
  pause(
    subscriptionId: string,
    options?: { collection?: 'void' | 'mark_uncollectible' | 'keep_as_draft'; resumesAt?: Date },
  ): void;
  resume(subscriptionId: string): void;
  /** Now unless said otherwise; `never` takes back what was said before. */
  cancel(subscriptionId: string, when?: 'now' | 'period_end' | 'never' | Date): void;

  /** An invoice of its own, finalised and charged or sent at once; of `draft`, left as a draft. */
  addInvoice(invoice: {
    customer: string;
    lines: { description: string; amount: number; quantity?: number }[];
    currency?: string;
    tax?: Tax;
    collection?: 'charge_automatically' | 'send_invoice';
    daysUntilDue?: number;
    draft?: boolean;
  }): string;
  finalize(invoiceId: string): void;
  /** Of an invoice: its finalisation fails now. Of a customer: that of the next invoice will. */
  failFinalization(invoiceOrCustomerId: string): void;
  /** The customer pays, whatever the card on file does. */
  pay(invoiceId: string): void;
  /** Charges the card on file now, as somebody in the dashboard does. */
  attempt(invoiceId: string): void;
  voidInvoice(invoiceId: string): void;
  markUncollectible(invoiceId: string): void;
  /** Answers with the dispute's id. */
  dispute(invoiceId: string, options?: { amount?: number; reason?: string }): string;
  closeDispute(disputeId: string, status: 'won' | 'lost' | 'warning_closed'): void;

  grantCredit(grant: NewGrant): string;
  voidCredit(grantId: string): void;

  /** An object as the API has it. */
  object(id: string): Record<string, unknown>;
  /** The ids of all objects of a kind, oldest first: `invoice`, `subscription`, … */
  ids(kind: string): string[];
  /** Every event so far, oldest first, those without a webhook too. */
  readonly events: readonly StripeEvent[];
  readonly journal: readonly JournalEntry[];

  fault(fault: Fault): void;
  clearFaults(): void;
  /** Sends the answers that a fault holds; resolves when they are sent. */
  release(): Promise<void>;
  /** Keeps webhooks back until they are released; `arrange` may shuffle, double or lose them. */
  holdWebhooks(): void;
  releaseWebhooks(arrange?: (deliveries: Delivery[]) => Delivery[]): Promise<void>;
  /** Sends an event once more. */
  resend(eventId: string): Promise<void>;
  /** The next deliveries have another secret's signature, or one dated ten minutes off. */
  signWrongly(how: 'secret' | 'past' | 'future', count?: number): void;
  /** Resolves when no request or delivery is under way and nothing happened for `quietMs` (100). */
  waitForIdle(quietMs?: number): Promise<void>;
};

export type StripeEvent = {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: Record<string, unknown>; previous_attributes?: Record<string, unknown> };
  livemode: boolean;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
};
