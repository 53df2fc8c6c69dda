import { z } from 'zod';
import { mapping } from './schema.ts';

const MOST_OF_NAME = 255;

/** As equations may have it and the database can hold it. */
const name = z
  .string()
  .min(1, 'must not be empty')
  .max(MOST_OF_NAME, `must be at most ${MOST_OF_NAME} characters`)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'has a character that cannot be stored');
const literal = z.union([name, z.number(), z.boolean()], 'must be a text, a number, true or false');

/** By the pack's word. */
function named<Value extends z.ZodType>(value: Value) {
  return z.record(name, value, { error: `must be a mapping whose keys have 1 to ${MOST_OF_NAME} characters` });
}

function listOf<Item extends z.ZodType>(item: Item) {
  return z.array(item).min(1, 'must not be an empty list').max(50, 'must have at most 50 entries');
}

/** Checks a value by the schema that goes with its shape, so that a fault is named where it is and not as one of all. */
function byShape<Value>(choose: (value: unknown) => z.ZodType<Value>) {
  return z.unknown().transform((value, context): Value => {
    const result = choose(value).safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.addIssue({ ...issue, input: value } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
}

const isMapping = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

const literals = byShape<z.infer<typeof literal>[]>((value) =>
  Array.isArray(value) ? listOf(literal) : literal.transform((one) => [one]),
);

/** A property or trait: what it is called, and what its values are called. */
const attribute = byShape<{ name?: string | undefined; values: Record<string, z.infer<typeof literals>> }>((value) =>
  isMapping(value)
    ? mapping({ name: name.optional(), values: named(literals).default({}) })
    : name.transform((text) => ({ name: text, values: {} })),
);
const attributes = named(attribute).default({});

type WrittenEvent = {
  event?: string | undefined;
  where: Record<string, z.infer<typeof literals>>;
  properties: z.infer<typeof attributes>;
};

const eventName = name.refine((text) => text !== '*', 'must be the name of an event: any event cannot stand for one');
const event = byShape<WrittenEvent>((value) =>
  isMapping(value)
    ? mapping({ event: eventName.optional(), where: named(literals).default({}), properties: attributes })
    : eventName.transform((text) => ({ event: text, where: {}, properties: {} })),
);
const events = byShape<WrittenEvent[]>((value) =>
  Array.isArray(value) ? listOf(event) : event.transform((one) => [one]),
);

/** names.yml. */
export const namesSchema = mapping({
  events: named(events).default({}),
  properties: attributes,
  user_traits: attributes,
  account_traits: attributes,
});

/** names.yml as it is written. */
export type WrittenNames = z.infer<typeof namesSchema>;
