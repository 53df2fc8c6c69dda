import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { SourceSettings } from './crm/settings.ts';
import type { Crm, CrmName } from './crm/types.ts';
import { createSalesforce } from './sources/salesforce.ts';
import { createVitally } from './sources/vitally.ts';

/** Of each CRM how it is read, or in words what is missing for that. */
export type Crms = Record<CrmName, { crm: Crm } | { missing: string }>;

/** The CRMs for which there are both credentials in the environment and a mapping in the pack. */
export function createCrms(
  { salesforce, vitally }: Pick<Config, 'salesforce' | 'vitally'>,
  sources: SourceSettings,
  options: { log: Logger; now: () => Date },
): Crms {
  return {
    salesforce: !salesforce
      ? { missing: 'SALESFORCE_URL is not set' }
      : !sources.salesforce
        ? { missing: 'sources.yml of the playbook says nothing of salesforce' }
        : { crm: createSalesforce({ ...options, ...salesforce, mapping: sources.salesforce }) },
    vitally: !vitally
      ? { missing: 'VITALLY_URL is not set' }
      : !sources.vitally
        ? { missing: 'sources.yml of the playbook says nothing of vitally' }
        : { crm: createVitally({ ...options, ...vitally, mapping: sources.vitally }) },
  };
}
