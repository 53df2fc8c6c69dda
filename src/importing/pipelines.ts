import type { Owners } from '../crm/types.ts';
import { accountTarget } from '../db/import-accounts.ts';
import { eventTarget, type StagedEvent } from '../db/import-events.ts';
import { metricTarget } from '../db/import-metrics.ts';
import type { ImportTarget } from '../db/import-stage.ts';
import { userTarget } from '../db/import-users.ts';
import { accountConverter } from './accounts.ts';
import type { ConvertContext, Converter } from './convert.ts';
import type { DateReader } from './dates.ts';
import { eventConverter } from './events.ts';
import { type Assignments, createLayout, type Layout } from './layout.ts';
import { createEventMaker } from './mapped-events.ts';
import type { Mapping } from './mapping.ts';
import { metricConverter } from './metrics.ts';
import type { Source } from './source.ts';
import type { RecordMaker } from './stage-rows.ts';
import type { ImportKind } from './types.ts';
import { userConverter } from './users.ts';

/** What a file of some kind goes through: rows become records, records become staged lines. */
export type Pipeline<Staged> = {
  maker: RecordMaker<Staged>;
  target: ImportTarget<Staged>;
  /** What the file calls a field. */
  columnOf(field: string): string;
  /** See SettleOptions. */
  refuseRepeats: string | null;
  /** Rows or cells that had nothing to import, so far. */
  skipped(): number;
  /** To be told at the end. */
  warnings(): string[];
};

/** What a pipeline is made for. */
export type PipelineOptions = {
  source: Source;
  assignments: Assignments;
  dates: DateReader;
  now: Date;
  /** Who owns which field of accounts. */
  owners: Owners;
  /** See ConvertContext. */
  keptFrom: Date | null;
  /** The playbook's metrics; null when there is no playbook to be had. */
  knownMetrics: ReadonlySet<string> | null;
};

const MAX_NAMED_METRICS = 1000;

/** The pipeline of a kind, given to `use`. Throws UserError when the file's columns do not fit. */
export function withPipeline<T>(
  kind: ImportKind,
  options: PipelineOptions,
  use: <Staged>(pipeline: Pipeline<Staged>) => T,
): T {
  const { source, assignments, dates, now, keptFrom } = options;
  const layout = createLayout(kind, source.columns, assignments, source.format === 'json-lines');
  const context: ConvertContext = { layout, dates, now, keptFrom, textOnly: source.format === 'csv' };
  switch (kind) {
    case 'accounts':
      return use(pipelineOf(layout, accountConverter(context), accountTarget(options.owners)));
    case 'users':
      return use(pipelineOf(layout, userConverter(context), userTarget));
    case 'events':
      return use(pipelineOf(layout, eventConverter(context), eventTarget));
    case 'metrics': {
      let skipped = 0;
      const metrics = new Set<string>();
      const seen = (metric: string) => {
        if (metrics.size < MAX_NAMED_METRICS) metrics.add(metric);
      };
      const convert = metricConverter({ ...context, skip: () => (skipped += 1), seen });
      return use({
        ...pipelineOf(layout, convert, metricTarget),
        skipped: () => skipped,
        warnings: () => [...ignored(layout), ...unknown(metrics, options.knownMetrics)],
      });
    }
  }
}

/** The pipeline of events by a mapping. Throws UserError when the file lacks a column that the mapping uses. */
export function mappedPipeline(mapping: Mapping, options: PipelineOptions): Pipeline<StagedEvent> {
  const { source, dates, now, keptFrom } = options;
  const maker = createEventMaker(mapping, source.columns, source.format === 'json-lines', dates, now, keptFrom);
  let skipped = 0;
  return {
    maker: {
      add(row, emit) {
        if (!maker.add(row, emit)) skipped += 1;
      },
      end: maker.end,
    },
    target: eventTarget,
    columnOf: (field) => field,
    refuseRepeats: mapping.rules.some(({ groupBy }) => groupBy)
      ? 'comes more than once: the rows of one group are too far apart (sort the file by it), or two entries give the same id'
      : null,
    skipped: () => skipped,
    warnings: () => [],
  };
}

function pipelineOf<Staged>(
  layout: Layout,
  convert: Converter<Staged>,
  target: ImportTarget<Staged>,
): Pipeline<Staged> {
  return {
    maker: {
      add: (row, emit) => convert(layout.toRow(row), (record) => emit(record, row.line)),
      end: () => undefined,
    },
    target,
    columnOf: (field) => layout.columnOf(field),
    refuseRepeats: null,
    skipped: () => 0,
    warnings: () => [],
  };
}

function ignored(layout: Layout): string[] {
  if (!layout.has('metric') || layout.extras.length === 0) return [];
  return [`Not imported, as the values are in one column: ${layout.extras.join(', ')}.`];
}

function unknown(metrics: ReadonlySet<string>, known: ReadonlySet<string> | null): string[] {
  const strange = known ? [...metrics].filter((metric) => !known.has(metric)).sort() : [];
  if (strange.length === 0) return [];
  const list = strange.slice(0, 10).join(', ') + (strange.length > 10 ? ` and ${strange.length - 10} more` : '');
  return [`The playbook has no metric ${list}; the values are stored, and used once it has.`];
}
