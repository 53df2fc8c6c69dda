import { basicUser } from '../../src/http/write-keys.ts';
import { keyInSegmentBody, parseSegment, type SegmentCall } from '../../src/sources/segment.ts';
import type { DoorDefinition } from './door.ts';

/** Segment's HTTP API, the path of one kind of call. The write key is the user name of Basic auth, or in the body. */
export function segmentDoor(kind: SegmentCall | 'batch'): DoorDefinition {
  return {
    door: 'segment',
    keyInHeaders: ({ authorization }) => basicUser(authorization),
    keyInBody: keyInSegmentBody,
    parse: (body, receipt) => parseSegment(body, kind, receipt),
    success: { success: true },
  };
}
