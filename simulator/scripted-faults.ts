/** A failure that is due `count` times, when `after` requests that it is meant for have been let through. */
export type Scripted<Fault> = Fault & { count: number; after: number };

/** A failure as it was asked for: once, and at once, unless it says otherwise. */
export function scripted<Fault extends { count?: number; after?: number }>(fault: Fault): Scripted<Fault> {
  return { ...fault, count: fault.count ?? 1, after: fault.after ?? 0 };
}

/** The failure that is due, of those that are meant; it is counted down, and leaves the list in the end. */
export function takeDue<Fault>(faults: Scripted<Fault>[], isMeant: (fault: Fault) => boolean): Scripted<Fault> | null {
  for (const fault of faults) {
    if (!isMeant(fault)) continue;
    if (fault.after > 0) {
      fault.after -= 1;
      continue;
    }
    fault.count -= 1;
    if (fault.count <= 0) faults.splice(faults.indexOf(fault), 1);
    return fault;
  }
  return null;
}

/** Whether a request, `GET /v1/customers/7`, is one of the pattern's; a star stands for anything. */
export function matchesRequest(pattern: string, request: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(request);
}
