import { z } from 'zod';
import type { Fields } from '../ingest/types.ts';

/** Ids are text; numbers are taken as such. */
export const idShape = z.union([z.string(), z.number()], 'must be text or a number').nullish();
export const textShape = z.string('must be text').nullish();
export const timeShape = z.string('must be a date and time in ISO 8601').nullish();
/** Checked by readFields; a schema would copy it. */
export const fieldsShape = z.custom<Fields>(isObject, 'must be an object').nullish();

/** Whether a value from JSON is an object, and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
/** What is looked at later. */
export const anyShape = z.unknown().optional();
