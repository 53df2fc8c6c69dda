import type { MatchBy, Owners } from './types.ts';

/** Where Salesforce has the renewal date: in a field of the account, or in records of their own that name it. */
export type SalesforceRenewal =
  | { kind: 'field'; field: string }
  | { kind: 'object'; object: string; date: string; account: string; amount: string | null; where: string | null };

/** How Salesforce's accounts are read. Fields are names or paths, `Owner.Email`; null is not read. */
export type SalesforceMapping = {
  id: string | null;
  name: string;
  domain: string | null;
  /** A condition in SOQL, as written. */
  where: string | null;
  match: readonly MatchBy[];
  createAccounts: boolean;
  owner: string | null;
  arr: string | null;
  mrr: string | null;
  renewal: SalesforceRenewal | null;
  /** By our name of the trait. */
  traits: Readonly<Record<string, string>>;
};

/** How Vitally's accounts are read: attributes of the account, or `traits.NAME`; null is not read. */
export type VitallyMapping = {
  domain: string | null;
  match: readonly MatchBy[];
  createAccounts: boolean;
  csm: string | null;
  /** Addresses of CSMs beside those that accounts have. */
  people: readonly string[];
  renewalDate: string | null;
  arr: string | null;
  mrr: string | null;
  /** By our name of the trait. */
  traits: Readonly<Record<string, string>>;
  segments: boolean;
};

/** sources.yml of a pack; a CRM that it does not name is not read. */
export type SourceSettings = {
  owners: Owners;
  salesforce: SalesforceMapping | null;
  vitally: VitallyMapping | null;
  stripe: {
    /** The key of a customer's metadata that names the account. */
    metadata: string;
  };
};

/** What holds without a file. */
export const noSources: SourceSettings = {
  owners: {},
  salesforce: null,
  vitally: null,
  stripe: { metadata: 'account_id' },
};
