import { type ASTNode, Environment, EvaluationError, type ParseError } from '@marcbachmann/cel-js';
import { RowFault } from './faults.ts';
import type { ColumnType } from './mapping-schema.ts';

/** A row's columns by their name in expressions. */
export type Context = Record<string, string | number | boolean>;

/** An expression over one row. Throws RowFault when it has no value there. */
export type Expression = (context: Context) => string | number | boolean;

/** A fault in the text of an expression; `start` is a place in it. */
export class ExpressionFault extends Error {
  readonly code = 'expression_fault';
  override readonly name = 'ExpressionFault';
  readonly start: number;

  constructor(message: string, start: number) {
    super(message);
    this.start = start;
  }
}

const limits = { maxAstNodes: 200, maxDepth: 32, maxListElements: 100, maxMapEntries: 20, maxCallArguments: 10 };
const celTypes = { text: 'string', number: 'double', boolean: 'bool' } as const;

/** Compiles expressions in CEL, and knows the columns that they use. */
export type Compiler = {
  used: ReadonlySet<string>;
  /** `type` is what the value must be. Throws ExpressionFault. */
  compile(text: string, type?: ColumnType): Expression;
};

/** Columns are text unless `types` says otherwise. Whole and decimal numbers mix. */
export function createCompiler(types: Readonly<Record<string, ColumnType>>): Compiler {
  const environment = new Environment({ limits });
  for (const sign of ['+', '-', '*', '/'] as const) {
    const compute = arithmetic[sign];
    environment.registerOperator(`double ${sign} int`, (a: number, b: bigint) => compute(a, Number(b)));
    environment.registerOperator(`int ${sign} double`, (a: bigint, b: number) => compute(Number(a), b));
  }
  const used = new Set<string>();
  return {
    used,
    compile(text, type) {
      const parsed = guarded(() => environment.parse(text));
      for (const name of columnsIn(parsed.ast)) {
        if (!used.has(name)) environment.registerVariable(name, celTypes[types[name] ?? 'text']);
        used.add(name);
      }
      // Parsed again, now that its columns are known.
      const evaluate = guarded(() => environment.parse(text));
      const check = evaluate.check();
      if (!check.valid) throw toFault(check.error);
      const allowed =
        type === 'number' ? ['double', 'int'] : type ? [celTypes[type]] : ['string', 'double', 'int', 'bool'];
      if (!allowed.includes(check.type ?? '')) {
        throw new ExpressionFault(`is ${check.type}, but is to be ${type ?? 'text, a number, or true or false'}`, 0);
      }
      const column = parsed.ast.op === 'id' ? parsed.ast.args : null;
      if (typeof column === 'string') return (context) => context[column] ?? '';
      return (context) => {
        let value: unknown;
        try {
          value = evaluate(context);
        } catch (error) {
          throw error instanceof EvaluationError ? new RowFault(`${text}: ${error.summary}`) : error;
        }
        if (typeof value === 'bigint') return Number(value);
        if (typeof value === 'number' && !Number.isFinite(value)) throw new RowFault(`${text} is no number here`);
        return value as string | number | boolean;
      };
    },
  };
}

const arithmetic = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
};

function guarded<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw toFault(error);
  }
}

function toFault(error: unknown): unknown {
  if (!(error instanceof Error) || !('summary' in error)) return error;
  const { summary, range } = error as ParseError;
  return new ExpressionFault(summary.replace('EOF', 'the end'), range?.start ?? 0);
}

function columnsIn(node: ASTNode): string[] {
  const found: string[] = [];
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) for (const item of part) visit(item);
    else if (isNode(part)) {
      if (part.op === 'id') found.push(part.args as string);
      else visit(part.args);
    }
  };
  visit(node);
  return found;
}

function isNode(part: unknown): part is ASTNode {
  return typeof part === 'object' && part !== null && 'op' in part && 'args' in part;
}
