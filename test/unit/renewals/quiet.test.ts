import { expect, it } from 'vitest';
import { isQuiet } from '../../../src/renewals/quiet.ts';
import { renewalMetrics } from '../../../src/renewals/types.ts';

it.each([
  ['seen yesterday', { seen: 1 }, true, false],
  ['seen 29 days ago', { seen: 29 }, true, false],
  ['seen 30 days ago, and nobody talked', { seen: 30 }, true, true],
  ['seen 30 days ago, a meeting 10 days ago', { seen: 30, meeting: 10 }, true, false],
  ['seen 30 days ago, a ticket 29 days ago', { seen: 30, ticket: 29 }, true, false],
  ['all of it long ago', { seen: 90, meeting: 45, ticket: 400 }, true, true],
  ['never seen where others are', {}, true, true],
  ['never seen where nobody is, since nothing is connected', {}, false, false],
  ['never seen, a meeting lately', { meeting: 3 }, true, false],
  ['a value that was imported where nothing else is', { seen: 60 }, false, true],
])('%s', (_, { seen, meeting, ticket }: { seen?: number; meeting?: number; ticket?: number }, hasEvents, expected) => {
  const values = {
    [renewalMetrics.seen]: seen ?? null,
    [renewalMetrics.meeting]: meeting ?? null,
    [renewalMetrics.ticket]: ticket ?? null,
  };
  expect(isQuiet(values, { quietDays: 30 }, hasEvents)).toBe(expected);
});
