import type { ASTNode } from '@marcbachmann/cel-js';
import type { MetricValue } from '../health/types.ts';

/** How a metric's value is written for people; it also says the value's type. */
export type Unit = 'number' | 'percent' | 'days' | 'ratio' | 'money' | 'text' | 'boolean';

/** A metric as a pack's metrics.yml says it. */
export type MetricDefinition = {
  /** `^[a-z][a-z0-9_]{0,99}$`, unique in the pack. */
  id: string;
  /** For people: "Active users". */
  name: string;
  unit: Unit;
  description: string;
  /** Without one, the metric lives from imported values. */
  equation?: string | undefined;
};

/** What an equation handles; a date never leaves it. */
export type ValueType = 'number' | 'text' | 'boolean' | 'date';

/** The type of the values of a metric of `unit`. */
export type MetricType = Exclude<ValueType, 'date'>;

/** A value inside an equation; dates are milliseconds since 1970. */
export type Value = number | string | boolean | null;

/** What a property or trait is compared with. */
export type Literal = string | number | boolean;

/** A property or trait that must equal one of `anyOf`. */
export type Condition = { key: string; anyOf: readonly Literal[] };

/** Events of one name, or of any (`null`), that meet all conditions on their properties and on their user's traits. */
export type EventMatch = { name: string | null; properties: readonly Condition[]; userTraits: readonly Condition[] };

/** `days` calendar days that end `daysAgo` days before the computed one; `days` null is all time. */
type Window = { days: number | null; daysAgo: number };

/** A property of events; of several names the first that an event has. */
export type Property = string | readonly [string, ...string[]];

/** What is asked of the events that meet one of `events`. */
export type EventMeasure =
  | 'count'
  | 'sum'
  | 'average'
  | 'minimum'
  | 'maximum'
  | 'latest'
  | 'distinct'
  | 'users'
  | 'user_days'
  | 'first_seen'
  | 'last_seen';

/** A fact read from events: computed by the database for many accounts and days at once. */
export type EventLeaf = {
  kind: 'event';
  measure: EventMeasure;
  events: readonly EventMatch[];
  /** The property that sum, average, minimum, maximum, latest and distinct read. */
  property: Property | null;
  /** Only events that a user did. */
  byUser: boolean;
  window: Window;
};

/** A fact read from the account's users: how many there are, or what their trait adds up to. */
export type UserLeaf =
  | { kind: 'user'; measure: 'count'; daysAgo: number }
  | { kind: 'user'; measure: 'sum' | 'average'; trait: string }
  | { kind: 'user'; measure: 'with'; trait: string; anyOf: Condition['anyOf'] };

/** A fact that an equation reads. */
export type Leaf = EventLeaf | UserLeaf;

/** An account's own fields and traits, as stored. */
export type AccountRow = {
  id: string;
  arr: number | null;
  mrr: number | null;
  created_at: Date | null;
  /** `YYYY-MM-DD`. */
  renewal_date: string | null;
  traits: Readonly<Record<string, unknown>>;
};

/** All that an equation can read, of one account on one day. */
export type EquationInput = {
  /** `YYYY-MM-DD`. */
  day: string;
  timeZone: string;
  account: AccountRow;
  /** By slot, see CompiledMetric.leaves. */
  leaf(slot: number): Value;
  /** The value of another metric, today or `daysAgo` days before. */
  metric(id: string, daysAgo: number): MetricValue;
};

/** Another metric's value some days before, which an equation reads. */
export type PastMetric = { metric: string; daysAgo: number };

/** A call or a field in an equation, from `start` to before `end`. */
export type EquationPart = {
  /** The function's name; `null` is a field of the account. */
  call: string | null;
  start: number;
  end: number;
  type: ValueType;
  /** The fact that it reads itself, if any. */
  slot: number | null;
  evaluate(input: EquationInput): Value;
};

/** A metric that can be computed. */
export type CompiledMetric = {
  id: string;
  name: string;
  unit: Unit;
  type: MetricType;
  description: string;
  /** `null`: only imported values. */
  equation: string | null;
  /** What the equation reads from events and users; `slot` is the place among all metrics compiled together. */
  leaves: readonly { slot: number; leaf: Leaf }[];
  /** Metrics it reads of the same day; they come before it in the list. */
  dependsOn: readonly string[];
  past: readonly PastMetric[];
  /** The account's own traits that it reads, as they are stored. */
  traits: readonly string[];
  /** In the order in which they are computed; for explanations. */
  parts: readonly EquationPart[];
  evaluate: ((input: EquationInput) => MetricValue) | null;
};

/** What a deployment calls a property or trait, and some of its values: by the pack's word, its own. */
export type AttributeNames = { key: string; values: ReadonlyMap<string, readonly Literal[]> };

/** What a deployment sends for an event of the pack; `null` is any event. */
export type EventName = {
  name: string | null;
  where: readonly Condition[];
  properties: ReadonlyMap<string, AttributeNames>;
};

/** What a deployment calls what a pack's equations name; a name that is not there stands for itself. */
export type Names = {
  /** Any of them is meant. */
  events: ReadonlyMap<string, readonly EventName[]>;
  /** Of all events, unless the event says otherwise. */
  properties: ReadonlyMap<string, AttributeNames>;
  userTraits: ReadonlyMap<string, AttributeNames>;
  accountTraits: ReadonlyMap<string, AttributeNames>;
};

/** A name of the pack that an equation reads, with the values it is compared with. */
export type NameUse = {
  kind: 'event' | 'property' | 'user_trait' | 'account_trait';
  /** Of a property: the event, `null` for any. */
  event: string | null;
  name: string;
  values: readonly Literal[];
  metric: string;
};

/** A fault in an equation; `start` and `end` are places in it, and the message shows the excerpt. */
export type EquationError = { metric: string; message: string; start: number; end: number };

/** What compiling a pack's metrics gave; `uses` are the names they read, in the pack's words. */
export type CompiledMetrics = {
  metrics: CompiledMetric[];
  errors: EquationError[];
  uses: NameUse[];
  compileFurther: CompileFurther;
};

/**
 * Compiles an equation that is none of the pack's metrics, to be computed with them: its id is free, and it may read `more`
 * metrics. With `root` only that part of the equation. Throws EquationFault.
 */
export type CompileFurther = (
  definition: MetricDefinition,
  more: ReadonlyMap<string, MetricType>,
  root?: ASTNode,
) => { metric: CompiledMetric; uses: NameUse[] };

/** An account's metrics on a day. */
export type AccountMetrics = {
  /** By metric id; every metric has a key. */
  values: Record<string, MetricValue>;
  /** The newest event or imported value that counts for that day. */
  dataAt: Date | null;
};
