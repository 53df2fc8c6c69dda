import type { SalesforceMapping } from './settings.ts';

/** A field, or a path to one: `Renewal_Date__c`, `Owner.Email`. */
export const fieldPattern = /^[A-Za-z]\w{0,79}(?:\.[A-Za-z]\w{0,79}){0,4}$/;

/** What begins another part of a query than its condition. */
const clauses = /^(?:select|from|where|order|group|having|limit|offset|for|with|using|update|typeof|all)$/i;

/** Why a text is not one condition in SOQL, in words that go on from its name; null where it is one. */
export function conditionFault(text: string): string | null {
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const token = /^(?:'(?:[^'\\]|\\.)*'|\w+|\s+|.)/su.exec(rest)?.[0] ?? rest;
    if (token === "'") return "has a text that does not end: it needs another '";
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth < 0) return 'closes a bracket that it does not open';
    if (depth === 0 && clauses.test(token)) return `must be a condition alone, without ${token.toUpperCase()}`;
    // Values may have colons, as LAST_N_DAYS:30 and times have.
    const isInValue = token === ':' && /\w$/.test(text.slice(0, at)) && /^:\d/.test(rest);
    if (!isInValue && /^[^\w\s'().,=<>!+-]/u.test(token)) return `must not have ${token} outside of quotes`;
    if (/^(?:--|\/\*)/.test(rest)) return 'must not have comments';
    at += token.length;
  }
  if (depth > 0) return 'opens a bracket that it does not close';
  return text.trim() === '' ? 'is empty: write a condition, or remove the key' : null;
}

/** The query of all accounts with what the mapping reads of them. */
export function accountQuery({ id, name, domain, where, owner, arr, mrr, renewal, traits }: SalesforceMapping): string {
  const own = renewal?.kind === 'field' ? renewal.field : null;
  const fields = ['Id', name, id, domain, owner, arr, mrr, own, ...Object.values(traits)];
  return select(fields, 'Account', where === null ? [] : [`(${where})`]);
}

/** The query of all renewals; null where the date is a field of the account, or not read. */
export function renewalQuery({ renewal }: SalesforceMapping): string | null {
  if (renewal?.kind !== 'object') return null;
  const { object, date, account, amount, where } = renewal;
  const conditions = [...(where === null ? [] : [`(${where})`]), `${account} != null`, `${date} != null`];
  return select(['Id', account, date, amount], object, conditions);
}

function select(fields: readonly (string | null)[], object: string, conditions: readonly string[]): string {
  const known = new Map(fields.flatMap((field) => (field === null ? [] : [[field.toLowerCase(), field] as const])));
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `SELECT ${[...known.values()].join(', ')} FROM ${object}${where}`;
}
