import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CreditInput, projectCredit } from '../../../src/billing/credit.ts';
import { type DrawnDown, drawDown, type Pot } from '../../../src/billing/draw-down.ts';
import type { CreditGrant, CreditUse } from '../../../src/billing/types.ts';
import { addDays } from '../../../src/days.ts';

const at = (day: string) => new Date(`${day}T00:00:00Z`);
const grant = (overrides: Partial<CreditGrant> = {}): CreditGrant => ({
  id: 'credgr_1',
  customerId: 'cus_1',
  name: null,
  category: 'paid',
  currency: 'USD',
  amount: 1000,
  remaining: 700,
  effectiveAt: at('2027-01-01'),
  expiresAt: null,
  voidedAt: null,
  priority: null,
  ...overrides,
});
const use = (from: string, to: string, amount: number, overrides: Partial<CreditUse> = {}): CreditUse => ({
  id: `cbtxn_${from}_${amount}`,
  customerId: 'cus_1',
  grantId: 'credgr_1',
  invoiceId: null,
  currency: 'USD',
  amount,
  from: new Date(from.includes('T') ? from : at(from)),
  to: new Date(to.includes('T') ? to : at(to)),
  ...overrides,
});
/** 10 a day in the thirty days of January before its last. */
const january = use('2027-01-01', '2027-01-31', 300);
const project = (overrides: Partial<CreditInput> = {}) =>
  projectCredit({
    grants: [grant()],
    uses: [january],
    balance: 0,
    currency: 'USD',
    today: '2027-01-31',
    timeZone: 'UTC',
    renewalDate: null,
    running: null,
    ...overrides,
  });

describe('projectCredit', () => {
  it('says on which day the last is used', () => {
    // 700 last seventy days: one of January, 28 of February, 31 of March, ten of April.
    expect(project()).toEqual({ left: 700, burn: 10, endsOn: '2027-04-10', expiring: null });
  });

  it('takes off what is used since the last invoice', () => {
    expect(project({ today: '2027-02-10' })).toEqual({ left: 600, burn: 10, endsOn: '2027-04-10', expiring: null });
  });

  it('takes off what the running period is known to have used, and counts it for the burn', () => {
    // 200 in the ten days of February, 10 a day in the twenty before: 400 in thirty days. 500 last 37.5 days.
    const found = project({ today: '2027-02-10', running: { from: '2027-01-31', used: 200 } });
    expect(found).toMatchObject({ left: 500, endsOn: '2027-03-19' });
    expect(found?.burn).toBeCloseTo(400 / 30);
  });

  it('counts what a grant has left from its uses where that is not known', () => {
    const uses = [january, use('2027-01-01', '2027-01-31', 60, { grantId: 'credgr_2' })];
    expect(project({ grants: [grant({ remaining: null })], uses })?.left).toBe(700);
  });

  it('uses what expires first, and says what of it would not be used', () => {
    const grants = [grant({ id: 'credgr_2', remaining: 500 }), grant({ remaining: 200, expiresAt: at('2027-02-10') })];
    // Ten days take 100 of the 200; then the 500 last fifty days: 19 of February, 31 of March.
    expect(project({ grants })).toEqual({
      left: 700,
      burn: 10,
      endsOn: '2027-03-31',
      expiring: { amount: 100, on: '2027-02-10' },
    });
    // By 2 March twenty more days took 200 of the 500.
    expect(project({ grants, renewalDate: '2027-03-02' })?.expiring).toEqual({ amount: 400, on: '2027-02-10' });
  });

  it('uses first what has the priority, though the other expires', () => {
    const grants = [
      grant({ remaining: 100, expiresAt: at('2027-02-10') }),
      grant({ id: 'credgr_2', remaining: 100, priority: 0 }),
    ];
    expect(project({ grants })).toMatchObject({ endsOn: null, expiring: { amount: 100, on: '2027-02-10' } });
    const usual = grants.map((one) => ({ ...one, priority: 50 }));
    expect(project({ grants: usual })).toMatchObject({ endsOn: '2027-02-19', expiring: null });
  });

  it('does not end what expires before it is used', () => {
    expect(project({ grants: [grant({ expiresAt: at('2027-02-10') })] })).toMatchObject({
      endsOn: null,
      expiring: { amount: 600, on: '2027-02-10' },
    });
  });

  it('calls less than one of the currency nothing', () => {
    const renewalDate = '2027-04-11';
    expect(project({ grants: [grant({ remaining: 700.99 })], renewalDate })?.expiring).toBeNull();
    expect(project({ grants: [grant({ remaining: 701 })], renewalDate })?.expiring).toEqual({
      amount: 1,
      on: renewalDate,
    });
  });

  it('takes a contract that is over for none', () => {
    expect(project({ renewalDate: '2027-01-31' })?.expiring).toBeNull();
  });

  it('adds a balance in favour of the customer, which is used last', () => {
    expect(project({ balance: -50 })).toMatchObject({ left: 750, endsOn: '2027-04-15' });
    expect(project({ balance: 50 })?.left).toBe(700);
    expect(project({ grants: [], balance: -50 })).toMatchObject({ left: 50, endsOn: '2027-02-04' });
  });

  it('leaves out what is voided, not in force yet, expired or in another currency', () => {
    const others = [
      grant({ id: 'a', voidedAt: at('2027-01-02') }),
      grant({ id: 'b', effectiveAt: at('2027-02-01') }),
      grant({ id: 'c', expiresAt: at('2027-01-31') }),
      grant({ id: 'd', currency: 'EUR' }),
    ];
    expect(project({ grants: [grant(), ...others] })).toEqual(project());
    expect(project({ grants: others })).toBeNull();
    expect(project({ uses: [january, use('2027-01-01', '2027-01-31', 900, { currency: 'EUR' })] })).toEqual(project());
  });

  it('says that nothing is left once it is used up', () => {
    expect(project({ grants: [grant({ remaining: 0 })], renewalDate: '2027-06-01' })).toEqual({
      left: 0,
      burn: 10,
      endsOn: null,
      expiring: null,
    });
  });
});

