import { z } from 'zod';
import { mapping } from '../playbook/schema.ts';

const expression = z.string().trim().min(1, 'must not be empty').max(1000, 'must be at most 1000 characters');
const propertyName = z.string().min(1).max(255);

/** What a property is made of: an expression on the first row, or something over all rows of the event. */
const aggregates = ['sum', 'average', 'minimum', 'maximum', 'first', 'last'] as const;
/** How a property is made of the rows of its event. */
export type Aggregate = (typeof aggregates)[number] | 'count';

const property = z.union(
  [
    expression,
    z.strictObject({ count: z.literal(true) }),
    ...aggregates.map((name) => z.strictObject({ [name]: expression })),
  ],
  {
    error: `must be an expression, {count: true}, or one of ${aggregates.join(', ')} with an expression, such as {sum: quantity * price}`,
  },
);

/** A mapping file: how rows become events. */
export const mappingSchema = mapping({
  columns: z.record(z.string(), z.enum(['text', 'number', 'boolean'], 'must be text, number or boolean')).default({}),
  events: z
    .array(
      mapping({
        event: z.string().trim().min(1, 'must not be empty').max(255, 'must be at most 255 characters'),
        when: expression.optional(),
        group_by: expression.optional(),
        id: expression.optional(),
        account: expression,
        user: expression.optional(),
        timestamp: expression,
        properties: z.record(propertyName, property).default({}),
      }),
    )
    .min(1, 'must have at least one entry')
    .max(50, 'must have at most 50 entries'),
});

/** A mapping file as it is written. */
export type MappingFile = z.infer<typeof mappingSchema>;
/** What a column holds. */
export type ColumnType = MappingFile['columns'][string];
