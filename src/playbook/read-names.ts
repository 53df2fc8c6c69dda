import type { AttributeNames, EventName, Names } from '../metrics/types.ts';
import { checkShape } from './issues.ts';
import { namesSchema, type WrittenNames } from './names-schema.ts';
import type { Finding } from './types.ts';
import type { YamlSource } from './yaml-source.ts';

/** names.yml: what the deployment calls what the pack's equations read; `null` when it has faults. */
export function readNames(source: YamlSource): { names: Names | null; findings: Finding[] } {
  const { value, findings } = checkShape(namesSchema, source);
  if (!value) return { names: null, findings };
  const names: Names = {
    events: new Map(
      Object.entries(value.events).map(([name, list]) => [name, list.map((one) => eventName(name, one))]),
    ),
    properties: attributeNames(value.properties),
    userTraits: attributeNames(value.user_traits),
    accountTraits: attributeNames(value.account_traits),
  };
  return { names, findings };
}

/** Of several files the first that has a name says what it stands for. */
export function mergeNames(list: readonly Names[]): Names {
  const farthestFirst = list.toReversed();
  const merge = <Key extends keyof Names>(key: Key) =>
    new Map(farthestFirst.flatMap((names) => [...names[key]] as [string, never][])) as Names[Key];
  return {
    events: merge('events'),
    properties: merge('properties'),
    userTraits: merge('userTraits'),
    accountTraits: merge('accountTraits'),
  };
}

type WrittenEvent = WrittenNames['events'][string][number];

function eventName(name: string, { event, where, properties }: WrittenEvent): EventName {
  return {
    name: event ?? name,
    where: Object.entries(where).map(([key, anyOf]) => ({ key, anyOf })),
    properties: attributeNames(properties),
  };
}

function attributeNames(written: WrittenNames['properties']): Map<string, AttributeNames> {
  return new Map(
    Object.entries(written).map(([key, { name, values }]) => [
      key,
      { key: name ?? key, values: new Map(Object.entries(values)) },
    ]),
  );
}
