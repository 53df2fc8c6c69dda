import { includable, type Json, toJson } from './json.ts';
import { invalid } from './refusal.ts';
import { findAny, type State } from './state.ts';

const DEEPEST = 4;

/** Puts objects where their ids are, along each path: `data.customer`, `discounts.source.coupon`. */
export function expandAll(state: State, json: Json, paths: readonly string[]): Json {
  for (const path of paths) {
    const names = path.split('.');
    if (names.filter((name) => name !== 'data').length > DEEPEST)
      throw invalid(`You cannot expand more than ${DEEPEST} levels of a property (${path}).`);
    expand(state, json, names, path);
  }
  return json;
}

function expand(state: State, json: Json, [name, ...rest]: readonly string[], path: string): void {
  if (name === undefined) return;
  const included = name in json ? undefined : includable(state, json, name);
  if (included !== undefined) json[name] = included;
  // Fields that an object may have and has not: what has not been deleted, a payment that is no charge.
  if (!(name in json)) {
    if (optional.has(name)) return;
    throw invalid(`This property cannot be expanded (${path}).`, undefined, 'expand');
  }
  const value = json[name];
  if (typeof value === 'string') {
    const found = findAny(state, value);
    if (!found) throw invalid(`This property cannot be expanded (${path}).`, undefined, 'expand');
    json[name] = toJson(state, found);
  } else if (Array.isArray(value)) {
    json[name] = value.map((each) => {
      const found = typeof each === 'string' ? findAny(state, each) : null;
      return found ? toJson(state, found) : each;
    });
  }
  for (const each of [json[name]].flat()) if (isObject(each)) expand(state, each, rest, path);
}

const optional = new Set([
  'payment_intent',
  'charge',
  'discount',
  'credit_balance_transaction',
  'tiers',
  'price_details',
]);

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
