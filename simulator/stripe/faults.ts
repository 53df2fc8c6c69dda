import { matchesRequest, scripted, takeDue } from '../scripted-faults.ts';
import type { State } from './state.ts';
import type { Fault } from './types.ts';

/** Scripts a failure of coming requests. */
export function addFault(state: State, fault: Fault): void {
  state.faults.push(scripted(fault));
}

/** The failure due for this request, if any; each is counted down. */
export function takeFault(state: State, request: string): Fault | null {
  const fault = takeDue(state.faults, ({ request: pattern }) => matchesRequest(pattern, request));
  if (fault) state.journal.add({ kind: 'fault', request, fault: fault.kind });
  return fault;
}
