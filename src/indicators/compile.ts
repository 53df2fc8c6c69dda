import type { ASTNode } from '@marcbachmann/cel-js';
import { withDependencies } from '../metrics/dependencies.ts';
import { EquationFault } from '../metrics/fault.ts';
import { parseEquation } from '../metrics/parse.ts';
import type { CompiledMetric, CompileFurther, NameUse, Unit } from '../metrics/types.ts';
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

/** Compiles the rule number `place` of an indicator. Throws RuleFault. */
export function compileRule(
  indicator: string,
  place: number,
  written: WrittenRule,
  scope: RuleScope,
): { rule: Rule; uses: NameUse[] } {
  const uses: NameUse[] = [];
  const idOf = (name: string) => `rule:${indicator}:${place}:${name}`;
  const compile = (part: RuleFault['part'], text: string | null) => {
    if (text === null) return null;
    try {
      const compiled = compilePart({ id: idOf(part), equation: text, unit: 'boolean' }, scope);
      uses.push(...compiled.uses.map((use) => ({ ...use, metric: indicator })));
      return compiled.part;
    } catch (error) {
      throw error instanceof EquationFault ? new RuleFault(part, error) : error;
    }
  };
  const when = compile('when', written.when) as RulePart;
  const terms = termsOf(parseEquation(written.when)).map((term, index) =>
    compileTerm(idOf(`term${index}`), written.when, term, scope),
  );
  const rule: Rule = {
    subject: written.subject,
    text: written.when.trim().replaceAll(/\s+/g, ' '),
    when,
    clears: compile('clearsWhen', written.clearsWhen),
    volume: compile('minimumVolume', written.minimumVolume),
    terms,
    windowDays: written.windowDays ?? windowOf(terms, scope.metrics),
    facts: written.facts ?? [],
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
  const said = indicators.flatMap(({ says }) => placeholdersOf(says));
  return [...withDependencies(metrics, [...read, ...said]), ...parts.filter(({ isPlain }) => !isPlain)];
}

/** What stands in braces in a sentence. */
export function placeholdersOf(says: string): string[] {
  return [...says.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
}

function partsOf({ when, clears, volume, terms }: Rule): RulePart[] {
  return [when, ...(clears ? [clears] : []), ...(volume ? [volume] : []), ...terms.map(({ side }) => side)];
}

type Part = { id: string; equation: string; unit: Unit };

function compilePart({ id, equation, unit }: Part, { compileFurther }: RuleScope, root?: ASTNode) {
  const definition = { id, name: id, unit, description: '', equation };
  const { metric, uses } = compileFurther(definition, scoreMetrics, root);
  const { leaves, past, traits, parts } = metric;
  const isPlain = leaves.length + past.length + traits.length === 0 && parts.every(({ call }) => call !== null);
  const part: RulePart = { ...metric, isPlain };
  checkScored(part);
  return { part, uses };
}

/** The score is known when all that is read from events is computed, so the two do not go into one equation. */
function checkScored({ dependsOn, past, isPlain }: RulePart): void {
  const everywhere = { start: 0, end: 1 };
  const pastScore = past.find(({ metric }) => scoreMetrics.has(metric));
  if (pastScore)
    throw new EquationFault(
      `the past of ${pastScore.metric} cannot be read: its name says what it looks at`,
      everywhere,
    );
  const score = dependsOn.find((id) => scoreMetrics.has(id));
  if (score !== undefined && !isPlain) {
    throw new EquationFault(
      `beside ${score} a rule reads nothing but metrics of the day: write the rest as a metric of its own, and read it with metric("id")`,
      everywhere,
    );
  }
}

function compileTerm(id: string, text: string, { node, operator, threshold }: WrittenTerm, scope: RuleScope): Term {
  const types = { number: unitOf(node, scope.units), string: 'text', boolean: 'boolean' } as const;
  const unit = types[typeof threshold as keyof typeof types];
  const { part: side } = compilePart({ id, equation: text, unit }, scope, node);
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
