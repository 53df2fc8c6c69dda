import { z } from 'zod';
import type { Call, Fields } from '../ingest/types.ts';
import { check, createIdMaker, type ParsedBody, readEach } from './calls.ts';
import { RequestFault } from './faults.ts';
import { readFields, readId } from './fields.ts';
import { accountType, readPosthogEvent } from './posthog.ts';
import { fieldsShape, idShape, isObject, timeShape } from './shapes.ts';
import { type Receipt, timeOfCall } from './times.ts';

const personShape = z.object({ properties: fieldsShape }, 'must be an object').nullish();
const groupShape = z.object({ id: idShape, key: idShape, properties: fieldsShape }, 'must be an object').nullish();
const deliveryShape = z.object({
  event: z.custom<Record<string, unknown>>(isObject, 'must be an object'),
  person: personShape,
  groups: fieldsShape,
});

/**
 * What a webhook of a PostHog destination delivers: `{event, person, groups}`, or the older `{hook, data}` with all in one.
 * @throws {RequestFault} when it is neither
 */
export function parsePosthogWebhook(body: unknown, receipt: Receipt): ParsedBody {
  const delivery = deliveryOf(body);
  return readEach(
    [delivery],
    (item, calls) => calls.push(...readDelivery(item, receipt)),
    // What PostHog knows of the person and the groups does not make the event larger.
    () => [delivery.event, delivery.person, delivery.groups],
  );
}

function deliveryOf(body: unknown): Record<string, unknown> {
  if (!isObject(body)) throw new RequestFault('The body must be a JSON object.');
  if (isObject(body.event)) return body;
  const flat = isObject(body.data) ? body.data : body;
  if (typeof flat.event !== 'string')
    throw new RequestFault('The body must have "event", as the template in docs/ingestion.md makes it.');
  return {
    event: {
      event: flat.event,
      uuid: flat.uuid ?? flat.eventUuid,
      distinct_id: flat.distinct_id ?? flat.distinctId,
      properties: flat.properties,
      timestamp: flat.timestamp,
    },
    person: flat.person,
    groups: flat.groups,
  };
}

function readDelivery(item: unknown, receipt: Receipt): Call[] {
  const { event, person, groups } = check(deliveryShape, item);
  const at = timeOfCall({ timestamp: check(timeShape, event.timestamp, 'timestamp') }, receipt);
  const type = accountType(Object.keys(groups ?? {}).filter((key) => groups?.[key]));
  const group = type === null ? null : check(groupShape, groups?.[type], 'groups');
  const account = readId(group?.id ?? group?.key, 'groups.id');
  const calls: Call[] = [];
  if (group && account !== null)
    calls.push({
      kind: 'account',
      at,
      account,
      actor: null,
      traits: readFields(group.properties, 'groups.properties'),
    });
  const told = readPosthogEvent(withPerson(event, person?.properties), {
    receipt,
    // PostHog has corrected the time already.
    sentAt: undefined,
    idOf: createIdMaker(),
    account,
  });
  return [...calls, ...told];
}

/** What is known of the person is set by every delivery. */
function withPerson(event: Record<string, unknown>, traits: Fields | null | undefined): Record<string, unknown> {
  const properties = isObject(event.properties) ? event.properties : {};
  if (!traits || event.event === '$groupidentify') return event;
  const set = isObject(properties.$set) ? properties.$set : {};
  return { ...event, properties: { ...properties, $set: { ...traits, ...set } } };
}
