import { setTimeout as sleep } from 'node:timers/promises';
import type { Owners } from '../crm/types.ts';
import { type ImportSession, openImportSession } from '../db/import-session.ts';
import { createStage, findEarliestDay, findRejected, indexStage, type MergeCounts } from '../db/import-stage.ts';
import { addIngestCounts } from '../db/ingest-counts.ts';
import { lockIngestion } from '../db/ingest-lock.ts';
import { findKeptFrom } from '../db/retention.ts';
import type { Db } from '../db/types.ts';
import { attachWaitingEvents } from '../db/waiting-events.ts';
import { UserError } from '../errors.ts';
import { createDateReader } from './dates.ts';
import { excerpt } from './faults.ts';
import type { Input } from './input.ts';
import type { Assignments } from './layout.ts';
import type { Mapping } from './mapping.ts';
import { mappedPipeline, type Pipeline, type PipelineOptions, withPipeline } from './pipelines.ts';
import { createRejects, type Rejects } from './rejects.ts';
import { openSource } from './source.ts';
import { type StageCounts, stageLines } from './stage-rows.ts';
import type { Fault, ImportKind } from './types.ts';

/** An import as asked for. */
export type ImportRequest = {
  kind: ImportKind;
  input: Input;
  /** Of the database, migrated. */
  url: string;
  now: Date;
  /** Of times without an offset, and of days. */
  timeZone: string;
  /** In which days are counted, where that is another. */
  homeTimeZone?: string;
} & Partial<ImportOptions>;

/** What an import need not say: by itself it reads ISO dates, takes what it can and tells nobody meanwhile. */
type ImportOptions = {
  /** date-fns's tokens; null is ISO. */
  dateFormat: string | null;
  /** Days by which every date of the file is moved, to try old data as if it were new. */
  addDays: number;
  assignments: Assignments;
  /** How rows become events; only for events. */
  mapping: Mapping | null;
  /** The playbook's metrics; null when there is no playbook to be had. */
  knownMetrics: ReadonlySet<string> | null;
  /** Check all, write nothing. */
  dryRun: boolean;
  /** Stop at the first faulty row and write nothing. */
  strict: boolean;
  knownAccountsOnly: boolean;
  /** Who owns which field of accounts. */
  owners: Owners;
  /** Where faulty rows are written; null is nowhere. */
  rejectsPath: string | null;
  signal: AbortSignal;
  /** Bytes of the input, then records written. */
  onProgress(phase: 'reading' | 'writing', done: number, total: number | null): void;
  /** Another import writes: this one waits. */
  onWait(): void;
};
type FullRequest = ImportRequest & ImportOptions;

function withDefaults(request: ImportRequest): FullRequest {
  return {
    dateFormat: null,
    addDays: 0,
    assignments: { map: new Map(), set: new Map() },
    mapping: null,
    knownMetrics: null,
    dryRun: false,
    strict: false,
    knownAccountsOnly: false,
    owners: {},
    rejectsPath: null,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onWait: () => undefined,
    ...request,
  };
}

/** How an import went. With `dryRun` the counts say what would be. */
export type ImportSummary = {
  kind: ImportKind;
  input: string;
  dryRun: boolean;
  /** Data rows of the file; with `strict`, up to the faulty one. */
  rows: number;
  /** Accounts, users, events or metric values. */
  inserted: number;
  updated: number;
  unchanged: number;
  /** Superseded by a later row of the same file. */
  repeated: number;
  /** Rows that no entry of the mapping takes, or metric values that are empty. */
  skipped: number;
  rejected: number;
  /** Made because rows name them. */
  createdAccounts: number;
  createdUsers: number;
  /** So many values are not what the accounts have, as another source owns the field; not there when there are none. */
  differing?: number;
  /** The first local day that events or metric values of the file count for; null of accounts and users. */
  earliestDay: string | null;
  /** The rejects file, if there is one. */
  rejects: string | null;
  /** The first faulty rows. */
  faults: readonly Fault[];
  warnings: string[];
};

const nothing: MergeCounts = { inserted: 0, updated: 0, unchanged: 0, createdAccounts: 0, createdUsers: 0 };
const LOCK_RETRY_MS = 200;

/**
 * Reads a file, stages its records in a temporary table, compares them there with what is stored, and writes what is
 * new or differs. Whatever has been written when it is killed is found unchanged by the next run.
 * @throws {UserError} when the file cannot be read or its columns do not fit
 */
export async function runImport(given: ImportRequest): Promise<ImportSummary> {
  const request = withDefaults(given);
  const dates = await createDateReader(request.timeZone, request.dateFormat, request.addDays);
  const source = await openSource(request.input, request.kind);
  const session = await openImportSession(request.url);
  try {
    const options: PipelineOptions = { ...request, source, dates, keptFrom: await findKeptFrom(session.db) };
    const run = <Staged>(pipeline: Pipeline<Staged>) => runPipeline(pipeline, options, session, request);
    return await (request.mapping
      ? run(mappedPipeline(request.mapping, options))
      : withPipeline(request.kind, options, run));
  } finally {
    await session.close();
  }
}

