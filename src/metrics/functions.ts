import { addMonths, daysBetween, localDay } from '../days.ts';
import { difference, negative, percent, percentChange, percentDecrease } from './arithmetic.ts';
import { coerce } from './coerce.ts';
import { type Compiled, define, type EquationContext, type FunctionSpec, optional, required } from './function-spec.ts';
import { packValue } from './names.ts';
import type {
  EquationInput,
  EventLeaf,
  EventMatch,
  EventMeasure,
  Leaf,
  MetricType,
  Value,
  ValueType,
} from './types.ts';

const event = required('event', 'event');
const property = required('key', 'property');
const trait = required('key', 'trait');
const days = optional('days', 'days');
const daysAgo = optional('daysAgo', 'days_ago');

/** Say which events a function of `functions` means. */
export const selectors: readonly FunctionSpec<readonly EventMatch[]>[] = [
  define('any_event', [], () => [{ name: null, properties: [], userTraits: [] }]),
  define('event', [event, required('conditions', 'properties')], ([events, properties]) =>
    events.map((match) => ({ ...match, properties: [...match.properties, ...properties] })),
  ),
  define('by_users', [event, required('conditions', 'traits')], ([events, userTraits]) =>
    events.map((match) => ({ ...match, userTraits: [...match.userTraits, ...userTraits] })),
  ),
];

/** Every function that has a value; docs/metrics.md explains each. */
export const functions: readonly FunctionSpec<Compiled>[] = [
  define('count', [event, days, daysAgo], ([events, n, ago], context) =>
    eventFact(context, 'count', { events }, n, ago),
  ),
  ofProperty('sum'),
  ofProperty('average'),
  ofProperty('minimum'),
  ofProperty('maximum'),
  ofProperty('distinct'),
  ofProperty('latest'),
  define('users_who', [event, days, daysAgo], ([events, n, ago], context) =>
    eventFact(context, 'users', { events, byUser: true }, n, ago),
  ),
  define('active_users', [days, daysAgo], ([n, ago], context) =>
    eventFact(context, 'users', { events: anyEvent, byUser: true }, n, ago),
  ),
  define('user_days', [event, required('days', 'days'), daysAgo], ([events, n, ago], context) =>
    eventFact(context, 'user_days', { events, byUser: true }, n, ago),
  ),
  seen('first_seen'),
  seen('last_seen'),

  define('users', [daysAgo], ([ago = 0], context) => fact(context, { kind: 'user', measure: 'count', daysAgo: ago })),
  define('user_sum', [trait], ([name], context) => fact(context, { kind: 'user', measure: 'sum', trait: name })),
  define('user_average', [trait], ([name], context) =>
    fact(context, { kind: 'user', measure: 'average', trait: name }),
  ),
  define('users_with', [trait, required('literal', 'value')], ([name, anyOf], context) =>
    fact(context, { kind: 'user', measure: 'with', trait: name, anyOf }),
  ),

  accountTrait('trait', 'number'),
  accountTrait('trait_text', 'text'),
  accountTrait('trait_flag', 'boolean'),
  accountTrait('trait_date', 'date'),

  define('days_since', [required('date', 'date')], ([date]) => ({
    type: 'number',
    evaluate: (input) => daysSince(input, date(input)),
  })),
  define('days_until', [required('date', 'date')], ([date]) => ({
    type: 'number',
    evaluate: (input) => negative(daysSince(input, date(input))),
  })),
  define('months_until', [required('date', 'date')], ([date]) => ({
    type: 'number',
    evaluate: (input) => monthsUntil(input, date(input)),
  })),

  define('metric', [required('metric', 'id'), daysAgo], ([metric, ago = 0], context) => {
    if (ago > 0) context.past({ metric: metric.id, daysAgo: ago });
    else context.today(metric.id);
    return { type: metric.type, evaluate: (input) => readMetric(input, metric.id, metric.type, ago) };
  }),
  overTime('change', difference),
  overTime('percent_change', percentChange),
  overTime('percent_decrease', percentDecrease),

  define('percent', [required('number', 'part'), required('number', 'whole')], ([part, whole]) => ({
    type: 'number',
    evaluate: (input) => percent(part(input), whole(input)),
  })),
  define('decrease', [required('number', 'previous'), required('number', 'current')], ([previous, current]) => ({
    type: 'number',
    evaluate: (input) => percentDecrease(previous(input), current(input)),
  })),
  choice('largest', (left, right) => (left > right ? left : right)),
  choice('smallest', (left, right) => (left < right ? left : right)),
  define('coalesce', [required('any', 'value'), required('any', 'otherwise')], ([value, otherwise], context) => {
    if (value.type === 'nothing' || otherwise.type === 'nothing')
      context.refuse('coalesce(value, otherwise) does not take null');
    if (value.type !== otherwise.type) {
      context.refuse(`coalesce(value, otherwise) needs two of one type, not a ${value.type} and a ${otherwise.type}`);
    }
    return { type: value.type, evaluate: (input) => value.evaluate(input) ?? otherwise.evaluate(input) };
  }),
  define('has_data', [required('any', 'value')], ([value]) => ({
    type: 'boolean',
    evaluate: (input) => value.evaluate(input) !== null,
  })),
];

