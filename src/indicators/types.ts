import type { MetricValue } from '../health/types.ts';
import type { CompiledMetric, Literal, Unit } from '../metrics/types.ts';

/** A risk may end in churn, an opportunity in growth. */
export type IndicatorKind = 'risk' | 'opportunity';

/** How soon somebody must know: `high` comes at night, too. */
export type Severity = 'high' | 'medium' | 'low';

/** What an alert is in; an account without an open alert is inactive. */
export type AlertState = 'active' | 'acknowledged' | 'snoozed' | 'resolved';

export type Operator = '>' | '>=' | '<' | '<=' | '==' | '!=';

/**
 * An equation of a rule. `isPlain`: it reads nothing but metrics of the day, and the score; it is evaluated when these are known.
 * Others are computed with the metrics.
 */
export type RulePart = CompiledMetric & { isPlain: boolean };

/** A comparison in a rule with a value that is written out: what an alert shows as its figures. */
export type Term = {
  /** How the compared side is written: `metric("events_7d")`. */
  text: string;
  /** The metric that the side is, and nothing else; `null` where it is computed. */
  metric: string | null;
  unit: Unit;
  operator: Operator;
  threshold: Literal;
  /** Computes the compared side. */
  side: RulePart;
};

/** When an indicator is on; each part is an equation that is true or false. */
export type Rule = {
  /** Which of several things it watches: "Session replay"; empty where it watches one. */
  subject: string;
  /** As written. */
  text: string;
  when: RulePart;
  /** When an open alert ends; `null`: as soon as `when` is false. */
  clears: RulePart | null;
  /** Where it is not true there is too little to judge, which counts as no data. */
  volume: RulePart | null;
  terms: readonly Term[];
  /** Days that the figures look back; `null` where they do not. */
  windowDays: number | null;
  /** What helps to understand its alerts, before what helps for the whole indicator. */
  facts: readonly FactTemplate[];
  /** Read of each invoice of an account; its alerts have the invoice's label as subject. `null`: of the account. */
  forEach: 'invoice' | null;
  /** Its own sentence; `null` is the indicator's. */
  says: string | null;
  /** The units of what its sentence names of the invoice, by id. */
  saidUnits: Readonly<Record<string, Unit>>;
};

/** A link to where an account is looked at elsewhere; `{account.id}` and the like stand for its own. */
type LinkTemplate = { label: string; url: string };

/** Something that helps to understand an alert. */
export type FactTemplate =
  /** A metric's value and its change in 7 days; with `as`, the date that is so many days off. */
  | { kind: 'metric'; metric: string; as?: 'date' }
  /** Of the alert's invoice: those before it, or what makes the difference to the last. */
  | { kind: 'invoice'; what: 'usual' | 'lines' }
  /** Who did an event most, or which of a property's values it had most, within some days. `by` null is the user. */
  | { kind: 'top'; title: string; events: readonly EventNameMatch[]; by: string | null; days: number }
  /** The newest event: when, who, and these of its properties. */
  | { kind: 'latest'; title: string; events: readonly EventNameMatch[]; properties: readonly string[]; days: number };

/** An event by its stored name, and the properties that it must have; both in the deployment's words. */
export type EventNameMatch = { name: string | null; where: readonly { key: string; anyOf: readonly Literal[] }[] };

/** An indicator of a pack, ready to be evaluated. */
export type Indicator = {
  /** `^[a-z][a-z0-9_]{0,99}$`, unique in the pack. */
  id: string;
  name: string;
  kind: IndicatorKind;
  severity: Severity;
  rules: readonly Rule[];
  /** One sentence with `{value}`, `{threshold}`, `{previous}`, `{subject}` and `{metric_id}`. */
  says: string;
  action: string;
  /** The title of a task that is opened with the alert; `null` is none. */
  task: string | null;
  links: readonly LinkTemplate[];
  facts: readonly FactTemplate[];
  /** So many evaluations in a row must find it so. */
  evaluationsInARow: number;
  /** Days after an alert ended in which none begins. */
  coolDownDays: number;
  /** Only accounts in one of these; empty is all. */
  segments: readonly string[];
  exceptSegments: readonly string[];
  /** Accounts that have churned are left out, unless told. */
  churned: boolean;
};

/** How alerts reach people, unless they choose otherwise. Times are `HH:MM` in the person's time zone. */
export type DeliverySettings = {
  quietHours: { from: string; to: string } | null;
  quietWeekend: boolean;
  /** When those who want a digest get it, unless they say. */
  digestAt: string;
  /** Where more than this share of the accounts changes in one run, nothing is sent; at least so many must have changed. */
  holdAbovePercent: number;
  holdFromAccounts: number;
};

/** All of a pack's indicators. */
export type Indicators = {
  list: readonly Indicator[];
  delivery: DeliverySettings;
  /** What has to be computed to evaluate the rules: metrics that they read, then their parts that are not plain. */
  computed: readonly CompiledMetric[];
};

/** What a rule says of an account now. */
export type Reading = {
  /** `null`: no data, which changes nothing. */
  met: boolean | null;
  /** Whether an open alert ends. */
  clear: boolean | null;
};

/** A term with its value: the first is the one that decided. */
export type Figure = {
  text: string;
  metric: string | null;
  unit: Unit;
  value: MetricValue;
  operator: Operator;
  threshold: Literal;
};

/** Why an alert is as it is: kept with every transition. */
export type Evidence = {
  figures: readonly Figure[];
  /** The deciding figure's value on the last day before that had another one; `null` where there is none. */
  previous: MetricValue;
  windowDays: number | null;
  /** When the newest data is from, ISO; `null` when not known. */
  dataAt: string | null;
  /** It was so already when the account was first looked at. */
  first: boolean;
  /** By id: values of the same moment that the sentence names beside the figures. */
  said?: Readonly<Record<string, MetricValue>>;
  /** The invoice that it is about. */
  invoice?: InvoiceMark;
};

/** An invoice, and what was seen of it: `shown` changes when a card shows something else; `at` is when that was read, ISO. */
export type InvoiceMark = { id: string; currency: string; shown: string; at: string };
