import type { Refusal } from './types.ts';

const REASON_LENGTH = 200;
const SAMPLE_LENGTH = 1000;

/** A reason without what is the call's own, names and numbers, so that the same reasons are counted together. */
export function kindOfReason(reason: string): string {
  const text = storable(reason)
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '…')
    .replace(/[^\s"'`(),;]*\d[^\s"'`(),;]*/g, 'n')
    .slice(0, REASON_LENGTH)
    .trim();
  return storable(text) || 'no reason given';
}

/** What is kept of a refused call to look at. */
export function sampleOf({ reason, sample }: Refusal): { reason: string; sample: string } {
  return {
    reason: storable(reason.slice(0, SAMPLE_LENGTH)) || 'no reason given',
    sample: storable(sample.slice(0, SAMPLE_LENGTH)),
  };
}

function storable(text: string): string {
  return text.replaceAll('\0', '�').toWellFormed();
}
