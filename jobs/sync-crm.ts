import { z } from 'zod';
import { createCrms } from '../src/create-crms.ts';
import { CrmRefused } from '../src/crm/errors.ts';
import { syncCrm } from '../src/crm/sync.ts';
import { localDay } from '../src/days.ts';
import { UserError } from '../src/errors.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { refreshSoon } from './refresh-accounts.ts';

const payload = z.strictObject({});

/** Reads each CRM that is set up. What is amiss with one keeps no other from being read. */
export const syncCrms: JobDefinition<z.infer<typeof payload>> = {
  name: 'sync-crm',
  description: 'read renewal dates, owners and ARR from Salesforce and Vitally, where they are set up',
  payload,
  schedule: '41 * * * *',
  record: 'latest',
  async run(_payload, { config, db, log, now, playbook, queue }) {
    const result: Record<string, unknown> = {};
    const failures: unknown[] = [];
    let changed = 0;
    for (const [name, each] of Object.entries(createCrms(config, playbook.sources, { log, now }))) {
      if ('missing' in each) {
        result[name] = { skipped: each.missing };
        continue;
      }
      try {
        const at = now();
        const today = localDay(at, config.timeZone);
        const report = await syncCrm(db, each.crm, { owners: playbook.sources.owners, now: at, today, dryRun: false });
        const { records, matched, created, changes, segments, conflicts, unmatched, missing, faults, silences, quota } =
          report;
        if (silences.length > 0)
          log.warn({ crm: name, silences }, 'a CRM says nothing any more of most accounts; nothing of that is cleared');
        changed += changes.length + segments.length + created.length;
        result[name] = {
          records,
          matched,
          created: created.length,
          changes: changes.length,
          segments: segments.length,
          conflicts: conflicts.length,
          unmatched: unmatched.length,
          missing: missing.length,
          faults: faults.length,
          silences,
          quota,
        };
      } catch (error) {
        log.warn({ err: error, crm: name }, 'a CRM could not be read');
        failures.push(error);
      }
    }
    if (changed > 0) await queue.enqueue('refresh-accounts', {}, refreshSoon);
    if (failures.length === 0) return result;
    const refusals = failures.filter((each) => each instanceof CrmRefused);
    if (refusals.length < failures.length) throw failures.find((each) => !(each instanceof CrmRefused));
    // A refusal ends only when somebody changes something: to try at once again is of no use.
    throw new UserError(refusals.map(({ message }) => message).join(' '));
  },
};