async function runPipeline<Staged>(
  pipeline: Pipeline<Staged>,
  { source }: PipelineOptions,
  session: ImportSession,
  request: FullRequest,
): Promise<ImportSummary> {
  const { input, strict, signal } = request;
  const rejects = createRejects(request.rejectsPath);
  const counts: StageCounts = { rows: 0, staged: 0 };
  const onBatch = () => {
    refuseAborted(signal);
    request.onProgress('reading', input.bytesRead(), input.size);
  };
  try {
    await createStage(session.db, pipeline.target.columns);
    await session.copyToStage(stageLines({ ...pipeline, source, rejects, strict, counts, onBatch }));
    const stopped = strict && rejects.count() > 0;
    const written = stopped ? null : await writeStaged(session, pipeline, counts, rejects, request);
    const day = pipeline.target.dayOf?.(request.homeTimeZone ?? request.timeZone);
    if (written && !request.dryRun) await finish(session.db, written, rejects.count(), request);
    return {
      kind: request.kind,
      input: input.name,
      dryRun: request.dryRun,
      rows: counts.rows,
      ...(written?.counts ?? nothing),
      repeated: written?.repeated ?? 0,
      skipped: pipeline.skipped(),
      rejected: rejects.count(),
      earliestDay: day ? await findEarliestDay(session.db, day) : null,
      rejects: rejects.close(),
      faults: rejects.first(),
      warnings: pipeline.warnings(),
    };
  } finally {
    rejects.close();
  }
}

type Written = { counts: MergeCounts; repeated: number };

/** Null when `strict` and the database refuses a row. */
async function writeStaged<Staged>(
  session: ImportSession,
  pipeline: Pipeline<Staged>,
  { staged }: StageCounts,
  rejects: Rejects,
  request: FullRequest,
): Promise<Written | null> {
  const { target, refuseRepeats } = pipeline;
  const { strict, dryRun, knownAccountsOnly, signal } = request;
  const timeZone = request.homeTimeZone ?? request.timeZone;
  await indexStage(session.db);
  await target.prepare?.(session.db);
  await waitForLock(session, request);
  const settle = async (db: Db) => {
    const repeated = await target.settle(db, { knownAccountsOnly, refuseRepeats });
    await tellRejected(db, rejects, pipeline.columnOf);
    return repeated;
  };
  const size = target.rowsPerTransaction ?? staged;
  const merge = async (transaction: Db, after: number, last: number) => {
    // A dry run keeps nobody waiting.
    if (!dryRun && request.kind === 'events') await lockIngestion(transaction, 'shared');
    return target.merge(transaction, { after, last }, timeZone);
  };
  const mergeAll = async (mergePart: (after: number, last: number) => Promise<MergeCounts>) => {
    let counts = nothing;
    for (let after = 0; after < staged; after += size) {
      refuseAborted(signal);
      request.onProgress('writing', after, staged);
      counts = sum(counts, await mergePart(after, after + size));
    }
    request.onProgress('writing', staged, staged);
    return counts;
  };

  if (!strict && !dryRun && target.rowsPerTransaction !== null) {
    const repeated = await settle(session.db);
    const counts = await mergeAll((after, last) =>
      session.db.transaction().execute((transaction) => merge(transaction, after, last)),
    );
    return { counts, repeated };
  }
  const transaction = await session.db.startTransaction().execute();
  try {
    const repeated = await settle(transaction);
    const stopped = strict && rejects.count() > 0;
    const counts = stopped ? nothing : await mergeAll((after, last) => merge(transaction, after, last));
    await (stopped || dryRun ? transaction.rollback() : transaction.commit()).execute();
    return stopped ? null : { counts, repeated };
  } catch (error) {
    if (!transaction.isCommitted && !transaction.isRolledBack) await transaction.rollback().execute();
    throw error;
  }
}

/** What waited for these accounts and users need not any more; and the events count among what came in. */
async function finish(db: Db, { counts, repeated }: Written, rejected: number, request: FullRequest): Promise<void> {
  if (request.kind !== 'metrics') await attachWaitingEvents(db);
  if (request.kind !== 'events') return;
  const door = 'import';
  await addIngestCounts(
    db,
    [
      { door, outcome: 'stored', reason: '', count: counts.inserted },
      { door, outcome: 'applied', reason: '', count: counts.updated },
      { door, outcome: 'duplicate', reason: '', count: counts.unchanged + repeated },
      { door, outcome: 'refused', reason: 'a faulty row, see the rejects file of the import', count: rejected },
    ],
    request.now,
  );
}

async function waitForLock(session: ImportSession, { signal, onWait }: FullRequest): Promise<void> {
  if (await session.tryLock()) return;
  onWait();
  do {
    await sleep(LOCK_RETRY_MS);
    refuseAborted(signal);
  } while (!(await session.tryLock()));
}

function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new UserError('Interrupted. Run the same command again: it goes on with what is missing.');
}

async function tellRejected(db: Db, rejects: Rejects, columnOf: (field: string) => string): Promise<void> {
  let afterRow = 0;
  for (;;) {
    const page = await findRejected(db, afterRow);
    for (const { line, field, value, reason } of page) {
      rejects.add({ line, column: columnOf(field), value: excerpt(value), reason });
    }
    const last = page.at(-1);
    if (!last) return;
    afterRow = last.row;
  }
}

function sum(a: MergeCounts, b: MergeCounts): MergeCounts {
  return {
    inserted: a.inserted + b.inserted,
    updated: a.updated + b.updated,
    unchanged: a.unchanged + b.unchanged,
    createdAccounts: a.createdAccounts + b.createdAccounts,
    createdUsers: a.createdUsers + b.createdUsers,
    ...((a.differing ?? b.differing) !== undefined && { differing: (a.differing ?? 0) + (b.differing ?? 0) }),
  };
}
