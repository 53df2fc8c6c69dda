import type { Fields } from '../ingest/types.ts';
import { CallFault } from './faults.ts';

const MAX_DEPTH = 20;
const MAX_ID = 255;

/**
 * Properties or traits as they can be stored: without NUL characters, without halves of characters, without the key
 * `__proto__`. Nothing is copied unless it has one of these.
 * @throws {CallFault} when it is nested too deep or has a number too large
 */
export function readFields(value: Fields | null | undefined, what: string): Fields {
  if (value === null || value === undefined) return {};
  return isClean(value, what, 1) ? value : (clean(value) as Fields);
}

function isClean(value: unknown, what: string, depth: number): boolean {
  if (typeof value === 'string') return isCleanText(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new CallFault(`${what} has a number that is too large`);
    return true;
  }
  if (typeof value !== 'object' || value === null) return true;
  if (depth > MAX_DEPTH) throw new CallFault(`${what} is nested more than ${MAX_DEPTH} deep`);
  let all = true;
  if (Array.isArray(value)) {
    for (const item of value) all = isClean(item, what, depth + 1) && all;
    return all;
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || !isCleanText(key)) all = false;
    all = isClean((value as Fields)[key], what, depth + 1) && all;
  }
  return all;
}

const isCleanText = (text: string) => text.isWellFormed() && !text.includes('\0');

function clean(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(clean);
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__');
  return Object.fromEntries(entries.map(([key, item]) => [cleanText(key), clean(item)]));
}

/** Text that the database takes: without NUL characters, and `�` for half a character. */
export function cleanText(text: string): string {
  return isCleanText(text) ? text : text.replaceAll('\0', '').toWellFormed();
}

/**
 * An id as text without space around it; null when it is empty or not given.
 * @throws {CallFault} when it cannot be an id
 */
export function readId(value: string | number | null | undefined, what: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') {
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new CallFault(`${what} is a number too large to keep exactly; send it as text`);
    return String(value);
  }
  const id = value.trim();
  if (id.length > MAX_ID) throw new CallFault(`${what} is longer than ${MAX_ID} characters`);
  // Ids are never cleaned: two that differ would become one.
  if (!/^[\x20-\x7e]*$/.test(id) && /[\p{Cc}\p{Cs}]/u.test(id))
    throw new CallFault(`${what} contains a control character or half of one`);
  return id || null;
}

/** The same of one that must be there. */
export function requireId(value: string | number | null | undefined, what: string): string {
  const id = readId(value, what);
  if (id === null) throw new CallFault(`${what} is missing`);
  return id;
}

/**
 * The name of an event, without space around it.
 * @throws {CallFault} when it is empty or longer than 255 characters
 */
export function readName(text: string | null | undefined, what: string): string {
  const name = cleanText(text ?? '').trim();
  if (name === '') throw new CallFault(`${what} is missing`);
  if (name.length > MAX_ID) throw new CallFault(`${what} is longer than ${MAX_ID} characters`);
  return name;
}
