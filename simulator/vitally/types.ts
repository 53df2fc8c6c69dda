import type { ScriptedServer } from '../scripted.ts';

export type VitallyOptions = {
  apiKey: string;
  /** Accounts on a page at most; 100 unless given. */
  pageSize?: number;
  /** Requests a minute; 1,000 unless given. */
  perMinute?: number;
  now?: () => Date;
};

/** An account to put; what is left out of one that is there stays. */
export type GivenAccount = {
  id?: string;
  externalId?: string | null;
  name?: string;
  traits?: Record<string, unknown>;
  segments?: string[];
  status?: 'active' | 'churned';
} & Record<string, unknown>;

/** Vitally's REST API, in this process. */
export type VitallyServer = ScriptedServer & {
  /** Adds an account, or changes that of the same id; answers with its id. */
  put(account: GivenAccount): string;
  remove(id: string): void;
  /** Adds a member of the team; answers with the id. */
  addAdmin(admin: { name: string; email: string }): string;
};