const anyEvent: readonly EventMatch[] = [{ name: null, properties: [], userTraits: [] }];

type EventQuestion = Pick<EventLeaf, 'events'> & Partial<Pick<EventLeaf, 'property' | 'byUser'>>;

function eventFact(
  context: EquationContext,
  measure: EventMeasure,
  question: EventQuestion,
  n?: number,
  ago = 0,
): Compiled {
  const window = { days: n ?? null, daysAgo: ago };
  return fact(context, { kind: 'event', measure, property: null, byUser: false, ...question, window });
}

function fact(context: EquationContext, leaf: Leaf, type: ValueType = 'number'): Compiled {
  const slot = context.leaf(leaf);
  return { type, evaluate: (input) => input.leaf(slot) };
}

function ofProperty(measure: 'sum' | 'average' | 'minimum' | 'maximum' | 'distinct' | 'latest') {
  return define(measure, [event, property, days, daysAgo], ([events, name, n, ago], context) =>
    eventFact(context, measure, { events, property: name }, n, ago),
  );
}

/** Without an event: anything that one of the account's users did. */
function seen(measure: 'first_seen' | 'last_seen') {
  return define(measure, [optional('event', 'event'), days, daysAgo], ([events = anyEvent, n, ago = 0], context) => {
    const window = { days: n ?? null, daysAgo: ago };
    const leaf = { kind: 'event', measure, events, property: null, byUser: events === anyEvent, window } as const;
    return fact(context, leaf, 'date');
  });
}

function accountTrait(name: string, type: ValueType) {
  return define(name, [trait], ([asked], context): Compiled => {
    const own = context.accountTrait(asked);
    return {
      type,
      evaluate: ({ account, timeZone }) =>
        Object.hasOwn(account.traits, own.key) ? coerce(packValue(own, account.traits[own.key]), type, timeZone) : null,
    };
  });
}

function choice(name: string, choose: (left: number, right: number) => number) {
  return define(name, [required('number', 'a'), required('number', 'b')], ([left, right]): Compiled => {
    return {
      type: 'number',
      evaluate: (input) => {
        const [l, r] = [left(input), right(input)];
        return typeof l === 'number' && typeof r === 'number' ? choose(l, r) : null;
      },
    };
  });
}

function overTime(name: string, compare: (previous: Value, current: Value) => number | null) {
  return define(name, [required('numberMetric', 'id'), required('days', 'days')], ([id, n], context): Compiled => {
    context.past({ metric: id, daysAgo: n });
    context.today(id);
    return {
      type: 'number',
      evaluate: (input: EquationInput) =>
        compare(readMetric(input, id, 'number', n), readMetric(input, id, 'number', 0)),
    };
  });
}

function readMetric(input: EquationInput, id: string, type: MetricType, ago: number): Value {
  return coerce(input.metric(id, ago), type, input.timeZone);
}

/** Whole calendar days from the date to the computed day, negative for a later date. */
function daysSince({ day, timeZone }: EquationInput, date: Value): number | null {
  if (typeof date !== 'number') return null;
  return daysBetween(localDay(new Date(date), timeZone), day);
}

function monthsUntil({ day, timeZone }: EquationInput, date: Value): number | null {
  if (typeof date !== 'number') return null;
  const end = localDay(new Date(date), timeZone);
  const months = (text: string) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
  const about = months(end) - months(day);
  // A month that is begun counts, which one that ends sooner than the date's day of the month may change by one.
  const exact = [about - 1, about, about + 1].find((count) => addMonths(end, -count) <= day);
  return Math.max(0, exact ?? about);
}
