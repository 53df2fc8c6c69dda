import { readDomain, readSaid } from '../crm/read-said.ts';
import type { SalesforceMapping } from '../crm/settings.ts';
import { accountQuery, renewalQuery } from '../crm/soql.ts';
import type { Crm, CrmFacts, CrmRecord, ReadContext } from '../crm/types.ts';
import { type CrmOptions, crmConnection } from './ask-crm.ts';
import type { SalesforceSession } from './salesforce/connection.ts';
import { querySalesforce, type SalesforceRecord, valueAt } from './salesforce/query.ts';
import { pickRenewals } from './salesforce/renewals.ts';

/** `url` is the address of My Domain; the client's are those of an app that allows the client credentials flow. */
type Options = CrmOptions & { clientId: string; clientSecret: string; mapping: SalesforceMapping };

/** The trait that has the amount of the renewal that counts. */
const amountTrait = 'renewal_amount';

/** Salesforce, read by a mapping. */
export function createSalesforce({ mapping, clientId, clientSecret, ...options }: Options): Crm {
  const connection = crmConnection('Salesforce', 'SALESFORCE_URL', options);
  const accounts = accountQuery(mapping);
  const renewals = renewalQuery(mapping);
  const queries = [accounts, ...(renewals === null ? [] : [renewals])];
  return {
    name: 'salesforce',
    label: 'Salesforce',
    match: mapping.match,
    createAccounts: mapping.createAccounts,
    queries,
    async read(context): Promise<CrmFacts> {
      const session: SalesforceSession = { ...connection, clientId, clientSecret, token: null, quota: null };
      const accountRecords = await querySalesforce(session, accounts);
      const renewalRecords = renewals === null ? [] : await querySalesforce(session, renewals);
      const faults: string[] = [];
      const records = toRecords(mapping, accountRecords, renewalRecords, context, faults);
      return { records, faults, asked: queries, quota: session.quota };
    },
  };
}

function toRecords(
  mapping: SalesforceMapping,
  accounts: readonly SalesforceRecord[],
  renewals: readonly SalesforceRecord[],
  { today }: ReadContext,
  faults: string[],
): CrmRecord[] {
  const { renewal, owner, arr, mrr } = mapping;
  const picked = renewal?.kind === 'object' ? pickRenewals(renewals, renewal, today) : null;
  return accounts.flatMap((record): CrmRecord[] => {
    const id = valueAt(record, 'Id');
    if (typeof id !== 'string') return [];
    const read = (path: string | null) => (path === null ? undefined : valueAt(record, path));
    const name = textOf(read(mapping.name)) ?? id;
    const next = picked?.get(id) ?? null;
    const date = renewal?.kind === 'field' ? read(renewal.field) : picked ? (next?.day ?? null) : undefined;
    const traits = Object.entries(mapping.traits).map(([trait, path]) => [trait, read(path)] as const);
    const hasAmount = renewal?.kind === 'object' && renewal.amount !== null;
    return [
      {
        id,
        name,
        externalId: textOf(read(mapping.id)),
        domain: readDomain(read(mapping.domain)),
        said: readSaid(
          { renewal_date: date, csm_email: read(owner), arr: read(arr), mrr: read(mrr) },
          Object.fromEntries([...traits, ...(hasAmount ? [[amountTrait, next?.amount ?? null] as const] : [])]),
          (words) => faults.push(`${name} (${id}): ${words}`),
        ),
        segments: null,
      },
    ];
  });
}

function textOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  return text === '' ? null : text;
}
