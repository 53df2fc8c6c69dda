import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDateReader } from '../../../src/importing/dates.ts';

const instant = async (text: string, zone = 'UTC', format: string | null = null) =>
  (await createDateReader(zone, format)).instant(text).toISOString();

describe('dates in ISO', () => {
  it.each([
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2024-02-29T10:30', '2024-02-29T10:30:00.000Z'],
    ['2024-02-29 10:30:15', '2024-02-29T10:30:15.000Z'],
    ['2024-02-29T10:30:15.2879Z', '2024-02-29T10:30:15.287Z'],
    ['2024-02-29T10:30:15,5z', '2024-02-29T10:30:15.500Z'],
    ['2024-02-29T10:30:15+05:30', '2024-02-29T05:00:15.000Z'],
    ['2024-02-29T10:30-0800', '2024-02-29T18:30:00.000Z'],
    ['2024-02-29 10:30 +02', '2024-02-29T08:30:00.000Z'],
  ])('reads %s', async (text, expected) => {
    expect(await instant(text)).toBe(expected);
  });

  it.each([
    ['2024-02-30', 'is not a day of the calendar'],
    ['2023-02-29', 'is not a day of the calendar'],
    ['2024-13-01', 'is not a day of the calendar'],
    ['2024-00-10', 'is not a day of the calendar'],
    ['2024-01-01T24:00', 'is not a time of day'],
    ['2024-01-01T10:60', 'is not a time of day'],
    ['0001-01-01', 'is not within the years 1900 to 9999'],
    ['9999-12-31', 'is not within the years 1900 to 9999'],
    ['01/02/2024', 'is not a date such as 2026-01-31'],
    ['2024-1-5', 'is not a date such as'],
    ['now', 'is not a date such as'],
    ['infinity', 'is not a date such as'],
    ['1700000000', 'is not a date such as'],
  ])('refuses %s', async (text, reason) => {
    await expect(instant(text)).rejects.toThrow(reason);
  });

  it('takes times without an offset as local, in summer and in winter', async () => {
    expect(await instant('2024-07-01T12:00', 'Europe/Berlin')).toBe('2024-07-01T10:00:00.000Z');
    expect(await instant('2024-01-01T12:00', 'Europe/Berlin')).toBe('2024-01-01T11:00:00.000Z');
    expect(await instant('2024-01-01T12:00Z', 'Europe/Berlin')).toBe('2024-01-01T12:00:00.000Z');
    expect(await instant('2024-01-01 00:20', 'Asia/Kathmandu')).toBe('2023-12-31T18:35:00.000Z');
  });

  it('reads back every instant it is given', async () => {
    const reader = await createDateReader('UTC', null);
    const date = fc.date({ min: new Date('1900-01-02'), max: new Date('9999-01-01'), noInvalidDate: true });
    fc.assert(fc.property(date, (at) => reader.instant(at.toISOString()).getTime() === at.getTime()));
  });

  it('makes days of instants by the local calendar, and leaves days alone', async () => {
    const { day } = await createDateReader('America/New_York', null);
    expect(day('2024-01-31')).toBe('2024-01-31');
    expect(day('2024-01-31T03:00:00Z')).toBe('2024-01-30');
  });
});

describe('dates in a given format', () => {
  it('reads them in the time zone', async () => {
    expect(await instant('31.12.2024 18:00', 'Europe/Berlin', 'dd.MM.yyyy HH:mm')).toBe('2024-12-31T17:00:00.000Z');
    expect((await createDateReader('Europe/Berlin', 'dd.MM.yyyy')).day('31.12.2024')).toBe('2024-12-31');
    expect(await instant('1700000000', 'Europe/Berlin', 't')).toBe('2023-11-14T22:13:20.000Z');
  });

  it('refuses other ways of writing, ISO too', async () => {
    await expect(instant('2024-12-31', 'UTC', 'dd.MM.yyyy')).rejects.toThrow('is not a date written as dd.MM.yyyy');
    await expect(instant('01.02.24', 'UTC', 'dd.MM.yyyy')).rejects.toThrow('is not within the years');
  });

  it.each([
    ['YYYY-MM-DD', 'write yyyy for the year and dd for the day'],
    ['foo', 'unescaped latin'],
  ])('refuses the format %s', async (format, message) => {
    await expect(createDateReader('UTC', format)).rejects.toThrow(message);
  });
});
