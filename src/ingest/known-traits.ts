import type { Fields } from './types.ts';

/** What a user's traits say of the columns; the others stay traits. Undefined is not said. */
export type UserFacts = { email?: string; name?: string; createdAt?: Date; traits: Record<string, unknown> };

/** What an account's traits say of the columns; the others stay traits. Undefined is not said. */
export type AccountFacts = {
  name?: string;
  domain?: string;
  csmEmail?: string;
  arr?: string;
  mrr?: string;
  currency?: string;
  createdAt?: Date;
  renewalDate?: string;
  traits: Record<string, unknown>;
};

/** Of each known trait the column, and how it is read; undefined when it cannot be, and then it stays a trait. */
type Known<Facts> = Readonly<Record<string, readonly [keyof Facts, (value: unknown) => unknown]>>;

const userTraits: Known<UserFacts> = {
  email: ['email', toEmail],
  name: ['name', toName],
  createdAt: ['createdAt', toInstant],
  created_at: ['createdAt', toInstant],
};

const accountTraits: Known<AccountFacts> = {
  name: ['name', toName],
  domain: ['domain', toDomain],
  website: ['domain', toDomain],
  csm_email: ['csmEmail', toEmail],
  csmEmail: ['csmEmail', toEmail],
  arr: ['arr', toMoney],
  mrr: ['mrr', toMoney],
  currency: ['currency', toCurrency],
  createdAt: ['createdAt', toInstant],
  created_at: ['createdAt', toInstant],
  renewal_date: ['renewalDate', toDay],
  renewalDate: ['renewalDate', toDay],
};

/** Tells a user's known traits from the others. */
export function readUserTraits(fields: Fields): UserFacts {
  return split<UserFacts>(fields, userTraits);
}

/** Tells an account's known traits from the others. */
export function readAccountTraits(fields: Fields): AccountFacts {
  return split<AccountFacts>(fields, accountTraits);
}

function split<Facts extends { traits: Record<string, unknown> }>(fields: Fields, known: Known<Facts>): Facts {
  const columns: Partial<Record<keyof Facts, unknown>> = {};
  const traits: [string, unknown][] = [];
  for (const [name, given] of Object.entries(fields)) {
    const [column, read] = (Object.hasOwn(known, name) ? known[name] : undefined) ?? [];
    const value = read?.(given);
    if (column === undefined || value === undefined) traits.push([name, given]);
    else columns[column] ??= value;
  }
  return { ...columns, traits: Object.fromEntries(traits) } as Facts;
}

function toEmail(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return text.length <= 254 && /^[^\s@,;<>"]+@[^\s@,;<>"]+$/.test(text) ? text : undefined;
}

function toName(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim() : '';
  return text !== '' && text.length <= 500 ? text : undefined;
}

/** A bare domain in lower case: `https://www.Acme.com/` is `acme.com`. */
function toDomain(value: unknown): string | undefined {
  if (typeof value !== 'string' || /[\s@]/.test(value)) return undefined;
  const url = URL.parse(value.includes('://') ? value : `https://${value}`);
  const host = url?.hostname.replace(/^www\./, '').replace(/\.$/, '') ?? '';
  return host.length <= 253 && /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+$/.test(host) ? host : undefined;
}

/** A decimal number that the column can hold. */
function toMoney(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  return /^\d{1,13}(\.\d{1,17})?$/.test(text) ? text : undefined;
}

function toCurrency(value: unknown): string | undefined {
  const code = typeof value === 'string' ? value.trim().toUpperCase() : '';
  return /^[A-Z]{3}$/.test(code) ? code : undefined;
}

/** From ISO 8601, or a number of seconds or milliseconds since 1970; of the years 1900 to 2999. */
function toInstant(value: unknown): Date | undefined {
  const iso = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?)?$/;
  let instant: Date | undefined;
  if (typeof value === 'number') instant = new Date(Math.abs(value) < 1e11 ? value * 1000 : value);
  // What names no zone is UTC.
  else if (typeof value === 'string' && iso.test(value)) {
    const zoned = value.length === 10 || /(?:Z|[-+]\d{2}:?\d{2})$/.test(value) ? value : `${value}Z`;
    instant = new Date(zoned.replace(' ', 'T'));
  }
  const year = instant?.getUTCFullYear() ?? Number.NaN;
  return year >= 1900 && year < 3000 ? instant : undefined;
}

function toDay(value: unknown): string | undefined {
  return toInstant(value)?.toISOString().slice(0, 10);
}
