import { readAccountTraits } from '../ingest/known-traits.ts';
import type { ClaimField, ClaimValue } from './types.ts';

/** The raw values that a CRM has for our fields; a field that is undefined is not read. */
type Raw = Partial<Record<'renewal_date' | 'csm_email' | 'arr' | 'mrr', unknown>>;

const facts = { renewal_date: 'renewalDate', csm_email: 'csmEmail', arr: 'arr', mrr: 'mrr' } as const;
const meant = {
  renewal_date: 'a day',
  csm_email: 'an email address',
  arr: 'an amount of money',
  mrr: 'an amount of money',
} as const;
const longestTrait = 10_000;

/**
 * What a record says, as our columns and traits hold it. What cannot be read is left out, so that what was said before
 * stays, and told by `fault` in words that begin with the field.
 */
export function readSaid(
  raw: Raw,
  traits: Readonly<Record<string, unknown>>,
  fault: (words: string) => void,
): Partial<Record<ClaimField, ClaimValue | null>> {
  const said: Partial<Record<ClaimField, ClaimValue | null>> = {};
  for (const [field, value] of Object.entries(raw) as [keyof Raw, unknown][]) {
    if (value === undefined) continue;
    const read = isNothing(value) ? null : readAccountTraits({ [field]: value })[facts[field]];
    if (read === undefined) fault(`${field} is ${show(value)}, which is not ${meant[field]}`);
    else said[field] = read === null || !isMoney(field) ? read : Math.round(Number(read) * 100) / 100;
  }
  for (const [name, value] of Object.entries(traits)) {
    if (isNothing(value)) said[`traits.${name}`] = null;
    else if (isStorable(value)) said[`traits.${name}`] = value;
    else fault(`the trait ${name} is ${show(value)}, which is no text, number, true or false`);
  }
  return said;
}

/** A bare domain in lower case, of an address of a web page; null when it is none. */
export function readDomain(value: unknown): string | null {
  return readAccountTraits({ domain: value }).domain ?? null;
}

const isMoney = (field: string) => field === 'arr' || field === 'mrr';
const isNothing = (value: unknown) =>
  value === null || value === undefined || (typeof value === 'string' && value.trim() === '');

function isStorable(value: unknown): value is ClaimValue {
  if (typeof value === 'string') return value.length <= longestTrait && !value.includes('\0') && value.isWellFormed();
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
