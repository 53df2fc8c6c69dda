/** `YYYY-MM-DD`. */
type Day = string;

/** The systems in which customers are kept, as commands and mappings name them. */
export type CrmName = 'salesforce' | 'vitally';

/** Who may say something of an account: `files` are imports and the doors for events, `people` decide in Slack. */
export type ClaimSource = CrmName | 'stripe' | 'files' | 'people';

/** The columns of an account that may have an owner. */
export const ownableColumns = ['renewal_date', 'csm_email', 'arr', 'mrr'] as const;

/** A column of an account, or `traits.NAME`. */
export type ClaimField = (typeof ownableColumns)[number] | `traits.${string}`;

/** A day, an address in lower case, or an amount of at most two decimals; traits are any. */
export type ClaimValue = string | number | boolean;

/** Which source has the say on a field; a field that is not named is the last's who said something new. */
export type Owners = Readonly<Record<string, ClaimSource>>;

/** What one source says of one field; null is that it says nothing (any more). */
export type Claim = { accountId: string; field: ClaimField; value: ClaimValue | null };

/** A field of which a source says nothing any more for `silent` of the `said` accounts for which it did. */
export type Silence = { field: ClaimField; silent: number; said: number };

/** A field of an account that was written. */
export type FieldChange = { accountId: string; field: ClaimField; was: ClaimValue | null; is: ClaimValue | null };

/** A source whose word is not what the account has. `owner` is null where the field has none. */
export type Conflict = {
  accountId: string;
  name: string;
  field: ClaimField;
  /** What the account has. */
  value: ClaimValue | null;
  source: ClaimSource;
  says: ClaimValue;
  since: Date;
  owner: ClaimSource | null;
};

/** How a record is known as an account of ours, tried in the order given. */
export type MatchBy = 'id' | 'domain' | 'name';

/** An account as a CRM has it. What is not in `said` was not asked for. */
export type CrmRecord = {
  id: string;
  name: string;
  /** Our id of it, as the CRM has it. */
  externalId: string | null;
  domain: string | null;
  said: Partial<Record<ClaimField, ClaimValue | null>>;
  /** Null where they are not asked for. */
  segments: readonly string[] | null;
};

/** How much of what it lets us ask is used up; `remaining` is of a minute. */
export type Quota = { kind: 'day'; used: number; limit: number } | { kind: 'minute'; remaining: number; limit: number };

/** All that a CRM has. `faults` are values that could not be read, in words; `asked` are its queries. */
export type CrmFacts = {
  records: readonly CrmRecord[];
  faults: readonly string[];
  asked: readonly string[];
  quota: Quota | null;
};

/** What reading needs of our side: today's day, and the addresses of our CSMs. */
export type ReadContext = { today: Day; csmEmails: readonly string[] };

/** A CRM that is configured. */
export type Crm = {
  name: CrmName;
  /** For people: "Salesforce". */
  label: string;
  match: readonly MatchBy[];
  /** Whether accounts that only the CRM has are made here, too. */
  createAccounts: boolean;
  /** The queries that `read` sends; none where it has none. */
  queries: readonly string[];
  /** @throws {CrmRefused, CrmUnavailable} */
  read(context: ReadContext): Promise<CrmFacts>;
};
