import { z } from 'zod';
import type { Actor, Call, Fields, UserCall } from '../ingest/types.ts';
import { check, createIdMaker, type ParsedBody, readEach } from './calls.ts';
import { CallFault, RequestFault } from './faults.ts';
import { readFields, readId, readName, requireId } from './fields.ts';
import { anyShape, fieldsShape, idShape, isObject, textShape, timeShape } from './shapes.ts';
import { type Receipt, timeOfCall, timeOfEvent } from './times.ts';

/** Types of groups that are accounts, first the one that is taken before the others. */
const accountTypes = ['account', 'company', 'organization', 'workspace', 'team', 'customer'];

/** What says who somebody is; these are no events of ours. */
const tellers: ReadonlySet<string> = new Set(['$identify', '$create_alias', '$groupidentify', '$set']);

const propertiesShape = z.object(
  {
    distinct_id: idShape,
    alias: idShape,
    $anon_distinct_id: idShape,
    $group_type: textShape,
    $group_key: idShape,
    $group_set: fieldsShape,
    $groups: fieldsShape,
    $set: fieldsShape,
    $set_once: fieldsShape,
    $unset: anyShape,
    $insert_id: anyShape,
    $is_identified: anyShape,
    $process_person_profile: anyShape,
    $ignore_sent_at: anyShape,
  },
  'must be an object',
);

const eventShape = z.object(
  {
    event: textShape,
    distinct_id: idShape,
    uuid: idShape,
    timestamp: timeShape,
    properties: propertiesShape.nullish(),
  },
  'must be an object',
);

/** Those of an event's properties that mean something to us. */
type Properties = Partial<z.output<typeof propertiesShape>>;
/** What an event is read with. `account` is one that is known from elsewhere than its properties. */
export type EventContext = {
  receipt: Receipt;
  sentAt: unknown;
  idOf: (call: object, timed: boolean) => string;
  account: string | null;
};

/**
 * A body of PostHog's capture API: a batch, or one event.
 * @throws {RequestFault} when nothing of it can be read
 */
export function parsePosthog(body: unknown, receipt: Receipt): ParsedBody {
  if (!isObject(body) && !Array.isArray(body)) throw new RequestFault('The body must be a JSON object.');
  const items = itemsOf(body);
  const sentAt = isObject(body) ? body.sent_at : undefined;
  const context = {
    receipt,
    sentAt,
    idOf: createIdMaker(),
    account: null,
  };
  return readEach(items, (item, calls) => calls.push(...readPosthogEvent(item, context)));
}

function itemsOf(body: Record<string, unknown> | unknown[]): unknown[] {
  if (Array.isArray(body)) return body;
  // The key is not to be shown with what is refused.
  if (body.batch === undefined && body.event !== undefined) return [{ ...body, api_key: undefined, token: undefined }];
  if (!Array.isArray(body.batch)) throw new RequestFault('The body must have "batch", a list of events.');
  return body.batch;
}

/** The key that a body shows; undefined when it has none. */
export function keyInPosthogBody(body: unknown): unknown {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  if (!isObject(first)) return undefined;
  const inside = isObject(first.properties) ? first.properties : {};
  return first.api_key ?? first.token ?? inside.token ?? inside.api_key;
}

/**
 * What one event of PostHog's says.
 * @throws {CallFault} when it cannot be taken
 */
