import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js';
import { EquationFault } from './fault.ts';

const maxLength = 2000;
const limits = { maxAstNodes: 500, maxDepth: 32, maxListElements: 100, maxMapEntries: 20, maxCallArguments: 10 };

/** Reads an equation by CEL's grammar. Throws EquationFault; what the functions mean is checked later. */
export function parseEquation(text: string): ASTNode {
  if (text.trim() === '') throw new EquationFault('the equation is empty', { start: 0, end: text.length });
  if (text.length > maxLength) {
    throw new EquationFault(`the equation is longer than ${maxLength} characters: split it with metric("id")`, {
      start: maxLength,
      end: text.length,
    });
  }
  try {
    return new Environment({ limits }).parse(text).ast;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new EquationFault(plainMessage(error, text), error.range ?? { start: 0, end: text.length });
  }
}

const symbols: Record<string, string> = {
  EOF: 'the end',
  LPAREN: '"("',
  RPAREN: '")"',
  LBRACKET: '"["',
  RBRACKET: '"]"',
  LBRACE: '"{"',
  RBRACE: '"}"',
  COMMA: '","',
  COLON: '":"',
  NUMBER: 'a number',
  STRING: 'a text',
  IDENTIFIER: 'a name',
};

/** What people write who know other languages, and what to write instead. */
const slips: Record<string, string> = {
  '=': 'compare with ==, not with =',
  and: 'for "and" write &&',
  or: 'for "or" write ||',
  if: 'for "if" write condition ? value : otherwise',
  '“': 'use straight quotes: "login"',
  '”': 'use straight quotes: "login"',
  '„': 'use straight quotes: "login"',
  ';': 'separate with commas, not with semicolons',
};

/** The parser's message in the words of docs/metrics.md. */
function plainMessage(error: ParseError, text: string): string {
  const found = error.range ? text.slice(error.range.start, error.range.end) : '';
  const slip = Object.hasOwn(slips, found) ? slips[found] : undefined;
  if (slip) return slip;
  switch (error.code) {
    case 'limit_exceeded':
      return 'the equation is too deep or has too many parts: split it with metric("id")';
    case 'unterminated_string':
    case 'unterminated_triple_quoted_string':
      return 'this text has no closing quote';
    case 'expected_token': {
      const wanted = /^Expected (\w+)/.exec(error.summary)?.[1] ?? '';
      return `expected ${symbols[wanted] ?? wanted} here, found ${found === '' ? 'the end' : `"${found}"`}`;
    }
    case 'unexpected_token':
    case 'unexpected_character':
      return found === '' ? 'the equation ends where a value is expected' : `unexpected "${found}"`;
    default:
      return error.summary;
  }
}
