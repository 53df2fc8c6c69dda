import type { ASTNode } from '@marcbachmann/cel-js';
import { readBigint } from '../metrics/arguments.ts';
import type { Literal, Unit } from '../metrics/types.ts';
import type { Operator } from './types.ts';

/** A comparison of a rule, found in its text. */
export type WrittenTerm = { node: ASTNode; operator: Operator; threshold: Literal };

const flipped: Record<Operator, Operator> = { '>': '<', '>=': '<=', '<': '>', '<=': '>=', '==': '==', '!=': '!=' };

/** The comparisons that a rule joins by && and ||, each with the value that is written out in it. */
export function termsOf(node: ASTNode): WrittenTerm[] {
  if (node.op === '&&' || node.op === '||') return node.args.flatMap(termsOf);
  if (isOperator(node.op)) {
    const [left, right] = (node as Extract<ASTNode, { op: Operator }>).args;
    const [leftValue, rightValue] = [literalOf(left), literalOf(right)];
    if (rightValue !== null && leftValue === null) return [{ node: left, operator: node.op, threshold: rightValue }];
    if (leftValue !== null && rightValue === null) {
      return [{ node: right, operator: flipped[node.op], threshold: leftValue }];
    }
  }
  // What is true or false by itself, such as a trait.
  if (node.op === '!_') return [{ node: node.args, operator: '==', threshold: false }];
  return [{ node, operator: '==', threshold: true }];
}

function isOperator(op: string): op is Operator {
  return Object.hasOwn(flipped, op);
}

function literalOf(node: ASTNode): Literal | null {
  if (node.op === '-_') {
    const value = literalOf(node.args);
    return typeof value === 'number' ? -value : null;
  }
  if (node.op !== 'value') return null;
  if (typeof node.args === 'bigint') return readBigint(node.args, node);
  return ['number', 'string', 'boolean'].includes(typeof node.args) ? (node.args as Literal) : null;
}

const percentCalls = new Set(['percent', 'decrease', 'percent_change', 'percent_decrease']);
const dayCalls = new Set(['days_since', 'days_until']);

/** The metric that a part reads, and nothing else of it: `metric("id")`. */
export function metricOf(node: ASTNode): string | null {
  if (node.op !== 'call' || node.args[0] !== 'metric') return null;
  const [id, daysAgo] = node.args[1];
  return daysAgo === undefined && id?.op === 'value' && typeof id.args === 'string' ? id.args : null;
}

/** In which unit people read what a part gives, by how it is written. */
export function unitOf(node: ASTNode, units: ReadonlyMap<string, Unit>): Unit {
  if (node.op === 'id') return ['arr', 'mrr'].includes(node.args) ? 'money' : 'number';
  if (node.op === '-_') return unitOf(node.args, units);
  if (node.op !== 'call') return 'number';
  const [name, given] = node.args;
  if (percentCalls.has(name)) return 'percent';
  if (dayCalls.has(name)) return 'days';
  const [first] = given;
  const isText = first?.op === 'value' && typeof first.args === 'string';
  if (['metric', 'change'].includes(name) && isText) return units.get(first.args as string) ?? 'number';
  return ['coalesce', 'largest', 'smallest'].includes(name) && first ? unitOf(first, units) : 'number';
}
