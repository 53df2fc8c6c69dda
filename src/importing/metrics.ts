import type { StagedMetric } from '../db/import-metrics.ts';
import { UserError } from '../errors.ts';
import { type ConvertContext, type Converter, fieldReader } from './convert.ts';
import { refuseUnlikely } from './dates.ts';
import { excerpt, RowFault } from './faults.ts';
import { fieldNumber } from './fields.ts';
import type { Row } from './types.ts';
import { toId, toNumber, toShortText } from './values.ts';

/** `skip` is told of each cell without a value, `seen` of each value's metric. */
export type MetricContext = ConvertContext & { skip(): void; seen(metric: string): void };

const metricField = fieldNumber('metrics', 'metric');
const valueField = fieldNumber('metrics', 'value');
const almostNumber = /^[-+]?[^\p{L}\d\s]?[\d.,'’\s]*\d\s?(?:%|e[-+]?\d+)?$|^[-+]?(?:nan|inf|infinity)$/iu;

/**
 * Rows of metric values: account, day, metric and value; or account, day and a column for each metric.
 * @throws {UserError} when a column can be no metric
 */
export function metricConverter(context: MetricContext): Converter<StagedMetric> {
  if (context.textOnly) refuseColumns(context);
  const { layout, dates, now } = context;
  const read = fieldReader('metrics', layout);
  const toDay = (text: string) => {
    const day = dates.day(text);
    refuseUnlikely(new Date(day), now);
    return day;
  };
  return (row, emit) => {
    const account = read.required(row, 'account', toId);
    const day = read.required(row, 'day', toDay);
    for (const [metric, cell, column] of metricsOf(row)) {
      const value = toValue(cell, column);
      if (value === null) {
        context.skip();
        continue;
      }
      context.seen(metric);
      emit({ account, day, metric, value: JSON.stringify(value) });
    }
  };

  function metricsOf(row: Row): (readonly [metric: string, cell: unknown, column: string])[] {
    if (row.values[metricField] === undefined && row.values[valueField] === undefined) {
      return row.extras.map(([column, cell]) => [toMetricId(column, column), cell, column]);
    }
    const metric = read.required(row, 'metric', (text) => toMetricId(text, layout.columnOf('metric')));
    return [[metric, row.values[valueField] ?? null, layout.columnOf('value')]];
  }
}

function refuseColumns({ layout }: MetricContext): void {
  if (layout.has('metric') !== layout.has('value')) {
    throw new UserError('Metrics come with both columns metric and value, or with one column for each metric.');
  }
  if (layout.has('metric')) return;
  if (layout.extras.length === 0) {
    throw new UserError('No column has values: give the columns metric and value, or one column for each metric.');
  }
  const ids = new Map<string, string>();
  for (const column of layout.extras) {
    const id = idOf(column);
    if (id === null) throw new UserError(`Column ${excerpt(column)} cannot be a metric: ${idRule}.`);
    const other = ids.get(id);
    if (other !== undefined)
      throw new UserError(`Columns ${other} and ${column} are both the metric ${id}; rename one.`);
    ids.set(id, column);
  }
}

const idRule = 'its id is to be a letter and then letters, digits and _, 100 at most';

/** A metric's id; `Active Users` and `active-users` are `active_users`. */
function idOf(text: string): string | null {
  const id = text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  return /^[a-z][a-z0-9_]{0,99}$/.test(id) ? id : null;
}

function toMetricId(text: string, column: string): string {
  const id = idOf(text);
  if (id === null) throw new RowFault(`is not a metric: ${idRule}`, column, text);
  return id;
}

/** A number, true or false, or text; null when the cell is empty. */
function toValue(cell: unknown, column: string): number | boolean | string | null {
  if (cell === null) return null;
  if (typeof cell === 'number' || typeof cell === 'boolean') return cell;
  if (typeof cell !== 'string') throw new RowFault('is a list or an object; one value is needed', column, cell);
  const text = cell.trim();
  if (text === '') return null;
  const number = toNumber(text);
  if (number !== null) return number;
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (almostNumber.test(text)) {
    throw new RowFault(
      'is not a number such as 1200 or 0.5; leave the cell empty where there is no data',
      column,
      cell,
    );
  }
  try {
    return toShortText(text, 1000);
  } catch (error) {
    throw error instanceof RowFault ? new RowFault(error.message, column, cell) : error;
  }
}
