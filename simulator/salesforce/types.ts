import type { ScriptedServer } from '../scripted.ts';

/** The type of a field; one that leads to another object's record has that object's name. */
export type FieldType = 'id' | 'string' | 'number' | 'boolean' | 'date' | 'datetime' | { to: string };

/** The fields of objects, as Salesforce spells them. */
export type Schema = Record<string, Record<string, FieldType>>;

/** A record; a field that leads elsewhere has the other record's id. */
export type StoredRecord = Record<string, unknown> & { Id: string };

export type SalesforceOptions = {
  clientId: string;
  clientSecret: string;
  /** Fields beside those that every organisation has. */
  fields?: Schema;
  /** Records on a page; 2,000 unless given. */
  pageSize?: number;
  /** Requests of 24 hours; 15,000 unless given. */
  limit?: number;
  now?: () => Date;
};

/** Salesforce's token endpoint and REST queries, in this process. */
export type SalesforceServer = ScriptedServer & {
  /** Adds a record, or changes that of the same id; answers with its id. */
  put(object: string, record: Record<string, unknown>): string;
  remove(object: string, id: string): void;
  /** Ends all sessions. */
  expireTokens(): void;
  /** As if so many requests had been sent today. */
  use(requests: number): void;
};
