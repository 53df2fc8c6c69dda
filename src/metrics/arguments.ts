import type { ASTNode } from '@marcbachmann/cel-js';
import { didYouMean, EquationFault, type Place } from './fault.ts';
import {
  type ArgumentKind,
  type ArgumentKinds,
  type Compiled,
  type EquationContext,
  type FunctionSpec,
  signature,
} from './function-spec.ts';
import { selectors } from './functions.ts';
import type { Condition, EquationPart, EventMatch, Leaf, MetricType, ValueType } from './types.ts';

const maxDays = 366;
const maxName = 255;

/** What an equation may refer to beyond its own functions. */
export type Scope = Pick<EquationContext, 'past' | 'accountTrait'> & {
  metricTypes: ReadonlyMap<string, MetricType>;
  /** Asks for a fact at `place`; the answer is its slot. */
  leaf(leaf: Leaf, place: Place): number;
  /** Notes a call or a field, once it is compiled; those inside of it come first. */
  part(part: Compiled & Place & Pick<EquationPart, 'call'>): void;
  /** Notes that the metric's value of the same day is read at `place`. */
  today(metric: string, place: Place): void;
};

/** Compiles a part that has a value of its own. */
type CompilePart = (node: ASTNode, scope: Scope) => Compiled;

/** Builds a call of `spec` from its arguments, each checked by its kind. Throws EquationFault. */
export function buildCall<Result>(
  spec: FunctionSpec<Result>,
  node: ASTNode,
  given: readonly ASTNode[],
  scope: Scope,
  compile: CompilePart,
): Result {
  const least = spec.parameters.filter((parameter) => !parameter.optional).length;
  if (given.length < least || given.length > spec.parameters.length) {
    const wanted = least === spec.parameters.length ? `${least}` : `${least} to ${spec.parameters.length}`;
    const unit = wanted === '1' ? 'argument' : 'arguments';
    throw new EquationFault(`${signature(spec)} takes ${wanted} ${unit}, not ${given.length}`, node);
  }
  const read = readers(scope, compile);
  const args = given.map((argument, index) => {
    const { kind, name } = spec.parameters[index]!;
    return read[kind](argument, `${name} in ${signature(spec)}`);
  });
  const refuse = (message: string): never => {
    throw new EquationFault(message, node);
  };
  return spec.build(args, {
    leaf: (leaf) => scope.leaf(leaf, node),
    past: scope.past,
    accountTrait: scope.accountTrait,
    today: (id) => scope.today(id, node),
    refuse,
  });
}

type Readers = { [K in ArgumentKind]: (node: ASTNode, what: string) => ArgumentKinds[K] };

/** One reader a kind of argument; `what` names the argument in messages. */
function readers(scope: Scope, compile: CompilePart): Readers {
  const typed = (type: ValueType) => (node: ASTNode, what: string) => {
    const part = compile(node, scope);
    if (part.type !== type) {
      throw new EquationFault(`${what} is ${a(type)}, not ${a(part.type)}${otherTrait(node, type)}`, node);
    }
    return part.evaluate;
  };
  return {
    event: (node, what) => readEvents(node, what, scope, compile),
    key: (node, what) => readText(node, what),
    literal: (node, what) => readLiterals(node, what),
    conditions: (node, what) => readConditions(node, what),
    days: (node, what) => readWhole(node, what, 1),
    daysAgo: (node, what) => readWhole(node, what, 0),
    metric: (node, what) => readMetric(node, what, scope),
    numberMetric: (node, what) => {
      const { id, type } = readMetric(node, what, scope);
      if (type !== 'number')
        throw new EquationFault(`${what} must be a metric with numbers; ${id} is ${a(type)}`, node);
      return id;
    },
    number: typed('number'),
    date: typed('date'),
    any: (node) => compile(node, scope),
  };
}

