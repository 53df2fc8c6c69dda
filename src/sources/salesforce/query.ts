import { z } from 'zod';
import { CrmRefused } from '../../crm/errors.ts';
import { getSalesforce, type SalesforceSession } from './connection.ts';

const version = 'v62.0';

/** A record as Salesforce answers it: its fields, and records within it for paths. */
export type SalesforceRecord = Record<string, unknown>;

const pageSchema = z.object({
  done: z.boolean(),
  nextRecordsUrl: z
    .string()
    .regex(/^\/services\/data\/v\d{1,3}\.\d\/query\/[\w-]{1,200}$/)
    .nullish(),
  records: z.array(z.record(z.string(), z.unknown())),
});

/** All records of a query, page by page. */
export async function querySalesforce(session: SalesforceSession, soql: string): Promise<SalesforceRecord[]> {
  const records: SalesforceRecord[] = [];
  const seen = new Set<string>();
  for (let path = `/services/data/${version}/query?q=${encodeURIComponent(soql)}`; ; ) {
    const page = await getSalesforce(session, path, pageSchema);
    for (const record of page.records) records.push(record);
    if (page.done) return records;
    const next = page.nextRecordsUrl ?? null;
    if (next === null || seen.has(next))
      throw new CrmRefused('invalid', 'Salesforce does not say where its list goes on.');
    seen.add(next);
    path = next;
  }
}

/** The value at a path of fields; Salesforce answers names as it spells them, whatever the query does. */
export function valueAt(record: SalesforceRecord, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    if (typeof value !== 'object' || value === null) return null;
    const found = Object.entries(value).find(([key]) => key.toLowerCase() === name.toLowerCase());
    return found?.[1] ?? null;
  }, record);
}
