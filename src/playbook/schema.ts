import { z } from 'zod';

/** More than any equation may have, as the white space around it does not count. */
const MOST_OF_EQUATION = 10_000;

/** The text of an equation; the equation itself is read later. */
export const equation = z
  .string()
  .trim()
  .min(1, 'is empty: write the equation, or remove the key')
  .max(MOST_OF_EQUATION, 'is far too long: split it with metric("id")');

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');

/** A mapping with these keys and no others; the error of an unknown key says which there are. */
export function mapping<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `The keys here are ${quoted(Object.keys(shape))}.` : undefined,
  });
}

const idRule = 'must be lower-case letters, digits, _ and -, beginning with a letter, at most 100';
const id = z.string().regex(/^[a-z][a-z0-9_-]{0,99}$/, idRule);
/** The same as the database asks of a metric's id. */
export const metricId = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,99}$/, 'must be lower-case letters, digits and _, beginning with a letter, at most 100');
export const label = z
  .string()
  .trim()
  .regex(/^\P{Cc}{1,100}$/u, 'must be one line of at most 100 characters');
const prose = z.string().trim().max(2000, 'must be at most 2000 characters').default('');
const weight = z.number().min(0, 'must not be negative').max(1_000_000, 'must be at most 1000000');
const bound = z
  .union([z.string(), z.number(), z.boolean()], {
    error: 'must be a bound in quotes, such as "> 20", "5 - 20" or "3+"',
  })
  .optional();

/** pack.yml. */
export const packSchema = mapping({
  name: label,
  description: prose,
  extends: z
    .string()
    .trim()
    .min(1, 'must name a pack: remove the key, or name one')
    .max(1000, 'must be at most 1000 characters')
    .optional(),
  models: z.array(id).min(1, 'must name at least one model').max(50, 'must name at most 50 models').optional(),
  // Only there to be extended: it may have no models.
  part: z.boolean('must be true or false').default(false),
}).refine((pack) => pack.part || pack.models !== undefined || pack.extends !== undefined, {
  path: ['models'],
  error: 'must be there, or "extends"',
  when: ({ issues }) => issues.length === 0,
});

/** pack.yml as it is written. */
export type WrittenPack = z.infer<typeof packSchema>;

const limit = z.number().gt(0, 'must be above 0').max(10, 'must be at most 10');

const when = z.union(
  [
    z.literal('default'),
    mapping({
      segment: z
        .string()
        .trim()
        .regex(/^.{1,100}$/u, 'must be one line of at most 100 characters')
        .optional(),
      created_within_days: z.int().min(1, 'must be at least 1').max(36_500, 'must be at most 36500').optional(),
    }).refine((condition) => Object.keys(condition).length > 0, {
      error: 'must have "segment" (text), "created_within_days" (a whole number) or both',
      when: ({ issues }) => issues.length === 0,
    }),
  ],
  { error: 'must be "default", or a mapping with "segment" (text), "created_within_days" (a whole number) or both' },
);

/** models/<id>.yml. */
export const modelSchema = mapping({
  id,
  name: label,
  description: prose,
  when,
  limits: mapping({ concerning: limit.default(4), healthy: limit.default(7) })
    .refine(({ concerning, healthy }) => concerning < healthy, 'must have "concerning" below "healthy"')
    .default({ concerning: 4, healthy: 7 }),
  dimensions: z
    .array(
      mapping({
        id,
        name: label,
        category: label.nullable().default(null),
        weight,
        measures: z
          .array(
            mapping({
              metric: metricId,
              weight: weight.default(1),
              bands: mapping({ poor: bound, concerning: bound, healthy: bound }),
            }),
          )
          .max(50, 'must have at most 50 measures'),
      }),
    )
    .min(1, 'must have at least one dimension')
    .max(20, 'must have at most 20 dimensions'),
});

/** A model as its file says it, its bounds not yet read. */
export type WrittenModel = z.infer<typeof modelSchema>;

/** metrics.yml. */
export const metricsSchema = mapping({
  metrics: z
    .array(
      mapping({
        id: metricId,
        name: label,
        unit: z.enum(['number', 'percent', 'days', 'ratio', 'money', 'text', 'boolean'], {
          error: 'must be number, percent, days, ratio, money, text or boolean',
        }),
        description: prose,
        equation: equation.optional(),
      }),
    )
    .max(1000, 'must have at most 1000 metrics'),
});
