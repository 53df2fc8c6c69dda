import type { ASTNode } from '@marcbachmann/cel-js';
import { withDependencies } from '../metrics/dependencies.ts';
import { EquationFault } from '../metrics/fault.ts';
import { parseEquation } from '../metrics/parse.ts';
import type { CompiledMetric, CompileFurther, NameUse, Unit } from '../metrics/types.ts';
import { invoiceMetrics, invoiceMetricTypes } from './invoice-metrics.ts';
import { scoreMetrics } from './score-metrics.ts';
import { metricOf, termsOf, unitOf, type WrittenTerm } from './terms.ts';
import type { FactTemplate, Indicator, Rule, RulePart, Term } from './types.ts';

/** A rule as a pack writes it. */
export type WrittenRule = {
  subject: string;
  when: string;
  clearsWhen: string | null;
  minimumVolume: string | null;
  windowDays: number | null;
  /** None unless given. */
  facts?: readonly FactTemplate[];
  forEach?: Rule['forEach'];
  /** Of its own; the indicator's unless given. */
  says?: string | null;
};

/** A fault in one of a rule's equations. */
export class RuleFault extends Error {
  readonly code = 'rule_fault';
  override readonly name = 'RuleFault';
  readonly part: 'when' | 'clearsWhen' | 'minimumVolume';
  readonly fault: EquationFault;

  constructor(part: RuleFault['part'], fault: EquationFault) {
    super(fault.message);
    this.part = part;
    this.fault = fault;
  }
}

/** What rules are compiled with: the pack's metrics, and how further equations are compiled beside them. */
export type RuleScope = {
  metrics: readonly CompiledMetric[];
  units: ReadonlyMap<string, Unit>;
  compileFurther: CompileFurther;
};

/** Compiles the rule number `place` of an indicator; `says` is the sentence of its alerts. Throws RuleFault. */
export function compileRule(
  indicator: string,
  place: number,
  written: WrittenRule,
  scope: RuleScope,
  says = written.says ?? '',
): { rule: Rule; uses: NameUse[] } {
  const uses: NameUse[] = [];
  const { forEach = null } = written;
  const idOf = (name: string) => `rule:${indicator}:${place}:${name}`;
  const compile = (part: RuleFault['part'], text: string | null) => {
    if (text === null) return null;
    try {
      const compiled = compilePart({ id: idOf(part), equation: text, unit: 'boolean', forEach }, scope);
      uses.push(...compiled.uses.map((use) => ({ ...use, metric: indicator })));
      return compiled.part;
    } catch (error) {
      throw error instanceof EquationFault ? new RuleFault(part, error) : error;
    }
  };
  const when = compile('when', written.when) as RulePart;
  const terms = termsOf(parseEquation(written.when)).map((term, index) =>
    compileTerm({ id: idOf(`term${index}`), text: written.when, forEach }, term, scope),
  );
  const said = forEach === null ? [] : [...invoiceMetrics].filter(([id]) => placeholdersOf(says).includes(id));
  const rule: Rule = {
    subject: written.subject,
    text: written.when.trim().replaceAll(/\s+/g, ' '),
    when,
    clears: compile('clearsWhen', written.clearsWhen),
    volume: compile('minimumVolume', written.minimumVolume),
    terms,
    windowDays: written.windowDays ?? windowOf(terms, scope.metrics),
    facts: written.facts ?? [],
    forEach,
    says: written.says ?? null,
    saidUnits: Object.fromEntries(said),
  };
  return { rule, uses };
}

/** What has to be computed for the rules of `indicators`: the metrics that they read, and their parts that are not plain. */
export function partsToCompute(
  indicators: readonly Pick<Indicator, 'rules' | 'says'>[],
  metrics: readonly CompiledMetric[],
): CompiledMetric[] {
  const parts = indicators.flatMap(({ rules }) => rules.flatMap(partsOf));
  const read = parts.flatMap(({ dependsOn, past }) => [...dependsOn, ...past.map(({ metric }) => metric)]);
  const said = indicators.flatMap(({ says, rules }) =>
    [says, ...rules.map((rule) => rule.says ?? '')].flatMap(placeholdersOf),
  );
  return [...withDependencies(metrics, [...read, ...said]), ...parts.filter(({ isPlain }) => !isPlain)];
}

