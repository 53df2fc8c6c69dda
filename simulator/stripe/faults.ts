import type { State } from './state.ts';
import type { Fault } from './types.ts';

/** Scripts a failure of coming requests. */
export function addFault(state: State, fault: Fault): void {
  state.faults.push({ ...fault, count: fault.count ?? 1, after: fault.after ?? 0 });
}

/** The failure due for this request, if any; each is counted down. */
export function takeFault(state: State, request: string): Fault | null {
  for (const fault of state.faults) {
    if (!matches(fault.request, request)) continue;
    if (fault.after > 0) {
      fault.after -= 1;
      continue;
    }
    fault.count -= 1;
    if (fault.count <= 0) state.faults = state.faults.filter((each) => each !== fault);
    state.journal.add({ kind: 'fault', request, fault: fault.kind });
    return fault;
  }
  return null;
}

/** A star stands for anything. */
function matches(pattern: string, request: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(request);
}