describe('the burn', () => {
  it('is of the newest thirty days', () => {
    // The twenty days before the thirty do not count.
    expect(project({ uses: [use('2026-12-12', '2027-01-01', 9000), january] })?.burn).toBe(10);
    // Half of 600 in the newest thirty of sixty days.
    expect(project({ uses: [use('2026-12-02', '2027-01-31', 600)] })?.burn).toBe(10);
  });

  it('is of fewer days where there are fewer, but not of less than seven', () => {
    expect(project({ uses: [use('2027-01-24', '2027-01-31', 70)] })?.burn).toBe(10);
    expect(project({ uses: [use('2027-01-25', '2027-01-31', 60)], renewalDate: '2027-06-01' })).toEqual({
      left: 700,
      burn: null,
      endsOn: null,
      expiring: null,
    });
  });

  it('has what was given back taken off, and is never below zero', () => {
    expect(project({ uses: [january, use('2027-01-01', '2027-01-31', -150)] })?.burn).toBe(5);
    expect(project({ uses: [january, use('2027-01-01', '2027-01-31', -900)] })).toMatchObject({
      burn: 0,
      endsOn: null,
    });
  });

  it('gives a use at an instant to its day', () => {
    const uses = Array.from({ length: 10 }, (_, index) => {
      const instant = `${addDays('2027-01-21', index)}T12:00:00Z`;
      return use(instant, instant, 20);
    });
    expect(project({ uses })?.burn).toBe(20);
  });

  it('is nothing where a whole period went by without a use', () => {
    const quiet = { burn: 0, endsOn: null, left: 700, expiring: { amount: 700, on: '2027-06-01' } };
    expect(project({ today: '2027-03-10', renewalDate: '2027-06-01' })?.burn).toBe(10);
    expect(project({ today: '2027-03-12', renewalDate: '2027-06-01' })).toEqual(quiet);
    expect(project({ uses: [], today: '2027-02-09', renewalDate: '2027-06-01' })).toEqual(quiet);
    expect(project({ uses: [], today: '2027-01-20', renewalDate: '2027-06-01' })?.burn).toBeNull();
    expect(project({ uses: [], grants: [grant({ effectiveAt: null })], today: '2027-06-01' })?.burn).toBeNull();
  });

  it('waits longer for the next use where they are of quarters', () => {
    const quarter = use('2026-10-01', '2027-01-01', 920);
    expect(project({ uses: [quarter], today: '2027-04-09' })?.burn).toBe(10);
    expect(project({ uses: [quarter], today: '2027-04-11' })?.burn).toBe(0);
  });

  it('counts days of the time zone, also where clocks change and in February of a leap year', () => {
    // Midnight in New York is at 5 UTC until 14 March 2027, then at 4.
    const march = use('2027-03-01T05:00:00Z', '2027-03-31T04:00:00Z', 300);
    expect(project({ uses: [march], today: '2027-03-31', timeZone: 'America/New_York' })?.burn).toBe(10);
    const february = use('2028-02-01', '2028-03-01', 290);
    expect(project({ uses: [february], today: '2028-03-01' })?.burn).toBe(10);
  });
});

