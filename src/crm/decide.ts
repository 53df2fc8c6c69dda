import type { ClaimSource, ClaimValue } from './types.ts';

/** What is known of a field of an account when a source says something of it. */
export type Standing = {
  /** What the account has. */
  current: ClaimValue | null;
  /** What the source said before; `asOwner`: it owned the field when it said so last. */
  before: { value: ClaimValue; saidAt: Date; asOwner: boolean } | null;
  /** Since when a person says something of it; null when none does. */
  personSince: Date | null;
  owner: ClaimSource | null;
  /** Whether silence of a source that does not own the field takes back its own word, too: of traits. */
  takesBack: boolean;
};

/** `write`: the account takes the value. `isNew`: the source did not say so before. */
export type ClaimDecision = { write: boolean; isNew: boolean };

/**
 * Whether the account takes what a source says. A word counts once, when it is new: while a source repeats it, what was put
 * there since stands, so that nothing goes back and forth. Only the owner of a field has a say, and people.
 */
export function decideClaim(
  source: ClaimSource,
  value: ClaimValue | null,
  { current, before, personSince, owner, takesBack }: Standing,
): ClaimDecision {
  // Who falls silent takes back its own word, not what others have put there.
  if (value === null)
    return {
      write: (owner === source || takesBack) && before !== null && before.value === current,
      isNew: before !== null,
    };
  // What somebody decides is decided anew each time.
  const isNew = before?.value !== value || source === 'people';
  if (source === 'people' || owner === null) return { write: isNew && current !== value, isNew };
  if (owner !== source || current === value) return { write: false, isNew };
  const isFirstAsOwner = before !== null && !before.asOwner && !(personSince !== null && personSince > before.saidAt);
  return { write: isNew || current === null || isFirstAsOwner, isNew };
}
