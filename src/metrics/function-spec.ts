import type {
  AttributeNames,
  Condition,
  EquationInput,
  EventMatch,
  Leaf,
  MetricType,
  PastMetric,
  Value,
  ValueType,
} from './types.ts';

/** Computes a part of an equation for one account and day. */
export type Evaluate = (input: EquationInput) => Value;

/** A part of an equation; `nothing` is the type of a bare `null`, which goes with any other. */
export type Compiled = { type: ValueType | 'nothing'; evaluate: Evaluate };

/** What an argument can be asked to be, and what the function gets of it. */
export type ArgumentKinds = {
  /** A name, a list of them, or a selector's answer. */
  event: readonly EventMatch[];
  /** The name of a property or trait. */
  key: string;
  /** A text, a number, true or false, or a list of these, as written. */
  literal: Condition['anyOf'];
  /** `{"key": literal}`. */
  conditions: readonly Condition[];
  /** Whole number as written, 1 to 366. */
  days: number;
  /** Whole number as written, 0 to 366. */
  daysAgo: number;
  /** The id of a metric of the pack. */
  metric: { id: string; type: MetricType };
  /** The id of a metric that is a number. */
  numberMetric: string;
  /** Parts with a value of their own. */
  number: Evaluate;
  date: Evaluate;
  any: Compiled;
};
/** A name of a kind of argument. */
export type ArgumentKind = keyof ArgumentKinds;
type AnyArgument = ArgumentKinds[ArgumentKind] | undefined;

/** A function's parameter, as docs and messages name it. */
export type Parameter = { name: string; kind: ArgumentKind; optional: boolean };
type Arguments<P extends readonly Parameter[]> = {
  [I in keyof P]: ArgumentKinds[P[I]['kind']] | (P[I]['optional'] extends true ? undefined : never);
};

/** Where functions leave what their equation will need. */
export type EquationContext = {
  /** Asks for a fact; the answer is its slot in EquationInput.leaf. */
  leaf(leaf: Leaf): number;
  past(past: PastMetric): void;
  /** Where the account's trait is stored, and in what words. */
  accountTrait(name: string): AttributeNames;
  today(metric: string): void;
  /** Refuses the call. */
  refuse(message: string): never;
};

/** A function of the language: selectors make an EventMatch[], all others a Compiled. */
export type FunctionSpec<Result> = {
  name: string;
  parameters: readonly Parameter[];
  build(args: readonly AnyArgument[], context: EquationContext): Result;
};

/** A parameter that must be given. */
export const required = <K extends ArgumentKind>(kind: K, name: string) => ({ name, kind, optional: false }) as const;

/** A parameter that can be left out, at the end. */
export const optional = <K extends ArgumentKind>(kind: K, name: string) => ({ name, kind, optional: true }) as const;

/** Ties a function's parameters to the arguments that its `build` gets. */
export function define<const P extends readonly Parameter[], Result>(
  name: string,
  parameters: P,
  build: (args: Arguments<P>, context: EquationContext) => Result,
): FunctionSpec<Result> {
  // Each argument was made by its parameter's kind before `build` is called.
  return { name, parameters, build: (args, context) => build(args as Arguments<P>, context) };
}

/** How the function is written: `count(event, [days], [days_ago])`. */
export function signature(spec: FunctionSpec<unknown>): string {
  return `${spec.name}(${spec.parameters.map((p) => (p.optional ? `[${p.name}]` : p.name)).join(', ')})`;
}
