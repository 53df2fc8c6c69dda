/**
 * One call of a request cannot be taken; the message says why to who sent it. The same fault has the same words, whatever
 * was sent, for refusals are counted by them.
 */
export class CallFault extends Error {
  readonly code = 'call_fault';
  override readonly name = 'CallFault';
}

/** Nothing of a request can be taken: it cannot be read, or is too large. */
export class RequestFault extends Error {
  readonly code = 'request_fault';
  override readonly name = 'RequestFault';
}
