import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStorable } from '../../../src/ingest/storable.ts';

describe('isStorable', () => {
  it('is false for JSON with a NUL character or half of a character, wherever it is', () => {
    const text = fc.string({
      unit: fc.constantFrom('\\', 'u', '0', 'd', '8', 'a', '\0', '\ud800', '\udc00', 'é', '🚀'),
    });
    fc.assert(
      fc.property(text, text, (key, value) => {
        const fits = (one: string) => one.isWellFormed() && !one.includes('\0');
        expect(isStorable(JSON.stringify({ [key]: [value] }))).toBe(fits(key) && fits(value));
      }),
    );
  });
});