/** What stands in braces in a sentence. */
export function placeholdersOf(says: string): string[] {
  return [...says.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
}

function partsOf({ when, clears, volume, terms }: Rule): RulePart[] {
  return [when, ...(clears ? [clears] : []), ...(volume ? [volume] : []), ...terms.map(({ side }) => side)];
}

type Part = { id: string; equation: string; unit: Unit; forEach: Rule['forEach'] };

/** What rules read beside metrics, known when these are computed. */
const more = new Map([...scoreMetrics, ...invoiceMetricTypes]);
const everywhere = { start: 0, end: 1 };

function compilePart({ id, equation, unit, forEach }: Part, { compileFurther }: RuleScope, root?: ASTNode) {
  const definition = { id, name: id, unit, description: '', equation };
  const { metric, uses } = compileFurther(definition, more, root);
  const { leaves, past, traits, parts } = metric;
  const isPlain = leaves.length + past.length + traits.length === 0 && parts.every(({ call }) => call !== null);
  const part: RulePart = { ...metric, isPlain };
  if (forEach === null) checkNoInvoice(part);
  checkLate(part);
  return { part, uses };
}

/** What is of an invoice means nothing in a rule that is read once an account. */
function checkNoInvoice({ dependsOn, past }: RulePart): void {
  const read = [...dependsOn, ...past.map(({ metric }) => metric)].find((id) => invoiceMetrics.has(id));
  if (read !== undefined) throw new EquationFault(ofInvoice(read), everywhere);
}

/** What to say where something of an invoice is read that an account has not. */
export function ofInvoice(id: string): string {
  return `${id} is of an invoice, and only a rule that is read of each has one: write "for_each: invoice" in its indicator`;
}

/** The score and invoices are known when all that is read from events is computed, so the two do not go into one equation. */
function checkLate({ dependsOn, past, isPlain }: RulePart): void {
  const pastOne = past.find(({ metric }) => more.has(metric));
  if (pastOne)
    throw new EquationFault(
      scoreMetrics.has(pastOne.metric)
        ? `the past of ${pastOne.metric} cannot be read: its name says what it looks at`
        : `the past of ${pastOne.metric} cannot be read: an invoice is known as it is now`,
      everywhere,
    );
  const late = dependsOn.find((id) => more.has(id));
  if (late !== undefined && !isPlain) {
    throw new EquationFault(
      `beside ${late} a rule reads nothing but metrics of the day: write the rest as a metric of its own, and read it with metric("id")`,
      everywhere,
    );
  }
}

function compileTerm(
  { id, text, forEach }: { id: string; text: string; forEach: Rule['forEach'] },
  { node, operator, threshold }: WrittenTerm,
  scope: RuleScope,
): Term {
  const units = forEach === null ? scope.units : new Map([...scope.units, ...invoiceMetrics]);
  const types = { number: unitOf(node, units), string: 'text', boolean: 'boolean' } as const;
  const unit = types[typeof threshold as keyof typeof types];
  const { part: side } = compilePart({ id, equation: text, unit, forEach }, scope, node);
  return { text: textOf(text, node), metric: metricOf(node), unit, operator, threshold, side };
}

/** How a part is written; brackets around its ends are not part of it. */
function textOf(text: string, { start, end }: ASTNode): string {
  const part = text.slice(start, end).replaceAll(/\s+/g, ' ');
  return part.split('(').length === part.split(')').length ? part : text.trim().replaceAll(/\s+/g, ' ');
}

/** The longest window of events that the first term looks at, itself or by the metrics that it reads. */
function windowOf([term]: readonly Term[], metrics: readonly CompiledMetric[]): number | null {
  if (!term) return null;
  const { side } = term;
  const read = withDependencies(metrics, [...side.dependsOn, ...side.past.map(({ metric }) => metric)]);
  const days = [side, ...read].flatMap(({ leaves }) =>
    leaves.map(({ leaf }) => (leaf.kind === 'event' ? leaf.window.days : null)),
  );
  const known = days.filter((each) => each !== null);
  return known.length > 0 ? Math.max(...known) : null;
}
