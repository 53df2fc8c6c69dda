import { z } from 'zod';
import type { Actor, Call, Fields } from '../ingest/types.ts';
import { check, createIdMaker, type ParsedBody, readEach } from './calls.ts';
import { CallFault, RequestFault } from './faults.ts';
import { readFields, readId, readName, requireId } from './fields.ts';
import { anyShape, fieldsShape, idShape, isObject, textShape, timeShape } from './shapes.ts';
import { type Receipt, timeOfCall, timeOfEvent } from './times.ts';

const common = {
  messageId: idShape,
  userId: idShape,
  anonymousId: idShape,
  groupId: idShape,
  context: z.object({ groupId: idShape, traits: anyShape }, 'must be an object').nullish(),
  timestamp: timeShape,
  originalTimestamp: anyShape,
  sentAt: anyShape,
};

/** Each call with what is read of it. */
const shapes = {
  track: z.object({ ...common, event: textShape, properties: fieldsShape }, 'must be an object'),
  identify: z.object({ ...common, traits: fieldsShape }, 'must be an object'),
  group: z.object({ ...common, traits: fieldsShape }, 'must be an object'),
  page: z.object({ ...common, name: textShape, category: textShape, properties: fieldsShape }, 'must be an object'),
  screen: z.object({ ...common, name: textShape, category: textShape, properties: fieldsShape }, 'must be an object'),
  alias: z.object({ ...common, previousId: idShape }, 'must be an object'),
};

/** The calls of Segment's HTTP API, besides `batch` which has any of them. */
export type SegmentCall = keyof typeof shapes;
type Common = z.output<z.ZodObject<typeof common>>;
type Context = { receipt: Receipt; idOf: (call: object, timed: boolean) => string; batch: z.output<typeof batchShape> };
type Reader = (item: unknown, context: Context) => Call;

const batchShape = z.object({ sentAt: anyShape, context: anyShape });

const readers: Record<SegmentCall, Reader> = {
  track(item, context) {
    const call = check(shapes.track, item);
    return toEvent(item, call, readName(call.event, 'event'), readFields(call.properties, 'properties'), context);
  },
  page: (item, context) => viewed('Page', check(shapes.page, item), item, context),
  screen: (item, context) => viewed('Screen', check(shapes.screen, item), item, context),
  identify(item, context) {
    const call = check(shapes.identify, item);
    const actor = actorOf(call);
    const earlier = isObject(call.context?.traits) ? readFields(call.context.traits, 'context.traits') : {};
    const traits = { ...earlier, ...readFields(call.traits, 'traits') };
    return {
      kind: 'user',
      at: timeOfCall(timesOf(call, context), context.receipt),
      actor,
      account: accountOf(call, context),
      traits,
    };
  },
  group(item, context) {
    const call = check(shapes.group, item);
    const account = requireId(call.groupId ?? call.context?.groupId, 'groupId');
    const traits = readFields(call.traits, 'traits');
    return {
      kind: 'account',
      at: timeOfCall(timesOf(call, context), context.receipt),
      account,
      actor: actorOf(call),
      traits,
    };
  },
  alias(item, context) {
    const call = check(shapes.alias, item);
    const previousId = requireId(call.previousId, 'previousId');
    const userId = requireId(call.userId, 'userId');
    if (previousId === userId) throw new CallFault('previousId and userId are the same');
    return { kind: 'alias', at: timeOfCall(timesOf(call, context), context.receipt), previousId, userId };
  },
};

/**
 * A body of Segment's HTTP API, sent to the path of `kind`.
 * @throws {RequestFault} when nothing of it can be read
 */
export function parseSegment(body: unknown, kind: SegmentCall | 'batch', receipt: Receipt): ParsedBody {
  if (!isObject(body)) throw new RequestFault('The body must be a JSON object.');
  const idOf = createIdMaker();
  if (kind !== 'batch') {
    const context = { receipt, idOf, batch: { sentAt: undefined, context: undefined } };
    // The key is not to be shown with what is refused.
    return readEach([{ ...body, writeKey: undefined }], (item, calls) => calls.push(readers[kind](item, context)));
  }
  if (!Array.isArray(body.batch)) throw new RequestFault('The body must have "batch", a list of calls.');
  const context = { receipt, idOf, batch: batchShape.parse(body) };
  return readEach(body.batch, (item, calls) => calls.push(readerOf(item)(item, context)));
}

/** The write key that a body shows; undefined when it has none. */
export function keyInSegmentBody(body: unknown): unknown {
  return isObject(body) ? body.writeKey : undefined;
}

function readerOf(item: unknown): Reader {
  if (!isObject(item)) throw new CallFault('the call must be an object');
  const type = item.type;
  if (typeof type !== 'string' || !Object.hasOwn(readers, type))
    throw new CallFault('type must be track, identify, group, page, screen or alias');
  return readers[type as SegmentCall];
}

function viewed(what: 'Page' | 'Screen', call: z.output<typeof shapes.page>, item: unknown, context: Context): Call {
  const name = call.name?.trim() || null;
  const category = call.category?.trim() || null;
  const properties = readFields(
    { ...call.properties, ...(name && { name }), ...(category && { category }) },
    'properties',
  );
  const shown = name ?? category;
  return toEvent(
    item,
    call,
    readName(shown ? `Viewed ${shown} ${what}` : `Viewed ${what}`, 'name'),
    properties,
    context,
  );
}

function toEvent(item: unknown, call: Common, name: string, properties: Fields, context: Context): Call {
  const times = timesOf(call, context);
  const actor = actorOf(call);
  const messageId = readId(call.messageId, 'messageId');
  return {
    kind: 'event',
    messageId: messageId ?? deriveId(item as object, call, context),
    name,
    occurredAt: timeOfEvent(times, context.receipt),
    properties,
    actor,
    account: accountOf(call, context),
  };
}

/** Without the time of sending, which another attempt has another of. */
function deriveId(item: object, call: Common, { idOf }: Context): string {
  const timed = Boolean(call.timestamp ?? call.originalTimestamp);
  return idOf({ ...item, messageId: undefined, sentAt: undefined }, timed);
}

function timesOf(call: Common, { batch }: Context) {
  return { timestamp: call.timestamp, original: call.originalTimestamp, sentAt: call.sentAt ?? batch.sentAt };
}

function actorOf(call: Common): Actor {
  const userId = readId(call.userId, 'userId');
  const anonymousId = readId(call.anonymousId, 'anonymousId');
  if (userId === null && anonymousId === null) throw new CallFault('userId and anonymousId are missing; one is needed');
  return { userId, anonymousId };
}

/** What a batch says of context is meant for each of its calls. */
function accountOf(call: Common, { batch }: Context): string | null {
  const shared = isObject(batch.context) ? check(idShape, batch.context.groupId, 'context.groupId') : null;
  return (
    readId(call.context?.groupId, 'context.groupId') ??
    readId(call.groupId, 'groupId') ??
    readId(shared, 'context.groupId')
  );
}
