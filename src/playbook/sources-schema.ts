import { z } from 'zod';
import type { SalesforceRenewal } from '../crm/settings.ts';
import { conditionFault, fieldPattern } from '../crm/soql.ts';
import type { ClaimSource, MatchBy } from '../crm/types.ts';
import { mapping } from './schema.ts';

const field = z
  .string('must be the name of a field, such as Renewal_Date__c or Owner.Email')
  .trim()
  .regex(fieldPattern, 'must be the name of a field, such as Renewal_Date__c or Owner.Email');
const object = z
  .string()
  .trim()
  .regex(/^[A-Za-z]\w{0,79}$/, 'must be the name of an object, such as Opportunity');
const condition = z
  .string()
  .trim()
  .max(2000, 'must be at most 2000 characters')
  .check(({ value, issues }) => {
    const fault = conditionFault(value);
    if (fault !== null) issues.push({ code: 'custom', message: fault, input: value });
  });

const sources = ['salesforce', 'vitally', 'stripe', 'files', 'people'] as const satisfies readonly ClaimSource[];
const owner = z.enum(sources, { error: `must be one of ${sources.join(', ')}` }).optional();
const traitName = z.string().regex(/^[^\p{Cc}]{1,255}$/u);
const flag = z.boolean('must be true or false').default(false);

function matching(names: Record<string, MatchBy>, usual: readonly MatchBy[]) {
  const written = Object.keys(names);
  return z
    .array(z.enum(written, { error: `must be one of ${written.join(', ')}` }))
    .min(1, 'must name at least one')
    .transform((list) => [...new Set(list.map((name) => names[name]!))])
    .default([...usual]);
}

/** A mapping with `field`, or with `object` and where it has what. */
const renewal = z.unknown().transform((value, context): SalesforceRenewal => {
  const isField = typeof value === 'object' && value !== null && 'field' in value;
  const schema = isField
    ? mapping({ field }).transform((given): SalesforceRenewal => ({ kind: 'field', field: given.field }))
    : mapping({
        object,
        date: field,
        account: field.default('AccountId'),
        amount: field.optional(),
        where: condition.optional(),
      }).transform(({ amount, where, ...given }): SalesforceRenewal => {
        return { kind: 'object', ...given, amount: amount ?? null, where: where ?? null };
      });
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) context.addIssue({ ...issue, input: value } as z.core.$ZodRawIssue);
  return z.NEVER;
});

const salesforce = mapping({
  account: mapping({
    id: field.optional(),
    name: field.default('Name'),
    domain: field.optional(),
    where: condition.optional(),
    match: matching({ id: 'id', domain: 'domain', name: 'name' }, ['id']),
  }),
  owner: field.optional(),
  arr: field.optional(),
  mrr: field.optional(),
  renewal: renewal.optional(),
  traits: z.record(traitName, field).default({}),
  create_accounts: flag,
});

const attributeRule = 'must be an attribute of Vitally’s accounts, such as nextRenewalDate, or traits.NAME';
const attribute = z
  .string(attributeRule)
  .trim()
  .regex(/^(?:traits\.[^\p{Cc}]{1,255}|[a-z][A-Za-z0-9]{0,60})$/u, attributeRule);

const vitally = mapping({
  match: matching({ externalId: 'id', domain: 'domain', name: 'name' }, ['id']),
  domain: attribute.optional(),
  csm: attribute.optional(),
  people: z.array(z.email('must be an email address').toLowerCase()).max(500, 'must have at most 500').default([]),
  renewal_date: attribute.optional(),
  arr: attribute.optional(),
  mrr: attribute.optional(),
  traits: z
    .union(
      [z.array(traitName).transform((names) => fromNames(names)), z.record(traitName, attribute)],
      'must be a list of traits, or a mapping of our names to theirs, such as plan: traits.Plan',
    )
    .default({}),
  segments: flag,
  create_accounts: flag,
});

function fromNames(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `traits.${name}`]));
}

/** sources.yml. */
export const sourcesSchema = mapping({
  owners: mapping({ renewal_date: owner, csm_email: owner, arr: owner, mrr: owner }).default({}),
  salesforce: salesforce.optional(),
  vitally: vitally.optional(),
  stripe: mapping({
    metadata: z
      .string()
      .trim()
      .regex(/^[^\p{Cc}[\]]{1,40}$/u, 'must be the key of metadata, at most 40 characters without [ and ]'),
  }).optional(),
});

/** sources.yml as it is written. */
export type WrittenSources = z.infer<typeof sourcesSchema>;
