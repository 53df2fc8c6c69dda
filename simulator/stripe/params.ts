import { z } from 'zod';
import { invalid } from './refusal.ts';

type Nested = { [name: string]: string | Nested };

/** Reads `a[b][0]=c` as Stripe does: nested, and with arrays where the keys are numbers or empty. */
export function readForm(text: string): Record<string, unknown> {
  const root: Nested = {};
  let unnamed = 0;
  for (const [key, value] of new URLSearchParams(text)) {
    const names = [...key.matchAll(/^[^[]+|\[([^\]]*)\]/g)].map((match) => match[1] ?? match[0]);
    let at = root;
    for (const name of names.slice(0, -1)) {
      const next = at[name];
      at = at[name] = typeof next === 'object' ? next : {};
    }
    const last = names.at(-1) ?? key;
    at[last === '' || last === '[]' ? String(unnamed++) : last] = value;
  }
  return toArrays(root) as Record<string, unknown>;
}

function toArrays(value: string | Nested): unknown {
  if (typeof value === 'string') return value;
  const entries = Object.entries(value);
  if (entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name)))
    return entries.map(([, each]) => toArrays(each));
  return Object.fromEntries(entries.map(([name, each]) => [name, toArrays(each)]));
}

const wholeNumber = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number);

/** A time, or a range of times, in seconds. */
export const timeRange = z.union([
  wholeNumber,
  z.strictObject({
    gt: wholeNumber.optional(),
    gte: wholeNumber.optional(),
    lt: wholeNumber.optional(),
    lte: wholeNumber.optional(),
  }),
]);
export type TimeRange = z.output<typeof timeRange>;

/** Whether a time is in a range. */
export function isIn(range: TimeRange | undefined, time: number): boolean {
  if (range === undefined) return true;
  if (typeof range === 'number') return time === range;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = range;
  return time > gt && time >= gte && time < lt && time <= lte;
}

export const expandable = { expand: z.array(z.string()).default([]) };
export const pageable = {
  ...expandable,
  limit: wholeNumber.pipe(z.number().min(1).max(100)).default(10),
  starting_after: z.string().optional(),
  ending_before: z.string().optional(),
};
export type Paging = z.output<z.ZodObject<typeof pageable>>;

/** Reads parameters; 400 for those that Stripe would not know, and for values that cannot be. */
export function readParams<T extends z.ZodType>(schema: T, params: Record<string, unknown>): z.output<T> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const nameOf = (path: readonly PropertyKey[]) =>
    path.map((part, index) => (index === 0 ? String(part) : `[${String(part)}]`)).join('');
  if (issue.code === 'unrecognized_keys') {
    const name = nameOf([...issue.path, issue.keys[0]!]);
    throw invalid(`Received unknown parameter: ${name}`, 'parameter_unknown', name);
  }
  const name = nameOf(issue.path);
  if (issue.code === 'invalid_type' && issue.path.reduce<unknown>(stepInto, params) === undefined)
    throw invalid(`Missing required param: ${name}.`, 'parameter_missing', name);
  throw invalid(`Invalid ${name}: ${issue.message}`, undefined, name);
}

const stepInto = (value: unknown, part: PropertyKey) => (value as Record<PropertyKey, unknown> | undefined)?.[part];
