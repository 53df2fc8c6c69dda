import type { State } from './state.ts';
import type { Fault } from './types.ts';

/** Scripts a failure of coming calls. */
export function addFault(state: State, fault: Fault): void {
  state.faults.push({ ...fault, count: fault.count ?? 1, after: fault.after ?? 0 });
}

/** The failure due for this call, if any; each is counted down. */
export function takeFault(state: State, method: string): Fault | null {
  for (const fault of state.faults) {
    if (fault.method !== method && fault.method !== '*') continue;
    if (fault.after > 0) {
      fault.after -= 1;
      continue;
    }
    fault.count -= 1;
    if (fault.count <= 0) state.faults = state.faults.filter((each) => each !== fault);
    state.journal.add({ kind: 'fault', method, fault: fault.kind });
    return fault;
  }
  return null;
}
