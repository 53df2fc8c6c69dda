import type { MonthCells } from './types.ts';

/** A text of more digits is not the same as a number. */
const longSum = /"[-.\d]{16}/;

/**
 * The cells of JSON arrays, separated by commas, in a row. Sums become numbers where none is too long for it, and nulls
 * become 0: an array of nothing but numbers is read in half the time.
 */
export function readCells(json: string): MonthCells {
  const flat = json.replaceAll('[', '').replaceAll(']', '');
  return JSON.parse(`[${longSum.test(flat) ? flat : flat.replaceAll('"', '').replaceAll('null', '0')}]`);
}
