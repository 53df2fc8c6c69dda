/** `alias` is `user` too, said in this order. */
export type Tie = { alias: string; user: string };

/**
 * What ties change, given what earlier ones made of the ids (an alias's user is never an alias itself).
 * `users`: of each id that is another's from now on, whose. `merged`: those that were nobody's before: what was stored
 * of them is the other's too. An id that was tied to somebody else is the newer user's from now on, and what was
 * stored stays: a browser that two people used.
 */
export function resolveTies(
  known: ReadonlyMap<string, string>,
  ties: readonly Tie[],
): { users: ReadonlyMap<string, string>; merged: ReadonlySet<string>; userOf(id: string): string } {
  const parents = new Map(known);
  const userOf = (id: string) => {
    let user = id;
    for (let parent = parents.get(user); parent !== undefined; parent = parents.get(user)) user = parent;
    return user;
  };
  const changed = new Set<string>();
  const merged = new Set<string>();
  for (const { alias, user } of ties) {
    const to = userOf(user);
    if (alias === to || userOf(alias) === to) continue;
    if (!parents.has(alias)) merged.add(alias);
    parents.set(alias, to);
    changed.add(alias);
  }
  return { users: new Map([...changed].map((alias) => [alias, userOf(alias)])), merged, userOf };
}
