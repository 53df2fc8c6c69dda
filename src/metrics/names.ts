import { coerce } from './coerce.ts';
import type { AttributeNames, Condition, EventMatch, EventName, Leaf, Literal, Names, NameUse } from './types.ts';

/** Every name stands for itself. */
export const noNames: Names = {
  events: new Map(),
  properties: new Map(),
  userTraits: new Map(),
  accountTraits: new Map(),
};

/** What an equation asks for, in the deployment's own names. */
export function ownLeaf(leaf: Leaf, names: Names): Leaf {
  if (leaf.kind === 'user') {
    if (leaf.measure === 'count') return leaf;
    if (leaf.measure !== 'with') return { ...leaf, trait: ownKey(leaf.trait, [names.userTraits]) };
    const { key, anyOf } = ownCondition({ key: leaf.trait, anyOf: leaf.anyOf }, [names.userTraits]);
    return { ...leaf, trait: key, anyOf };
  }
  const pairs = leaf.events.flatMap((match) => eventsOf(match, names).map((event) => ({ match, event })));
  const events = distinct(pairs.map(({ match, event }) => ownMatch(match, event, names)));
  if (leaf.property === null) return { ...leaf, events };
  const asked = [leaf.property].flat();
  const keys = pairs.flatMap(({ event }) => asked.map((key) => ownKey(key, [event.properties, names.properties])));
  const [first, ...others] = new Set(keys);
  if (first === undefined) return { ...leaf, events };
  return { ...leaf, events, property: others.length === 0 ? first : [first, ...others] };
}

/** An account's trait as the equation knows it: its value in the deployment's words is turned back into the pack's. */
export function packValue(trait: AttributeNames, value: unknown): unknown {
  for (const [word, own] of trait.values) if (own.some((literal) => isMet(value, literal))) return word;
  return value;
}

/** What the deployment sends for an event of the pack (`null` is any), and how it calls a property of each. */
export function ownEvents(
  name: string | null,
  names: Names,
): { name: string | null; where: readonly Condition[]; property(key: string): string }[] {
  return eventsOf({ name, properties: [], userTraits: [] }, names).map((event) => ({
    name: event.name,
    where: event.where,
    property: (key) => ownKey(key, [event.properties, names.properties]),
  }));
}

/** What the deployment calls an account's trait. */
export function ownTrait(name: string, names: Names): AttributeNames {
  return names.accountTraits.get(name) ?? { key: name, values: new Map() };
}

/** The documented names that a fact reads. */
export function usesOfLeaf(leaf: Leaf): Omit<NameUse, 'metric'>[] {
  if (leaf.kind === 'user') {
    if (leaf.measure === 'count') return [];
    const values = leaf.measure === 'with' ? leaf.anyOf : [];
    return [{ kind: 'user_trait', event: null, name: leaf.trait, values }];
  }
  return leaf.events.flatMap((match) => {
    const properties = match.properties.map(({ key, anyOf }) => ({ name: key, values: anyOf }));
    for (const name of [leaf.property ?? []].flat()) properties.push({ name, values: [] });
    return [
      ...(match.name === null ? [] : [{ kind: 'event' as const, event: null, name: match.name, values: [] }]),
      ...properties.map((property) => ({ kind: 'property' as const, event: match.name, ...property })),
      ...match.userTraits.map(({ key, anyOf }) => ({
        kind: 'user_trait' as const,
        event: null,
        name: key,
        values: anyOf,
      })),
    ];
  });
}

/** What the deployment sends for an event of the pack. */
function eventsOf({ name }: EventMatch, names: Names): readonly EventName[] {
  const itself: EventName = { name, where: [], properties: new Map() };
  return (name === null ? undefined : names.events.get(name)) ?? [itself];
}

type Attributes = ReadonlyMap<string, AttributeNames>;

function ownMatch({ properties, userTraits }: EventMatch, event: EventName, names: Names): EventMatch {
  return {
    name: event.name,
    properties: [
      ...event.where,
      ...properties.map((condition) => ownCondition(condition, [event.properties, names.properties])),
    ],
    userTraits: userTraits.map((condition) => ownCondition(condition, [names.userTraits])),
  };
}

/** `attributes` are asked in turn. */
function ownCondition({ key, anyOf }: Condition, attributes: readonly Attributes[]): Condition {
  const found = find(key, attributes);
  const values = anyOf.flatMap((value) => found?.values.get(String(value)) ?? [value]);
  return { key: found?.key ?? key, anyOf: [...new Set(values)] };
}

function ownKey(key: string, attributes: readonly Attributes[]): string {
  return find(key, attributes)?.key ?? key;
}

function find(key: string, attributes: readonly Attributes[]): AttributeNames | undefined {
  return attributes.map((map) => map.get(key)).find((found) => found !== undefined);
}

function distinct(events: readonly EventMatch[]): EventMatch[] {
  return [...new Map(events.map((event) => [JSON.stringify(event), event])).values()];
}

/** By the rules of conditions on properties: texts as written, numbers, true and false also as texts. */
function isMet(value: unknown, literal: Literal): boolean {
  const type = typeof literal === 'string' ? 'text' : typeof literal === 'number' ? 'number' : 'boolean';
  return coerce(value, type, 'UTC') === literal;
}
