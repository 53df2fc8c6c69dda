import type { Kysely } from 'kysely';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { createSalesforceServer } from '../simulator/salesforce/server.ts';
import type { SalesforceOptions } from '../simulator/salesforce/types.ts';
import { createVitallyServer } from '../simulator/vitally/server.ts';
import type { VitallyOptions } from '../simulator/vitally/types.ts';
import type { SalesforceMapping, VitallyMapping } from '../src/crm/settings.ts';
import { writeClaims } from '../src/db/claims.ts';
import type { Database } from '../src/db/types.ts';
import { createSalesforce } from '../src/sources/salesforce.ts';
import { createVitally } from '../src/sources/vitally.ts';

const noLog = pino({ level: 'silent' });
export const salesforceApp = { clientId: 'consumer-key', clientSecret: 'consumer-secret' };

/** A mapping that reads accounts by id, with these changes. */
export function salesforceMapping(over: Partial<SalesforceMapping> = {}): SalesforceMapping {
  return {
    id: 'External_Id__c',
    name: 'Name',
    domain: 'Website',
    where: null,
    match: ['id', 'domain', 'name'],
    createAccounts: false,
    owner: 'Owner.Email',
    arr: 'Annual_Recurring__c',
    mrr: null,
    renewal: {
      kind: 'object',
      object: 'Opportunity',
      date: 'CloseDate',
      account: 'AccountId',
      amount: 'Amount',
      where: "Type = 'Renewal' AND IsClosed = false",
    },
    traits: { industry: 'Industry' },
    ...over,
  };
}

type Given = Partial<SalesforceOptions> & {
  mapping?: Partial<SalesforceMapping>;
  clientSecret?: string;
  clientUrl?: string;
  answerMs?: number;
};

/** A Salesforce with fields of its own, a reader of it, and the pauses that the reader made. */
export async function startSalesforce({ mapping, clientSecret, clientUrl, answerMs, ...options }: Given = {}) {
  const now = () => new Date('2026-11-20T09:00:00Z');
  const server = createSalesforceServer({
    ...salesforceApp,
    now,
    fields: {
      Account: { External_Id__c: 'string', Annual_Recurring__c: 'number', Renewal_Date__c: 'date' },
    },
    ...options,
  });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  const pauses: number[] = [];
  const crm = createSalesforce({
    url: clientUrl ?? url,
    clientId: salesforceApp.clientId,
    clientSecret: clientSecret ?? salesforceApp.clientSecret,
    mapping: salesforceMapping(mapping),
    now,
    log: noLog,
    pause: async (ms) => {
      pauses.push(ms);
    },
    ...(answerMs !== undefined && { answerMs }),
  });
  const read = () => crm.read({ today: '2026-11-20', csmEmails: [] });
  return { server, crm, url, pauses, read };
}

/** A mapping that reads accounts by their external id, with these changes. */
export function vitallyMapping(over: Partial<VitallyMapping> = {}): VitallyMapping {
  return {
    domain: null,
    match: ['id', 'name'],
    createAccounts: false,
    csm: 'csmId',
    people: [],
    renewalDate: 'nextRenewalDate',
    arr: 'traits.arr',
    mrr: null,
    traits: { plan: 'traits.Plan' },
    segments: true,
    ...over,
  };
}

type GivenVitally = Partial<VitallyOptions> & { mapping?: Partial<VitallyMapping>; clientKey?: string };

/** A Vitally, a reader of it, and the pauses that the reader made. */
export async function startVitally({ mapping, clientKey, ...options }: GivenVitally = {}) {
  const clock = { at: new Date('2026-11-20T09:00:00Z') };
  const now = () => clock.at;
  const apiKey = 'vitally-key';
  const server = createVitallyServer({ apiKey, now, ...options });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  const pauses: number[] = [];
  const crm = createVitally({
    url,
    apiKey: clientKey ?? apiKey,
    mapping: vitallyMapping(mapping),
    now,
    log: noLog,
    pause: async (ms) => {
      pauses.push(ms);
      clock.at = new Date(clock.at.getTime() + ms);
    },
  });
  const read = (csmEmails: string[] = []) => crm.read({ today: '2026-11-20', csmEmails });
  return { server, crm, url, pauses, read };
}

/** Notes in a transaction what a source says, and writes what counts of it. */
export function claim(
  db: Kysely<Database>,
  ...args: Parameters<typeof writeClaims> extends [unknown, ...infer Rest] ? Rest : never
) {
  return db.transaction().execute((transaction) => writeClaims(transaction, ...args));
}
