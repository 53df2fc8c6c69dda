import { describe, expect, it } from 'vitest';
import { generateDemo } from '../../../simulator/demo/generate.ts';

const now = new Date('2026-11-21T12:34:56Z');

describe('generateDemo', () => {
  const { accounts, users, events } = generateDemo(now);

  it('makes 27 accounts with users and 120 days of events until now, ids given once', () => {
    expect(new Set(accounts.map(({ id }) => id)).size).toBe(27);
    expect(accounts.length).toBe(27);
    expect(users.length).toBeGreaterThan(24);
    const times = events.map(({ timestamp }) => timestamp).sort();
    expect(times[0]! >= '2026-07-25' && times.at(-1)! <= now.toISOString()).toBe(true);
    expect(new Set(events.map(({ account, id }) => `${account} ${id}`)).size).toBe(events.length);
  });

  it('has people invited in old healthy accounts as well, so that no model takes them for half onboarded', () => {
    const invited = (id: string) =>
      events.filter(({ account, event }) => account === id && event === 'team member invited').length;
    expect(['globex', 'acme', 'zoe-soehne', 'fernweh', 'vandelay', 'tiny-lake'].map(invited)).toEqual([
      4, 4, 4, 4, 0, 0,
    ]);
  });

  it.each(['Pacific/Apia', 'America/Santiago'])('makes the same where the machine is set to %s', (zone) => {
    const before = process.env.TZ;
    process.env.TZ = zone;
    try {
      expect(generateDemo(now)).toEqual({ accounts, users, events });
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });
});
