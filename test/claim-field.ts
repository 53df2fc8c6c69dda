import { decideClaim } from '../src/crm/decide.ts';
import type { ClaimSource, ClaimValue } from '../src/crm/types.ts';

/** One field of an account by the rule of claims, without a database: what its value is after what sources say. */
export function createField(owner: ClaimSource | null) {
  const claims = new Map<ClaimSource, { value: ClaimValue; saidAt: Date; asOwner: boolean }>();
  let current: ClaimValue | null = null;
  let clock = 0;
  return {
    value: () => current,
    say(source: ClaimSource, value: ClaimValue | null) {
      const before = claims.get(source) ?? null;
      const personSince = claims.get('people')?.saidAt ?? null;
      const { write, isNew } = decideClaim(source, value, { current, before, personSince, owner, takesBack: false });
      if (write) current = value;
      if (value === null) claims.delete(source);
      else {
        const saidAt = isNew || !before ? new Date(++clock) : before.saidAt;
        claims.set(source, { value, saidAt, asOwner: owner === source });
        const counts = owner === source || owner === null;
        if (source !== 'people' && owner !== 'people' && isNew && counts) claims.delete('people');
      }
      return write;
    },
  };
}
