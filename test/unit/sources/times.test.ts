import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readInstant, timeOfCall, timeOfEvent } from '../../../src/sources/times.ts';

const receipt = { receivedAt: new Date('2026-11-21T10:00:00Z'), earliest: new Date('2025-10-01T00:00:00Z') };
const at = (given: Parameters<typeof timeOfEvent>[0]) => timeOfEvent(given, receipt).toISOString();

describe('the time of an event', () => {
  test('is corrected by how far the clock was off when the call was sent', () => {
    const given = { timestamp: '2026-11-21T07:58:00Z', sentAt: '2026-11-21T08:00:00Z' };
    expect(at(given)).toBe('2026-11-21T09:58:00.000Z');
    expect(at({ ...given, original: '2026-11-21T07:00:00Z' })).toBe('2026-11-21T09:00:00.000Z');
  });

  test('is what the call says when nobody says when it was sent, or nothing that can be read', () => {
    expect(at({ timestamp: '2026-11-20T07:58:00Z' })).toBe('2026-11-20T07:58:00.000Z');
    expect(at({ timestamp: '2026-11-20T07:58:00Z', sentAt: 'soon' })).toBe('2026-11-20T07:58:00.000Z');
    expect(at({ timestamp: '2026-11-20T07:58:00Z', original: 'then' })).toBe('2026-11-20T07:58:00.000Z');
  });

  test('is that of the receipt when the call says none', () => {
    expect(at({})).toBe('2026-11-21T10:00:00.000Z');
    expect(at({ original: null, sentAt: '2026-11-21T08:00:00Z' })).toBe('2026-11-21T10:00:00.000Z');
  });

  test.each([12, true, {}, 'then'])('is refused when it is an original one alone that is %o', (original) => {
    expect(() => at({ original })).toThrow('originalTimestamp is not a date and time in ISO 8601');
  });

  test('counts as now up to five minutes ahead, and is refused after that', () => {
    expect(at({ timestamp: '2026-11-21T10:05:00Z' })).toBe('2026-11-21T10:00:00.000Z');
    expect(() => at({ timestamp: '2026-11-21T10:05:00.001Z' })).toThrow('more than 5 minutes in the future');
  });

  test('is refused before events are kept, which does not hold for what tells of users', () => {
    expect(at({ timestamp: '2025-10-01T00:00:00Z' })).toBe('2025-10-01T00:00:00.000Z');
    const old = { timestamp: '2025-09-30T23:59:59.999Z' };
    expect(() => at(old)).toThrow('older than events are kept');
    expect(timeOfCall(old, receipt).toISOString()).toBe('2025-09-30T23:59:59.999Z');
  });

  test('of a clock that is broken stays one that can be stored', () => {
    const given = { timestamp: '0001-01-01T00:00:00Z', sentAt: '9999-12-31T00:00:00Z' };
    expect(timeOfCall(given, receipt)).toEqual(new Date(0));
  });

  test.each(['yesterday', '1763719200', '21.11.2026', '2026-02-31T00:00:00Z', '2026-13-01', '2026-11-21T25:00:00Z'])(
    'is refused when it is %s',
    (timestamp) => {
      expect(() => at({ timestamp })).toThrow('timestamp is not a date and time in ISO 8601');
    },
  );
});

describe('readInstant', () => {
  test.each([
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21T10:00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21 10:00:00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00:00.123456+00:00', '2026-11-21T10:00:00.123Z'],
    ['2026-11-21T10:00:00,5+0130', '2026-11-21T08:30:00.500Z'],
    ['2026-11-21t10:00:00-08', '2026-11-21T18:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('reads %s as UTC unless it says otherwise', (text, expected) => {
    expect(new Date(readInstant(text) ?? Number.NaN).toISOString()).toBe(expected);
  });

  test('reads what a date writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1970-01-01'), max: new Date('9999-01-01'), noInvalidDate: true }),
        (date) => {
          expect(readInstant(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });
});
