import { z } from 'zod';
import { equation, label, mapping, metricId } from './schema.ts';

const sentence = z
  .string()
  .trim()
  .regex(/^\P{Cc}{1,500}$/u, 'must be one line of at most 500 characters');
const segment = z
  .string()
  .trim()
  .regex(/^.{1,100}$/u, 'must be one line of at most 100 characters');
const segments = z.array(segment).max(50, 'must name at most 50 segments').default([]);
/** A name of an event, a property or a trait. */
const name = z.string().min(1, 'is empty: write the name').max(255, 'must be at most 255 characters');
const events = z.union([name.transform((one) => [one]), z.array(name).min(1).max(20)], {
  error: 'must be the name of an event, or a list of names; "*" is any',
});
const days = z.int('must be a whole number of days').min(1, 'must be at least 1').max(366, 'must be at most 366');

const rule = {
  when: equation.optional(),
  clears_when: equation.optional(),
  minimum_volume: equation.optional(),
  window_days: days.optional(),
};

const fact = z.union(
  [
    mapping({ metric: metricId, as: z.literal('date', 'must be date, or left out').optional() }),
    mapping({ invoice: z.enum(['usual', 'lines'], { error: 'must be usual or lines' }) }),
    mapping({ top: mapping({ title: label, event: events, by: name.default('user'), days: days.default(7) }) }),
    mapping({
      latest: mapping({
        title: label,
        event: events,
        properties: z.array(name).max(10).default([]),
        days: days.default(30),
      }),
    }),
  ],
  {
    error:
      'must have "metric" (an id), "invoice" (usual or lines), "top" (title, event, by, days) or "latest" (title, event, properties, days)',
  },
);

const facts = z.array(fact).max(8, 'must have at most 8 facts').default([]);

/** What stands for an account's own in the address of a link. */
const placeholders = ['{account.id}', '{account.name}', '{account.domain}', '{indicator}'];

const link = mapping({
  label,
  url: z
    .string()
    .trim()
    .max(500, 'must be at most 500 characters')
    .regex(/^https?:\/\/[^{}\s/@]+(?:[/?#]|$)/, 'must begin with https:// (or http://) and a host that is written out')
    .refine((url) => [...url.matchAll(/\{[^{}]*\}|[{}]/g)].every(([part]) => placeholders.includes(part)), {
      error: `may have no other braces than ${placeholders.join(', ')}`,
    }),
});

const indicator = mapping({
  id: metricId,
  name: label,
  kind: z.enum(['risk', 'opportunity'], { error: 'must be risk or opportunity' }),
  severity: z.enum(['high', 'medium', 'low'], { error: 'must be high, medium or low' }).default('medium'),
  ...rule,
  each: z
    .array(mapping({ subject: label, ...rule, facts }))
    .min(1, 'must have at least one rule')
    .max(50, 'must have at most 50 rules')
    .optional(),
  for_each: z.literal('invoice', 'must be invoice, or left out').optional(),
  without_invoices: mapping({ ...rule, says: sentence.optional(), facts }).optional(),
  says: sentence,
  action: sentence,
  task: sentence.optional(),
  links: z.array(link).max(5, 'must have at most 5 links').default([]),
  facts,
  evaluations_in_a_row: z.int().min(1, 'must be at least 1').max(100, 'must be at most 100').default(1),
  cool_down_days: z.int().min(0, 'must not be negative').max(366, 'must be at most 366').default(0),
  segments,
  except_segments: segments,
  churned_accounts: z.boolean('must be true or false').default(false),
})
  .refine(({ each, for_each }) => each === undefined || for_each === undefined, {
    path: ['for_each'],
    error: 'cannot be there beside "each": a rule is read of several things, or of each invoice',
    when: ({ issues }) => issues.length === 0,
  })
  .refine(({ when, each }) => (when === undefined) !== (each === undefined), {
    path: ['when'],
    error: 'must be there, or "each" with a list of rules, and not both',
    when: ({ issues }) => issues.length === 0,
  })
  .refine(({ for_each, without_invoices }) => without_invoices === undefined || for_each !== undefined, {
    path: ['without_invoices'],
    error: 'is for indicators with "for_each: invoice": take it off',
    when: ({ issues }) => issues.length === 0,
  });

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time in quotes, such as "19:00"');

const delivery = mapping({
  quiet_hours: z.union([z.literal('none'), mapping({ from: time, to: time })], {
    error: 'must be "none", or have "from" and "to" as times in quotes',
  }),
  quiet_weekend: z.boolean('must be true or false'),
  digest_at: time,
  hold_above_percent: z.number().min(1, 'must be at least 1').max(100, 'must be at most 100'),
  hold_from_accounts: z.int().min(1, 'must be at least 1'),
}).partial();

/** indicators.yml. */
export const indicatorsSchema = mapping({
  delivery: delivery.default({}),
  without: z.array(metricId).max(200).default([]),
  indicators: z.array(indicator).max(200, 'must have at most 200 indicators').default([]),
});

/** An indicator as it is written. */
export type WrittenIndicator = z.infer<typeof indicator>;

/** How messages are delivered, as far as a file says it. */
export type WrittenDelivery = z.infer<typeof delivery>;