describe('whatever credit there is', () => {
  const day = fc.integer({ min: 0, max: 400 }).map((count) => addDays('2027-12-01', count));
  const pots = fc.array(fc.record({ left: fc.integer({ min: 0, max: 5000 }), expiresOn: fc.option(day) }), {
    maxLength: 6,
  });
  const burn = fc.integer({ min: 1, max: 300 }).map((cents) => cents / 4);
  const total = (list: readonly { amount: number }[]) => list.reduce((sum, { amount }) => sum + amount, 0);
  const today = '2028-01-15';

  it('is either used, expired or left', () => {
    fc.assert(
      fc.property(pots, burn, day, (list: Pot[], perDay, until) => {
        const { used, left, expired } = drawDown(list, perDay, today, until);
        expect(used + left + total(expired)).toBeCloseTo(
          list.reduce((sum, pot) => sum + pot.left, 0),
          6,
        );
        expect(Math.min(used, left, ...expired.map(({ amount }) => amount))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('never loses more where more is used, and never ends later where what expires first is used first', () => {
    const last = '9999-12-31';
    fc.assert(
      fc.property(pots, burn, burn, day, (list: Pot[], some, more, until) => {
        const drawn = (from: Pot[], perDay: number) => drawDown(from, perDay, today, until);
        const lost = ({ expired, left }: DrawnDown) => total(expired) + left;
        expect(lost(drawn(list, some + more))).toBeLessThanOrEqual(lost(drawn(list, some)) + 1e-6);
        const sorted = list.toSorted((a, b) => ((a.expiresOn ?? last) < (b.expiresOn ?? last) ? -1 : 1));
        const [slow, fast] = [drawn(sorted, some).endsOn ?? last, drawn(sorted, some + more).endsOn ?? last];
        expect(fast <= slow).toBe(true);
      }),
    );
  });

  it('is the same, day by day and at once', () => {
    fc.assert(
      fc.property(pots, burn, fc.integer({ min: 1, max: 120 }), (list: Pot[], perDay, days) => {
        let [left, used] = [list.map((pot) => ({ ...pot })), 0];
        for (let index = 0; index < days; index += 1) {
          const now = addDays(today, index);
          left = left.map((pot) => (pot.expiresOn !== null && pot.expiresOn <= now ? { ...pot, left: 0 } : pot));
          let open = perDay;
          for (const pot of left) {
            const drawn = Math.min(open, pot.left);
            pot.left -= drawn;
            open -= drawn;
            used += drawn;
          }
        }
        expect(drawDown(list, perDay, today, addDays(today, days)).used).toBeCloseTo(used, 6);
      }),
    );
  });

  const grants = fc.array(
    fc.record({
      remaining: fc.option(fc.integer({ min: 0, max: 5000 })),
      category: fc.constantFrom('paid' as const, 'promotional' as const),
      effectiveAt: fc.option(day.map(at)),
      expiresAt: fc.option(day.map(at)),
    }),
    { maxLength: 5 },
  );
  const uses = fc.array(
    fc.record({
      from: fc.integer({ min: 0, max: 90 }),
      days: fc.integer({ min: 0, max: 40 }),
      amount: fc.integer({ min: -50, max: 900 }),
    }),
    { maxLength: 6 },
  );
  const inputs = fc
    .record({ grants, uses, balance: fc.integer({ min: -200, max: 50 }), renewalDate: fc.option(day) })
    .map(
      (values): CreditInput => ({
        grants: values.grants.map((one, index) => grant({ ...one, id: `credgr_${index}` })),
        uses: values.uses.map((one, index) => {
          const from = addDays('2027-10-10', one.from);
          return use(from, addDays(from, one.days), one.amount, { id: `cbtxn_${index}` });
        }),
        balance: values.balance,
        renewalDate: values.renewalDate,
        currency: 'USD',
        today,
        timeZone: 'Europe/Berlin',
        running: null,
      }),
    );

  it('is the same in whichever order grants and uses come', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const found = projectCredit(input);
        const turned = projectCredit({ ...input, grants: input.grants.toReversed(), uses: input.uses.toReversed() });
        expect(turned).toEqual(
          found && {
            left: expect.closeTo(found.left, 6),
            burn: found.burn === null ? null : expect.closeTo(found.burn, 6),
            endsOn: found.endsOn,
            expiring: found.expiring && { amount: expect.closeTo(found.expiring.amount, 6), on: found.expiring.on },
          },
        );
      }),
    );
  });

  it('is numbers that are not below zero, and days to come; no more is lost than there is', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const found = projectCredit(input);
        if (!found) return;
        expect(found.left).toSatisfy((left: number) => Number.isFinite(left) && left >= 0);
        if (found.endsOn !== null) expect(found.endsOn >= today).toBe(true);
        if (found.expiring === null) return;
        expect(found.expiring.on > today).toBe(true);
        expect(found.expiring.amount).toBeLessThanOrEqual(found.left + 1e-6);
      }),
    );
  });
});
