import { withDependencies } from '../metrics/dependencies.ts';
import type { CompiledMetric, CompileFurther, NameUse, Unit } from '../metrics/types.ts';
import { type RenewalSettings, renewalMetrics, type Step } from './types.ts';

/** What renewals are compiled with: the pack's metrics, and how further equations are compiled beside them. */
export type RenewalScope = {
  metrics: readonly CompiledMetric[];
  units: ReadonlyMap<string, Unit>;
  compileFurther: CompileFurther;
};

/** What a pack says of renewals; all may be left out. */
export type WrittenRenewals = {
  firstMonths?: number | undefined;
  firstMonthsQuiet?: number | undefined;
  firstMonthsCredit?: number | undefined;
  quietDays?: number | undefined;
  steps?: readonly Step[] | undefined;
  usageMetric?: string | undefined;
  usageMonth?: 'sum' | 'mean' | undefined;
};

const noMore = new Map<string, never>();

const usualSteps: readonly Step[] = [
  { id: '1 month', lead: { months: 1, days: 0 } },
  { id: '2 weeks', lead: { months: 0, days: 14 } },
  { id: '1 week', lead: { months: 0, days: 7 } },
];

/** Fills in what is not written, and compiles what renewals read: the pack's own metrics where it has them. */
export function compileRenewals(
  written: WrittenRenewals,
  { metrics, units, compileFurther }: RenewalScope,
): { renewals: RenewalSettings; uses: NameUse[] } {
  const has = (id: string) => ['days', 'number'].includes(units.get(id) ?? '');
  const own = (id: string, equation: string) => (has(id) ? `metric("${id}")` : equation);
  const usage = written.usageMetric === undefined ? null : metrics.find(({ id }) => id === written.usageMetric);
  const equations: [id: string, unit: Unit, equation: string][] = [
    [renewalMetrics.seen, 'days', own('days_since_last_seen', 'days_since(last_seen())')],
    [renewalMetrics.meeting, 'days', own('days_since_last_meeting', 'days_since(last_seen("meeting held"))')],
    [renewalMetrics.ticket, 'days', own('days_since_last_ticket', 'days_since(last_seen("ticket created"))')],
    [renewalMetrics.champion, 'boolean', 'trait_flag("active_champion")'],
    [renewalMetrics.usage, 'number', usage ? `metric("${usage.id}")` : 'sum("usage reported", "events", 1)'],
    [renewalMetrics.creditLeft, 'money', eitherTrait('trait', 'credit_left')],
    [renewalMetrics.creditBurn, 'money', eitherTrait('trait', 'credit_burn')],
    [renewalMetrics.creditEnd, 'days', `days_until(${eitherTrait('trait_date', 'credit_ends_on')})`],
    [renewalMetrics.creditExpiring, 'money', eitherTrait('trait', 'credit_expiring')],
    [renewalMetrics.creditExpiry, 'days', `days_until(${eitherTrait('trait_date', 'credit_expires_on')})`],
    [renewalMetrics.card, 'boolean', eitherTrait('trait_flag', 'card_on_file')],
  ];
  const compiled = equations.map(([id, unit, equation]) =>
    compileFurther({ id, name: id, unit, description: '', equation }, noMore),
  );
  const read = compiled.flatMap(({ metric }) => metric.dependsOn);
  const creditEnd = compiled.find(({ metric }) => metric.id === renewalMetrics.creditEnd);
  const firstMonthsQuiet = written.firstMonthsQuiet ?? 3;
  const renewals: RenewalSettings = {
    firstMonths: written.firstMonths ?? 2,
    firstMonthsQuiet,
    firstMonthsCredit: written.firstMonthsCredit ?? firstMonthsQuiet,
    quietDays: written.quietDays ?? 30,
    steps: written.steps ?? usualSteps,
    usage: usage
      ? { name: usage.name, unit: usage.unit, month: written.usageMonth ?? 'mean' }
      : { name: 'Events', unit: 'number', month: written.usageMonth ?? 'sum' },
    creditEndTraits: creditEnd?.metric.traits ?? [],
    computed: [...withDependencies(metrics, read), ...compiled.map(({ metric }) => metric)],
  };
  return { renewals, uses: compiled.flatMap(({ uses }) => uses.map((use) => ({ ...use, metric: 'renewals' }))) };
}

/** The deployment's own trait, or what Stripe tells where it has none. */
function eitherTrait(read: 'trait' | 'trait_date' | 'trait_flag', name: string): string {
  return `coalesce(${read}("${name}"), ${read}("stripe_${name}"))`;
}