export function readPosthogEvent(item: unknown, context: EventContext): Call[] {
  const event = check(eventShape, item);
  const properties: Properties = event.properties ?? {};
  const name = readName(event.event, 'event');
  const distinctId = requireId(event.distinct_id ?? properties.distinct_id, 'distinct_id');
  const times = {
    timestamp: event.timestamp,
    sentAt: properties.$ignore_sent_at === true ? undefined : context.sentAt,
  };
  const at = timeOfCall(times, context.receipt);
  if (name === '$groupidentify') return [readGroup(properties, distinctId, at)];
  if (name === '$create_alias') return [readAlias(requireId(properties.alias, 'properties.alias'), distinctId, at)];

  const actor = actorOf(distinctId, name, properties);
  const account = accountOfGroups(properties.$groups) ?? context.account;
  const calls: Call[] = userOf(name, properties, { at, actor, account });
  const anonymousId = readId(properties.$anon_distinct_id, 'properties.$anon_distinct_id');
  if (name === '$identify' && anonymousId !== null && anonymousId !== distinctId)
    calls.push(readAlias(anonymousId, distinctId, at));
  if (tellers.has(name)) return calls;
  const { $set, $set_once, $unset, $groups, token, api_key, distinct_id, ...rest } = propertiesOf(item);
  calls.push({
    kind: 'event',
    messageId:
      readId(event.uuid, 'uuid') ??
      (typeof properties.$insert_id === 'string' ? readId(properties.$insert_id, 'properties.$insert_id') : null) ??
      context.idOf({ ...(item as object), sent_at: undefined }, Boolean(event.timestamp)),
    name,
    occurredAt: timeOfEvent(times, context.receipt),
    properties: readFields(rest, 'properties'),
    actor,
    account,
  });
  return calls;
}

/** All properties of an event whose shape was checked. */
function propertiesOf(item: unknown): Fields {
  return isObject(item) && isObject(item.properties) ? item.properties : {};
}

/** The account among groups by type, `{company: "acme"}`; null when there is none or it cannot be told which. */
function accountOfGroups(groups: Fields | null | undefined): string | null {
  const type = accountType(Object.keys(groups ?? {}));
  if (!groups || type === null) return null;
  return readId(check(idShape, groups[type], 'properties.$groups'), 'properties.$groups');
}

/** Which of the types of groups is the account: the one that is called so, else the only one there is. */
export function accountType(types: readonly string[]): string | null {
  const known = accountTypes.find((type) => types.includes(type));
  return known ?? (types.length === 1 ? (types[0] ?? null) : null);
}

function readGroup(properties: Properties, distinctId: string, at: Date): Call {
  const account = requireId(properties.$group_key, 'properties.$group_key');
  const type = properties.$group_type;
  if (!type) throw new CallFault('properties.$group_type is missing');
  // What clients invent where no user is meant.
  const nobody = distinctId === `$${type}_${account}`;
  const actor = nobody ? null : actorOf(distinctId, '$groupidentify', properties);
  const traits = readFields(properties.$group_set, 'properties.$group_set');
  return { kind: 'account', at, account, actor, traits };
}

function readAlias(previousId: string, userId: string, at: Date): Call {
  if (previousId === userId) throw new CallFault('properties.alias and distinct_id are the same');
  return { kind: 'alias', at, previousId, userId };
}

/** Clients say which events are of nobody in particular, as yet; what identifies somebody is never. */
function actorOf(distinctId: string, name: string, properties: Properties): Actor {
  const anonymous = properties.$is_identified === false || properties.$process_person_profile === false;
  if (anonymous && name !== '$identify') return { userId: null, anonymousId: distinctId };
  return { userId: distinctId, anonymousId: null };
}

/** The user whom an event tells traits of. */
function userOf(
  name: string,
  properties: Properties,
  told: { at: Date; actor: Actor; account: string | null },
): UserCall[] {
  // Clients add what they see of a visitor to every event; of anonymous ones that would be much, for nothing.
  if (told.actor.userId === null && !tellers.has(name)) return [];
  // Clients add the first values to every event; only these calls are meant to set them.
  const once = tellers.has(name) ? readFields(properties.$set_once, 'properties.$set_once') : {};
  const unset = Array.isArray(properties.$unset) ? properties.$unset.filter((key) => typeof key === 'string') : [];
  const traits = readFields(
    { ...Object.fromEntries(unset.map((key) => [key, null])), ...once, ...properties.$set },
    'properties.$set',
  );
  return name === '$identify' || Object.keys(traits).length > 0 ? [{ kind: 'user', ...told, traits }] : [];
}
