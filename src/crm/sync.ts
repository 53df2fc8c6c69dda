import type { Kysely } from 'kysely';
import {
  findCsmEmails,
  findKnownAccounts,
  findMissingRecords,
  insertRecordAccounts,
  isOutdated,
  type MissingRecord,
  type SegmentChange,
  storeRecords,
} from '../db/account-records.ts';
import { writeClaims } from '../db/claims.ts';
import { inTransaction } from '../db/rehearse.ts';
import { findSilences } from '../db/silence.ts';
import type { Database } from '../db/types.ts';
import { CrmUnavailable } from './errors.ts';
import { type Matched, matchRecords, type Unmatched } from './match.ts';
import type {
  Claim,
  ClaimField,
  Conflict,
  Crm,
  CrmFacts,
  CrmName,
  FieldChange,
  Owners,
  Quota,
  Silence,
} from './types.ts';

/** What a sync did, or with `dryRun` would do. */
export type SyncReport = {
  source: CrmName;
  label: string;
  dryRun: boolean;
  records: number;
  matched: number;
  /** Names of the accounts that are spoken of, by id. */
  names: ReadonlyMap<string, string>;
  created: string[];
  changes: FieldChange[];
  segments: SegmentChange[];
  conflicts: Conflict[];
  unmatched: { id: string; name: string; why: string }[];
  missing: MissingRecord[];
  /** Fields that would have been emptied of most accounts at once, and were left as they are. */
  silences: Silence[];
  faults: readonly string[];
  asked: readonly string[];
  quota: Quota | null;
};

/** `now` is before the CRM is read; `clear`: also empties what most accounts have lost at once. */
type Options = { owners: Owners; now: Date; today: string; dryRun: boolean; clear?: boolean };

/**
 * Reads a CRM, and writes what counts of it to the accounts, all or nothing.
 * @throws {CrmRefused, CrmUnavailable}
 */
export async function syncCrm(db: Kysely<Database>, crm: Crm, options: Options): Promise<SyncReport> {
  const { today, dryRun } = options;
  const facts = await crm.read({ today, csmEmails: await findCsmEmails(db) });
  const accounts = await findKnownAccounts(db);
  const found = matchRecords(facts.records, accounts, crm.match);
  const names = new Map(accounts.map(({ id, name }) => [id, name]));
  const done = await inTransaction(db, dryRun, (transaction) => write(transaction, crm, found, options));
  for (const { accountId, record } of done.matched) if (!names.has(accountId)) names.set(accountId, record.name);
  return { ...summary(crm, facts), ...done, dryRun, matched: done.matched.length, names };
}

function summary({ name, label }: Crm, { records, faults, asked, quota }: CrmFacts) {
  return { source: name, label, records: records.length, faults, asked, quota };
}

async function write(
  transaction: Parameters<typeof writeClaims>[0],
  crm: Crm,
  found: ReturnType<typeof matchRecords>,
  { owners, now, clear = false }: Options,
) {
  if (await isOutdated(transaction, crm.name, now))
    throw new CrmUnavailable(`Another sync of ${crm.label}, which began later, is done already: nothing is written.`);
  const wanted = crm.createAccounts ? found.unmatched.filter(({ isNew }) => isNew).map(newAccount) : [];
  const toMake = [...new Map(wanted.map((one) => [one.account.id, one])).values()];
  const made = new Set(
    await insertRecordAccounts(
      transaction,
      toMake.map(({ account }) => account),
    ),
  );
  const added = toMake.filter(({ account }) => made.has(account.id));
  const isMade = new Set(added.map(({ record }) => record));
  const matched: Matched[] = [
    ...found.matched,
    ...added.map(({ account, record }) => ({ accountId: account.id, record })),
  ];
  const claims = matched.flatMap(({ accountId, record }) =>
    Object.entries(record.said).map(
      ([field, value]): Claim => ({ accountId, field: field as ClaimField, value: value ?? null }),
    ),
  );
  // A renamed picklist value or a right that was taken away must not cost everybody's dates within the hour.
  const silences = clear ? [] : await findSilences(transaction, crm.name, claims);
  const isHeard = ({ field, value }: Claim) => value !== null || !silences.some((each) => each.field === field);
  const heard = claims.filter(isHeard);
  const { written, conflicts } = await writeClaims(transaction, crm.name, heard, { owners, now });
  return {
    matched,
    created: added.map(({ account }) => account.id),
    changes: written,
    segments: await storeRecords(transaction, crm.name, matched, now),
    conflicts,
    unmatched: found.unmatched
      .filter(({ record }) => !isMade.has(record))
      .map(({ record: { id, name }, why }) => ({ id, name, why })),
    missing: await findMissingRecords(transaction, crm.name, now),
    silences,
  };
}

/** The account that a record becomes: by our id of it, where it has one, else by its own. */
function newAccount({ record }: Unmatched) {
  const id = (record.externalId ?? record.id).slice(0, 255);
  return { record, account: { id, name: record.name.slice(0, 500), domain: record.domain } };
}
