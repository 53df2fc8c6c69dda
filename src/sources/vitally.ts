import { readDomain, readSaid } from '../crm/read-said.ts';
import type { VitallyMapping } from '../crm/settings.ts';
import type { Crm, CrmFacts, CrmRecord } from '../crm/types.ts';
import { type CrmOptions, crmConnection } from './ask-crm.ts';
import { findVitallyAdmins, listVitallyAccounts, type VitallyAccount } from './vitally/accounts.ts';
import type { VitallyConnection } from './vitally/connection.ts';

/** `url` is that of the REST API, `https://acme.rest.vitally.io`. */
type Options = CrmOptions & { apiKey: string; mapping: VitallyMapping };

/** Attributes that have the id of a member of Vitally's team, rather than an address. */
const memberIds = new Set(['csmId', 'accountExecutiveId', 'accountOwnerId']);
const longestSegment = 100;

/** Vitally, read by a mapping. */
export function createVitally({ mapping, apiKey, ...options }: Options): Crm {
  const connection = crmConnection('Vitally', 'VITALLY_URL', options);
  return {
    name: 'vitally',
    label: 'Vitally',
    match: mapping.match,
    createAccounts: mapping.createAccounts,
    queries: [],
    async read({ csmEmails }): Promise<CrmFacts> {
      const vitally: VitallyConnection = { ...connection, apiKey, quota: null };
      const accounts = await listVitallyAccounts(vitally);
      const isById = mapping.csm !== null && memberIds.has(mapping.csm);
      const members = isById ? await findVitallyAdmins(vitally, [...mapping.people, ...csmEmails]) : null;
      const faults: string[] = [];
      const records = accounts.map((account) => toRecord(mapping, account, members, faults));
      return { records, faults, asked: [], quota: vitally.quota };
    },
  };
}

function toRecord(
  mapping: VitallyMapping,
  account: VitallyAccount,
  members: ReadonlyMap<string, string> | null,
  faults: string[],
): CrmRecord {
  const name = account.name?.trim() || account.id;
  const fault = (words: string) => faults.push(`${name} (${account.id}): ${words}`);
  const read = (path: string | null) => (path === null ? undefined : valueAt(account, path));
  const { renewalDate, arr, mrr, domain, traits, segments } = mapping;
  return {
    id: account.id,
    name,
    externalId: account.externalId == null || account.externalId === '' ? null : String(account.externalId),
    domain: readDomain(read(domain)),
    said: readSaid(
      {
        renewal_date: read(renewalDate),
        csm_email: csmOf(read(mapping.csm), members, fault),
        arr: read(arr),
        mrr: read(mrr),
      },
      Object.fromEntries(Object.entries(traits).map(([trait, path]) => [trait, read(path)])),
      fault,
    ),
    segments: segments ? segmentsOf(account) : null,
  };
}

/** The address of a CSM; undefined where it is not known, so that what was said before stays. */
function csmOf(value: unknown, members: ReadonlyMap<string, string> | null, fault: (words: string) => void): unknown {
  if (members === null || value == null || value === '') return value;
  const email = members.get(String(value));
  if (email === undefined)
    fault(`its CSM is ${String(value)}, whose address we do not know; add it to "people" in sources.yml`);
  return email;
}

/** Null where the account has nothing there; names of traits may have dots. */
function valueAt(account: VitallyAccount, path: string): unknown {
  const value = path.startsWith('traits.') ? account.traits?.[path.slice('traits.'.length)] : account[path];
  return value ?? null;
}

function segmentsOf({ segments }: VitallyAccount): string[] {
  const names = (segments ?? []).map(({ name }) => name.trim().slice(0, longestSegment));
  return [...new Set(names.filter((name) => name !== '' && !name.includes('\0')))];
}
