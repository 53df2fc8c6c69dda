import { RowFault } from './faults.ts';

const MAX_DEPTH = 20;
const hostile: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Throws RowFault when a column or key may not be called so. */
export function refuseName(name: string): void {
  if (hostile.has(name)) throw new RowFault(`may not be called "${name}", a name that programs trip over`, name);
  if (name.length > 255) throw new RowFault('has a name of more than 255 characters', name);
  refuseText(name, 'its name');
}

/** Throws RowFault when a JSON value cannot be stored as it is. */
export function refuseValue(value: unknown, column: string): void {
  try {
    walk(value, 1);
  } catch (error) {
    throw error instanceof RowFault ? new RowFault(error.message, column, value) : error;
  }
}

function walk(value: unknown, depth: number): void {
  if (typeof value === 'string') {
    refuseText(value);
    return;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RowFault('is too large a number');
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new RowFault('is a whole number too large to keep exactly; write it as text, in quotes');
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw new RowFault(`is nested more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) {
    for (const item of value) walk(item, depth + 1);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    refuseName(key);
    walk(item, depth + 1);
  }
}

function refuseText(text: string, what = ''): void {
  const subject = what === '' ? '' : `${what} `;
  if (text.includes('\0')) throw new RowFault(`${subject}contains a NUL character`);
  if (!text.isWellFormed()) throw new RowFault(`${subject}contains half of a character (a lone surrogate)`);
}

/** A cell of a known field as trimmed text; null when it is empty. Throws RowFault when it is not one value. */
export function toText(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() || null;
  if (value === null) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new RowFault('is a list or an object; one value is needed');
}

/** Text that is written as a number, `1200`, `-0.5` or `1e5`, as one; null when it is not. */
export function toNumber(text: string): number | null {
  const number = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

/** Text of at most `length` characters. */
export function toShortText(text: string, length: number): string {
  if (text.length > length) throw new RowFault(`is longer than ${length} characters`);
  return text;
}

/** An id: 1 to 255 characters, none of them a control character. */
export function toId(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new RowFault('contains a control character');
  return toShortText(text, 255);
}

/** An email address in lower case. */
export function toEmail(text: string): string {
  if (text.length > 254 || !/^[^\s@,;<>"]+@[^\s@,;<>"]+$/.test(text)) throw new RowFault('is not an email address');
  return text.toLowerCase();
}

/** A bare domain in lower case: `https://www.Acme.com/` is `acme.com`. */
export function toDomain(text: string): string {
  const url = text.includes('://') ? text : `https://${text}`;
  const host =
    URL.canParse(url) && !/[\s@]/.test(text) ? new URL(url).hostname.replace(/^www\./, '').replace(/\.$/, '') : '';
  if (host.length > 253 || !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+$/.test(host)) {
    throw new RowFault('is not a domain such as acme.com');
  }
  return host;
}

/** A currency code, ISO 4217. */
export function toCurrency(text: string): string {
  const code = text.toUpperCase();
  if (!Intl.supportedValuesOf('currency').includes(code)) {
    throw new RowFault('is not a currency code such as USD or EUR');
  }
  return code;
}

/** A list, from text separated by `;` or a JSON list: trimmed, without empty and repeated items. */
export function toList(value: unknown, length: number): string[] {
  const parts = Array.isArray(value) ? value : (toText(value) ?? '').split(';');
  const items = parts.map((part) => {
    if (typeof part !== 'string' && typeof part !== 'number')
      throw new RowFault('is a list of something else than text');
    return toShortText(String(part).trim(), length);
  });
  return [...new Set(items.filter((item) => item !== ''))];
}

/**
 * A trait or property from CSV: a number when it is written plainly (`12`, `-0.50`), true or false when it says so, else
 * text: `007`, `1e5`, `+49`, dates, whole numbers too large to keep exactly. Undefined when it is empty.
 */
export function toProperty(value: string): string | number | boolean | undefined {
  if (value.trim() === '') return undefined;
  if (plainNumber.test(value)) {
    const number = Number(value);
    return Number.isInteger(number) && !Number.isSafeInteger(number) ? value : number;
  }
  return flags.get(value) ?? value;
}

const plainNumber = /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,17})?$/;
const flags: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
]);
