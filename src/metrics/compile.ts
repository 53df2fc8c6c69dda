import type { ASTNode } from '@marcbachmann/cel-js';
import { a, otherTrait, type Scope } from './arguments.ts';
import { compileExpression } from './expression.ts';
import { EquationFault, faultWithExcerpt, type Place } from './fault.ts';
import type { Compiled } from './function-spec.ts';
import { noNames, ownLeaf, ownTrait, usesOfLeaf } from './names.ts';
import { parseEquation } from './parse.ts';
import type {
  CompiledMetric,
  CompiledMetrics,
  EquationError,
  EquationPart,
  Leaf,
  MetricDefinition,
  MetricType,
  Names,
  NameUse,
  Unit,
} from './types.ts';

const idShape = /^[a-z][a-z0-9_]{0,99}$/;
/** Every object of JavaScript has one, so it would be found where nothing is. */
const reservedIds = new Set(['constructor']);

/** A metric with the places where its equation reads others of the same day. */
type Draft = { metric: CompiledMetric; references: Map<string, Place>; uses: NameUse[] };

/** What all metrics compiled together share. */
type Shared = { metricTypes: Scope['metricTypes']; slotOf(leaf: Leaf): number; names: Names };

/**
 * Checks and compiles a pack's metrics, to read what the deployment calls by `names`. `metrics` lists those without
 * fault, each after the ones it reads; `errors` lists the faults, with their place in the equation and an excerpt.
 */
export function compileMetrics(definitions: readonly MetricDefinition[], names: Names = noNames): CompiledMetrics {
  const errors: EquationError[] = [];
  const drafts = new Map<string, Draft>();
  const metricTypes = new Map(definitions.map(({ id, unit }) => [id, typeOfUnit(unit)]));
  const shared = { metricTypes, slotOf: slotsOfLeaves(), names };
  for (const definition of definitions) {
    const report = (error: unknown) => {
      if (!(error instanceof EquationFault)) throw error;
      errors.push(describe(definition, error));
    };
    try {
      checkId(definition, drafts);
      drafts.set(definition.id, compileMetric(definition, shared));
    } catch (error) {
      report(error);
    }
  }
  const metrics = inOrder(drafts, definitions, errors);
  return {
    metrics,
    errors,
    uses: [...drafts.values()].flatMap(({ uses }) => uses),
    compileFurther: (definition, more, root) => {
      const all = new Map([...metricTypes, ...more]);
      const { metric, uses: further } = compileMetric(definition, { ...shared, metricTypes: all }, root);
      return { metric, uses: further };
    },
  };
}

/** The type of the values of metrics of `unit`. */
function typeOfUnit(unit: Unit): MetricType {
  return unit === 'text' || unit === 'boolean' ? unit : 'number';
}

/** Gives equal leaves the same slot, so that what several metrics read is computed once. */
function slotsOfLeaves(): (leaf: Leaf) => number {
  const slots = new Map<string, number>();
  return (leaf) => {
    const key = JSON.stringify(leaf);
    const slot = slots.get(key) ?? slots.size;
    slots.set(key, slot);
    return slot;
  };
}

function checkId({ id }: MetricDefinition, drafts: ReadonlyMap<string, Draft>): void {
  const nowhere = { start: 0, end: 0 };
  if (!idShape.test(id))
    throw new EquationFault(`a metric's id is lower-case letters, digits and _, not "${id}"`, nowhere);
  if (reservedIds.has(id)) throw new EquationFault(`"${id}" is a reserved name: call the metric otherwise`, nowhere);
  if (drafts.has(id)) throw new EquationFault(`the metric "${id}" is defined twice`, nowhere);
}

function compileMetric(
  { id, name, unit, description, equation }: MetricDefinition,
  { metricTypes, slotOf, names }: Shared,
  root: ASTNode | null = null,
): Draft {
  const type = typeOfUnit(unit);
  const leaves = new Map<number, Leaf>();
  const past: CompiledMetric['past'][number][] = [];
  const references: Draft['references'] = new Map();
  const uses: NameUse[] = [];
  const traits = new Set<string>();
  const parts: EquationPart[] = [];
  const slotAt = new Map<string, number>();
  const scope: Scope = {
    metricTypes,
    leaf(asked, place) {
      uses.push(...usesOfLeaf(asked).map((use) => ({ ...use, metric: id })));
      const leaf = ownLeaf(asked, names);
      const slot = slotOf(leaf);
      leaves.set(slot, leaf);
      slotAt.set(`${place.start} ${place.end}`, slot);
      return slot;
    },
    accountTrait(trait) {
      uses.push({ kind: 'account_trait', event: null, name: trait, values: [], metric: id });
      const own = ownTrait(trait, names);
      traits.add(own.key);
      return own;
    },
    part({ call, start, end, type: partType, evaluate }) {
      // A bare null is no call.
      if (partType === 'nothing') return;
      parts.push({ call, start, end, type: partType, slot: slotAt.get(`${start} ${end}`) ?? null, evaluate });
    },
    past: (reference) => past.push(reference),
    today: (metric, place) => references.set(metric, place),
  };
  const compiled = equation === undefined ? null : compileEquation(root ?? parseEquation(equation), unit, scope);
  const metric: CompiledMetric = {
    id,
    name,
    unit,
    type,
    description,
    equation: equation ?? null,
    leaves: [...leaves].map(([slot, leaf]) => ({ slot, leaf })),
    dependsOn: [...references.keys()],
    past,
    traits: [...traits],
    parts,
    evaluate: compiled?.evaluate ?? null,
  };
  return { metric, references, uses };
}

function compileEquation(root: ASTNode, unit: Unit, scope: Scope): Compiled {
  const compiled = compileExpression(root, scope);
  if (compiled.type === 'date') {
    throw new EquationFault('a metric is no date: count its days with days_since(...) or days_until(...)', root);
  }
  if (compiled.type !== typeOfUnit(unit)) {
    throw new EquationFault(
      `a metric of unit "${unit}" is ${a(typeOfUnit(unit))}, and this is ${a(compiled.type)}${otherTrait(root, typeOfUnit(unit))}`,
      root,
    );
  }
  return compiled;
}

/** The metrics, each after those it reads; those in a circle are reported and left out. */
function inOrder(
  drafts: ReadonlyMap<string, Draft>,
  definitions: readonly MetricDefinition[],
  errors: EquationError[],
): CompiledMetric[] {
  const ordered = new Map<string, CompiledMetric>();
  const open: string[] = [];
  const visit = (id: string) => {
    const draft = drafts.get(id);
    if (!draft || ordered.has(id)) return;
    open.push(id);
    for (const [other, place] of draft.references) {
      const from = open.indexOf(other);
      if (from === -1) visit(other);
      else {
        const circle = [...open.slice(from), other].join(' -> ');
        const definition = definitions.find((candidate) => candidate.id === id)!;
        errors.push(
          describe(definition, new EquationFault(`metrics that read each other in a circle: ${circle}`, place)),
        );
      }
    }
    open.pop();
    ordered.set(id, draft.metric);
  };
  for (const id of drafts.keys()) visit(id);
  const faulty = new Set(errors.map((error) => error.metric));
  return [...ordered.values()].filter((metric) => !faulty.has(metric.id));
}

function describe({ id, equation }: MetricDefinition, fault: EquationFault): EquationError {
  const message = equation === undefined || fault.end === 0 ? fault.message : faultWithExcerpt(equation, fault);
  return { metric: id, message, start: fault.start, end: fault.end };
}
