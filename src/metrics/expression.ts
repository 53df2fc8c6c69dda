import type { ASTNode } from '@marcbachmann/cel-js';
import { a, buildCall, otherTrait, readBigint, type Scope } from './arguments.ts';
import { finite, negative } from './arithmetic.ts';
import { coerce } from './coerce.ts';
import { didYouMean, EquationFault } from './fault.ts';
import { type Compiled, type Evaluate, signature } from './function-spec.ts';
import { functions, selectors } from './functions.ts';
import type { Value } from './types.ts';

const functionByName = new Map(functions.map((spec) => [spec.name, spec]));

/** The account's own fields, written without brackets. */
const fields = new Map<string, Compiled>([
  ['arr', { type: 'number', evaluate: ({ account }) => account.arr }],
  ['mrr', { type: 'number', evaluate: ({ account }) => account.mrr }],
  ['created_at', { type: 'date', evaluate: ({ account }) => account.created_at?.getTime() ?? null }],
  [
    'renewal_date',
    { type: 'date', evaluate: ({ account, timeZone }) => coerce(account.renewal_date, 'date', timeZone) },
  ],
]);

/** How other languages call what is here, too far off to be taken for a slip of the pen. */
const otherwiseCalled: Record<string, string> = {
  max: 'maximum or largest',
  min: 'minimum or smallest',
  avg: 'average',
  unique: 'distinct',
};

const arithmetic: Record<string, (left: number, right: number) => number> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
};

/** How numbers and dates are compared; two that differ by no more than the noise of decimals are equal. */
export const order: Readonly<Record<'<' | '<=' | '>' | '>=', (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right && !isNoise(left, right),
  '<=': (left, right) => left <= right || isNoise(left, right),
  '>': (left, right) => left > right && !isNoise(left, right),
  '>=': (left, right) => left >= right || isNoise(left, right),
};

/** Decimals are not exact: 89.91 is 10% below 99.9 on paper, and 10.00000000000001% here. */
function isNoise(left: number, right: number): boolean {
  return Math.abs(left - right) <= 1e-13 * Math.max(Math.abs(left), Math.abs(right));
}

/** Checks the types of an equation's part and makes it a function. Throws EquationFault. */
export function compileExpression(node: ASTNode, scope: Scope): Compiled {
  switch (node.op) {
    case 'value':
      return literal(node);
    case 'id':
      return field(node, scope);
    case 'call':
      return call(node, scope);
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return calculation(node, scope);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(node, scope);
    case '==':
    case '!=':
      return equality(node, scope);
    case '&&':
      return logic(node, scope, false);
    case '||':
      return logic(node, scope, true);
    case '!_': {
      const flag = typed(node.args, 'boolean', '!', scope);
      return { type: 'boolean', evaluate: (input) => not(flag(input)) };
    }
    case '-_': {
      const number = typed(node.args, 'number', '-', scope);
      return { type: 'number', evaluate: (input) => negative(number(input)) };
    }
    case '?:':
      return condition(node, scope);
    default:
      throw new EquationFault(`${nameOf(node.op)} is not part of the language`, node);
  }
}

type Node<Op extends ASTNode['op']> = Extract<ASTNode, { op: Op }>;

function literal(node: Node<'value'>): Compiled {
  const value = node.args;
  if (value === null) return { type: 'nothing', evaluate: () => null };
  if (typeof value === 'string') return constant('text', value);
  if (typeof value === 'boolean') return constant('boolean', value);
  if (typeof value === 'number') return constant('number', value);
  if (typeof value === 'bigint') return constant('number', readBigint(value, node));
  throw new EquationFault('only numbers, texts, true, false and null can be written', node);
}

function constant(type: Compiled['type'], value: Value): Compiled {
  return { type, evaluate: () => value };
}

function field(node: Node<'id'>, scope: Scope): Compiled {
  const found = fields.get(node.args);
  if (found) {
    scope.part({ call: null, start: node.start, end: node.end, ...found });
    return found;
  }
  const spec = functionByName.get(node.args);
  if (spec) throw new EquationFault(`${node.args} is a function: write ${signature(spec)}`, node);
  if (scope.metricTypes.has(node.args)) throw new EquationFault(`for the metric write metric("${node.args}")`, node);
  const hint = didYouMean(node.args, fields.keys());
  throw new EquationFault(`there is no "${node.args}"${hint}; traits are read with trait("...")`, node);
}

