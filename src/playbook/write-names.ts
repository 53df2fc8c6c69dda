import { Document, isMap, isPair, isScalar, visit } from 'yaml';
import type { AttributeNames, EventName, Literal, Names, NameUse } from '../metrics/types.ts';
import type { Playbook } from './types.ts';

/** A name that a pack's equations read: which metrics read it, and with which values it is compared. */
type ReadName = { name: string; values: Literal[]; metrics: string[] };

/** All the names that a pack reads, in its own words; `events` of a property are those it is read of, none for any. */
export type ReadNames = {
  events: ReadName[];
  properties: (ReadName & { events: string[] })[];
  user_traits: ReadName[];
  account_traits: ReadName[];
};

/** What a pack's equations read, by name. */
export function namesRead(uses: readonly NameUse[]): ReadNames {
  const of = (kind: NameUse['kind']) =>
    [...Map.groupBy(uses, (use) => (use.kind === kind ? use.name : null))]
      .flatMap(([name, all]) => (name === null ? [] : [{ name, all }]))
      .sort((a, b) => a.name.localeCompare(b.name));
  const read = ({ name, all }: { name: string; all: readonly NameUse[] }): ReadName => ({
    name,
    values: unique(all.flatMap(({ values }) => values)),
    metrics: unique(all.map(({ metric }) => metric)),
  });
  return {
    events: of('event').map(read),
    properties: of('property').map((group) => ({
      ...read(group),
      events: unique(group.all.flatMap(({ event }) => event ?? [])),
    })),
    user_traits: of('user_trait').map(read),
    account_traits: of('account_trait').map(read),
  };
}

/** names.yml of a pack with every name that it reads, each as it is mapped now; comments say which metrics read it. */
export function namesFile({ id, names, uses }: Pick<Playbook, 'id' | 'names' | 'uses'>): string {
  const read = namesRead(uses);
  const written = {
    events: entries(read.events, ({ name }) => writtenEvents(name, names)),
    properties: entries(read.properties, (one) => writtenAttribute(one, names.properties)),
    user_traits: entries(read.user_traits, (one) => writtenAttribute(one, names.userTraits)),
    account_traits: entries(read.account_traits, (one) => writtenAttribute(one, names.accountTraits)),
  };
  const document = new Document(written, { aliasDuplicateObjects: false });
  document.commentBefore = ` What the equations of ${id} read: on the left the pack's name, on the right yours.`;
  const comments: Record<string, Map<string, string>> = {
    events: new Map(read.events.map(({ name, metrics }) => [name, metrics.join(', ')])),
    properties: new Map(read.properties.map(({ name, events }) => [name, `of ${events.join(', ') || 'any event'}`])),
    user_traits: new Map(read.user_traits.map(({ name, metrics }) => [name, metrics.join(', ')])),
    account_traits: new Map(read.account_traits.map(({ name, metrics }) => [name, metrics.join(', ')])),
  };
  visit(document, {
    Pair(_, { key, value }, path) {
      const section = path.find(isPair);
      if (!isScalar(key) || !section || path.filter(isPair).length > 1 || !isScalar(section.key)) return undefined;
      key.commentBefore = ` ${comments[String(section.key.value)]?.get(String(key.value)) ?? ''}`;
      if (isMap(value)) value.flow = true;
      return visit.SKIP;
    },
  });
  return document.toString({ lineWidth: 120, flowCollectionPadding: true });
}

function entries<Item extends { name: string }, Value>(items: readonly Item[], value: (item: Item) => Value) {
  return Object.fromEntries(items.map((item) => [item.name, value(item)]));
}

function writtenEvents(name: string, { events }: Names) {
  const list = (events.get(name) ?? []).map((event) => writtenEvent(event));
  return list.length > 1 ? list : (list[0] ?? name);
}

function writtenEvent({ name, where, properties }: EventName) {
  if (where.length === 0 && properties.size === 0) return name;
  const named = [...properties].map(([key, attribute]) => [key, plain(attribute)]);
  return {
    event: name,
    ...(where.length > 0 && { where: Object.fromEntries(where.map(({ key, anyOf }) => [key, few(anyOf)])) }),
    ...(named.length > 0 && { properties: Object.fromEntries(named) }),
  };
}

function writtenAttribute({ name, values }: ReadName, attributes: ReadonlyMap<string, AttributeNames>) {
  const itself = { key: name, values: new Map(values.map((value) => [String(value), [value]])) };
  return plain(attributes.get(name) ?? itself);
}

function plain({ key, values }: AttributeNames) {
  if (values.size === 0) return key;
  return { name: key, values: Object.fromEntries([...values].map(([word, own]) => [word, few(own)])) };
}

function few(values: readonly Literal[]) {
  return values.length === 1 ? values[0] : values;
}

function unique<Item>(items: readonly Item[]): Item[] {
  return [...new Set(items)];
}
