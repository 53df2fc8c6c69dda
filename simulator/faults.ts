import { scripted, takeDue } from './scripted-faults.ts';
import type { State } from './state.ts';
import type { Fault } from './types.ts';

/** Scripts a failure of coming calls. */
export function addFault(state: State, fault: Fault): void {
  state.faults.push(scripted(fault));
}

/** The failure due for this call, if any; each is counted down. */
export function takeFault(state: State, method: string): Fault | null {
  const fault = takeDue(state.faults, (each) => each.method === method || each.method === '*');
  if (fault) state.journal.add({ kind: 'fault', method, fault: fault.kind });
  return fault;
}