function readEvents(node: ASTNode, what: string, scope: Scope, compile: CompilePart): readonly EventMatch[] {
  if (node.op === 'list') {
    if (node.args.length === 0) throw new EquationFault(`${what}: the list is empty`, node);
    return node.args.flatMap((item) => readEvents(item, what, scope, compile));
  }
  if (node.op === 'call') {
    const [name, given] = node.args;
    const selector = selectors.find((spec) => spec.name === name);
    if (selector) return buildCall(selector, node, given, scope, compile);
  }
  if (node.op !== 'value' || typeof node.args !== 'string') {
    const ways = selectors.map(signature).join(', ');
    throw new EquationFault(`${what} is an event's name in quotes, a list of them, or one of ${ways}`, node);
  }
  const name = readText(node, what);
  return [{ name: name === '*' ? null : name, properties: [], userTraits: [] }];
}

function readConditions(node: ASTNode, what: string): Condition[] {
  if (node.op !== 'map') throw new EquationFault(`${what} is written {"name": value}`, node);
  const seen = new Set<string>();
  return node.args.map(([key, value]) => {
    const name = readText(key, `the name in ${what}`);
    if (seen.has(name))
      throw new EquationFault(`"${name}" is there twice: for either of two values write ["a", "b"]`, key);
    seen.add(name);
    return { key: name, anyOf: readLiterals(value, `the value of "${name}"`) };
  });
}

function readLiterals(node: ASTNode, what: string): Condition['anyOf'] {
  if (node.op !== 'list') return [readLiteral(node, what)];
  if (node.args.length === 0) throw new EquationFault(`${what}: the list is empty`, node);
  return node.args.map((item) => readLiteral(item, what));
}

function readLiteral(node: ASTNode, what: string): string | number | boolean {
  if (node.op === '-_' && node.args.op === 'value') {
    const value = readLiteral(node.args, what);
    if (typeof value === 'number') return -value;
  }
  if (node.op === 'value') {
    if (typeof node.args === 'bigint') return readBigint(node.args, node);
    if (typeof node.args === 'number' || typeof node.args === 'boolean') return node.args;
    if (typeof node.args === 'string') return readText(node, what, 0);
  }
  throw new EquationFault(`${what} is a text, a number, true or false as written, not computed`, node);
}

/** A text that the database can hold, of at least `least` characters. */
function readText(node: ASTNode, what: string, least = 1): string {
  if (node.op !== 'value' || typeof node.args !== 'string')
    throw new EquationFault(`${what} is a text in quotes`, node);
  const text = node.args;
  if (text.length < least) throw new EquationFault(`${what} is empty`, node);
  if (text.length > maxName) throw new EquationFault(`${what} is longer than ${maxName} characters`, node);
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new EquationFault(`${what} has a character that cannot be stored`, node);
  }
  return text;
}

function readWhole(node: ASTNode, what: string, least: number): number {
  const value = node.op === 'value' && typeof node.args === 'bigint' ? Number(node.args) : Number.NaN;
  if (value >= least && value <= maxDays) return value;
  throw new EquationFault(`${what} is a whole number from ${least} to ${maxDays}, as written`, node);
}

function readMetric(node: ASTNode, what: string, scope: Scope): ArgumentKinds['metric'] {
  const id = readText(node, what);
  const type = scope.metricTypes.get(id);
  if (type) return { id, type };
  throw new EquationFault(`there is no metric "${id}" in this pack${didYouMean(id, scope.metricTypes.keys())}`, node);
}

const traitFunctions = { number: 'trait', text: 'trait_text', boolean: 'trait_flag', date: 'trait_date' };

/** `; a trait that is a date is read with trait_date(trait)` where another function reads one, else nothing. */
export function otherTrait(node: ASTNode, wanted: Compiled['type']): string {
  const readsTrait = node.op === 'call' && Object.values(traitFunctions).includes(node.args[0]);
  if (!readsTrait || wanted === 'nothing') return '';
  return `; a trait that is ${a(wanted)} is read with ${traitFunctions[wanted]}(trait)`;
}

/** A whole number of the grammar as the number that all values are. */
export function readBigint(value: bigint, node: ASTNode): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new EquationFault(`${value} is too large: write it with a decimal point`, node);
}

/** The type with its article, as messages say it. */
export function a(type: Compiled['type']): string {
  return { number: 'a number', text: 'a text', boolean: 'true or false', date: 'a date', nothing: 'null' }[type];
}
