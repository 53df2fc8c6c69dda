/** `alias` is `user` too, said in this order. */
export type Tie = { alias: string; user: string };

/**
 * What ties change, given what earlier ones made of the ids (an alias's user is never an alias itself).
 * `users`: of each id that is another's from now on, whose. `merged`: of those that were nobody's before, whose what was
 * stored of them is from now on. An id that was tied to somebody else is the newer user's from now on, and what was
 * stored stays: a browser that two people used.
 */
export function resolveTies(
  known: ReadonlyMap<string, string>,
  ties: readonly Tie[],
): { users: ReadonlyMap<string, string>; merged: ReadonlyMap<string, string>; userOf(id: string): string } {
  const users = new Map(known);
  const aliasesOf = Map.groupBy(known.keys(), (alias) => known.get(alias) as string);
  const userOf = (id: string) => users.get(id) ?? id;
  const tie = (alias: string, user: string) => {
    users.set(alias, user);
    const others = aliasesOf.get(user);
    if (others) others.push(alias);
    else aliasesOf.set(user, [alias]);
  };
  const changed = new Set<string>();
  const merged = new Map<string, string>();
  for (const { alias, user } of ties) {
    const to = userOf(user);
    if (alias === to || userOf(alias) === to) continue;
    if (!users.has(alias)) merged.set(alias, to);
    // At once, as if it had been stored: what becomes of `alias` later is no matter of theirs.
    for (const other of aliasesOf.get(alias) ?? []) {
      if (users.get(other) === alias) tie(other, to);
      if (merged.get(other) === alias) merged.set(other, to);
    }
    tie(alias, to);
    changed.add(alias);
  }
  return { users: new Map([...changed].map((alias) => [alias, userOf(alias)])), merged, userOf };
}