function call(node: Node<'call'>, scope: Scope): Compiled {
  const [name, given] = node.args;
  const spec = functionByName.get(name);
  if (spec) {
    const compiled = buildCall(spec, node, given, scope, compileExpression);
    scope.part({ call: name, start: node.start, end: node.end, ...compiled });
    return compiled;
  }
  const selector = selectors.find((candidate) => candidate.name === name);
  if (selector)
    throw new EquationFault(`${signature(selector)} says which events: put it into count(...) or another`, node);
  const hint = Object.hasOwn(otherwiseCalled, name)
    ? `; did you mean ${otherwiseCalled[name]}?`
    : didYouMean(name, [...functionByName.keys(), ...selectors.map((candidate) => candidate.name)]);
  throw new EquationFault(`there is no function "${name}"${hint}`, {
    start: node.start,
    end: node.start + name.length,
  });
}

function calculation(node: Node<'+' | '-' | '*' | '/' | '%'>, scope: Scope): Compiled {
  const calculate = arithmetic[node.op]!;
  const left = typed(node.args[0], 'number', node.op, scope);
  const right = typed(node.args[1], 'number', node.op, scope);
  return {
    type: 'number',
    evaluate: (input) => {
      const l = left(input);
      const r = right(input);
      return typeof l === 'number' && typeof r === 'number' ? finite(calculate(l, r)) : null;
    },
  };
}

function comparison(node: Node<'<' | '<=' | '>' | '>='>, scope: Scope): Compiled {
  const compare = order[node.op]!;
  const left = compileExpression(node.args[0], scope);
  const type = left.type === 'date' ? 'date' : 'number';
  if (left.type !== type) throw unfit(node.args[0], type, node.op, left);
  const right = typed(node.args[1], type, node.op, scope);
  return {
    type: 'boolean',
    evaluate: (input) => {
      const l = left.evaluate(input);
      const r = right(input);
      return typeof l === 'number' && typeof r === 'number' ? compare(l, r) : null;
    },
  };
}

function equality(node: Node<'==' | '!='>, scope: Scope): Compiled {
  const [left, right] = [compileExpression(node.args[0], scope), compileExpression(node.args[1], scope)];
  if (left.type === 'nothing' || right.type === 'nothing') {
    throw new EquationFault('nothing equals null: ask with has_data(...)', node);
  }
  if (left.type !== right.type) {
    // The trait is more likely the one that is read wrongly, on either side.
    if (otherTrait(node.args[0], right.type)) throw unfit(node.args[0], right.type, node.op, left);
    throw unfit(node.args[1], left.type, node.op, right);
  }
  const equal = node.op === '==';
  return {
    type: 'boolean',
    evaluate: (input) => {
      const l = left.evaluate(input);
      const r = right.evaluate(input);
      return l === null || r === null ? null : (l === r) === equal;
    },
  };
}

/** && and ||: `decisive` on either side decides, even when the other side has no data. */
function logic(node: Node<'&&' | '||'>, scope: Scope, decisive: boolean): Compiled {
  const left = typed(node.args[0], 'boolean', node.op, scope);
  const right = typed(node.args[1], 'boolean', node.op, scope);
  return {
    type: 'boolean',
    evaluate: (input) => {
      const l = left(input);
      if (l === decisive) return decisive;
      const r = right(input);
      if (r === decisive) return decisive;
      return l === null || r === null ? null : !decisive;
    },
  };
}

function condition(node: Node<'?:'>, scope: Scope): Compiled {
  const test = typed(node.args[0], 'boolean', '? :', scope);
  const [yes, no] = [compileExpression(node.args[1], scope), compileExpression(node.args[2], scope)];
  if (yes.type !== no.type && yes.type !== 'nothing' && no.type !== 'nothing') {
    throw new EquationFault(`both sides of the ":" must be of one type, not ${a(yes.type)} and ${a(no.type)}`, node);
  }
  return {
    type: yes.type === 'nothing' ? no.type : yes.type,
    evaluate: (input) => {
      const answer = test(input);
      if (answer === null) return null;
      return answer ? yes.evaluate(input) : no.evaluate(input);
    },
  };
}

function typed(node: ASTNode, type: Compiled['type'], operator: string, scope: Scope): Evaluate {
  const part = compileExpression(node, scope);
  if (part.type !== type) throw unfit(node, type, operator, part);
  return part.evaluate;
}

function unfit(node: ASTNode, type: Compiled['type'], operator: string, part: Compiled): EquationFault {
  return new EquationFault(`${operator} needs ${a(type)} here, not ${a(part.type)}${otherTrait(node, type)}`, node);
}

function not(value: Value): boolean | null {
  return value === null ? null : !value;
}

function nameOf(op: ASTNode['op']): string {
  if (op === 'list' || op === 'map') return `a ${op} outside of a function`;
  if (op === 'rcall' || op === '.' || op === '.?') return 'a "." after a value';
  return op === '[]' || op === '[?]' ? 'a "[" after a value' : `"${op}"`;
}
