import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { definition, faultOf } from './equations.ts';

describe('a faulty equation', () => {
  it('is reported with its place and an excerpt that points at it', () => {
    const fault = faultOf('percent(\n  users_who("login", 30),\n  actve_users(30))');
    expect(fault).toEqual({
      metric: 'asked',
      start: 37,
      end: 48,
      message: 'there is no function "actve_users"; did you mean active_users?\n    actve_users(30))\n    ^^^^^^^^^^^',
    });
  });

  it.each([
    // [equation, the faulty part, what the message says]
    ['1 +', '', /ends where a value is expected/],
    ['count("login"', '', /expected "\)" here, found the end/],
    ['count("login" 30)', '30', /expected "\)" here, found "30"/],
    ['count("login)', '"login)', /no closing quote/],
    ['arr = 3 ? 1 : 2', '=', /compare with ==/],
    ['arr > 1 and mrr > 1 ? 1 : 2', 'and', /write &&/],
    ['if arr > 1 then 2', 'if', /write condition \? value : otherwise/],
    ['count(“login”, 30)', '“', /straight quotes/],
    ['percent(1; 2)', ';', /commas/],
    ['max(1, 2)', 'max', /did you mean maximum or largest\?/],
    ['1e999', '1e999', /Invalid number/],
    ['constructor', 'constructor', /there is no "constructor"/],
    ['foo', 'foo', /there is no "foo"/],
    ['ar', 'ar', /did you mean arr\?/],
    ['told', 'told', /write metric\("told"\)/],
    ['users', 'users', /users is a function: write users\(\[days_ago\]\)/],
    ['cuont("login")', 'cuont', /did you mean count\?/],
    ['toString()', 'toString', /there is no function "toString"/],
    ['event("login", {})', 'event("login", {})', /says which events: put it into count/],
  ])('%s: is refused', (equation, part, message) => {
    const fault = faultOf(equation);
    expect(fault.message).toMatch(message);
    expect(equation.slice(fault.start, fault.end)).toBe(part);
  });

  it.each([
    ['count()', 'count()', /takes 1 to 3 arguments, not 0/],
    ['percent(1)', 'percent(1)', /takes 2 arguments, not 1/],
    ['trait("a", "b")', 'trait("a", "b")', /takes 1 argument, not 2/],
    ['count(3)', '3', /event's name in quotes, a list of them, or one of any_event\(\)/],
    ['count([])', '[]', /list is empty/],
    ['count("")', '""', /is empty/],
    ['count("a\\x00b")', '"a\\x00b"', /cannot be stored/],
    [`count("${'x'.repeat(256)}")`, `"${'x'.repeat(256)}"`, /longer than 255/],
    ['count("login", 0)', '0', /whole number from 1 to 366/],
    ['count("login", 367)', '367', /whole number from 1 to 366/],
    ['count("login", 7.5)', '7.5', /whole number from 1 to 366/],
    ['count("login", 3 + 4)', '3 + 4', /whole number from 1 to 366, as written/],
    ['count("login", arr)', 'arr', /whole number/],
    ['count("login", 7, -1)', '-1', /whole number from 0 to 366/],
    ['sum("login", 3, 7)', '3', /property in sum\(event, property, \[days\], \[days_ago\]\) is a text in quotes/],
    ['count(event("login", "x"))', '"x"', /written \{"name": value\}/],
    ['count(event("login", {"a": 1, "a": 2}))', '"a"', /"a" is there twice/],
    ['count(event("login", {"a": arr}))', 'arr', /as written, not computed/],
    ['count(event("login", {"a": []}))', '[]', /list is empty/],
    ['metric("tld")', '"tld"', /no metric "tld" in this pack; did you mean told\?/],
    ['change("named", 7)', '"named"', /must be a metric with numbers/],
    ['change("told")', 'change("told")', /takes 2 arguments/],
  ])('%s: has its arguments refused', (equation, part, message) => {
    const fault = faultOf(equation);
    expect(fault.message).toMatch(message);
    expect(equation.slice(fault.start, fault.end)).toBe(part);
  });

  it.each([
    ['arr + "x"', '"x"', /\+ needs a number here, not a text/],
    ['-"x"', '"x"', /- needs a number/],
    ['!arr', 'arr', /! needs true or false here, not a number/],
    ['"a" < "b"', '"a"', /< needs a number here, not a text/],
    ['created_at < 3', '3', /< needs a date here, not a number/],
    ['arr == "x" ? 1 : 2', '"x"', /== needs a number here, not a text/],
    ['arr == null ? 1 : 2', 'arr == null', /ask with has_data/],
    ['arr ? 1 : 2', 'arr', /needs true or false/],
    ['arr > 1 ? 1 : "x"', 'arr > 1 ? 1 : "x"', /both sides of the ":" must be of one type/],
    ['arr > 1 && 3', '3', /&& needs true or false/],
    ['days_since(arr)', 'arr', /is a date, not a number/],
    ['days_since(trait("x"))', 'trait("x")', /not a number; a trait that is a date is read with trait_date\(trait\)/],
    ['trait("x") == "a" ? 1 : 2', 'trait("x")', /not a number; a trait that is a text is read with trait_text/],
    ['trait_text("x") > 5 ? 1 : 2', 'trait_text("x")', /a trait that is a number is read with trait\(trait\)/],
    ['trait_flag("x")', 'trait_flag("x")', /a trait that is a number is read with trait\(trait\)/],
    ['percent("x", 1)', '"x"', /is a number, not a text/],
    ['coalesce(1, "x")', 'coalesce(1, "x")', /two of one type, not a number and a text/],
    ['coalesce(null, 1)', 'coalesce(null, 1)', /does not take null/],
    ['created_at', 'created_at', /count its days with days_since/],
    ['"x"', '"x"', /of unit "number" is a number, and this is a text/],
    ['null', 'null', /and this is null/],
    ['99999999999999999999', '99999999999999999999', /too large/],
  ])('%s: has its types refused', (equation, part, message) => {
    const fault = faultOf(equation);
    expect(fault.message).toMatch(message);
    expect(equation.slice(fault.start, fault.end)).toBe(part);
  });

  it.each([
    ['arr.constructor'],
    ['"x".size()'],
    ['"aaa".matches("(a+)+$") ? 1 : 2'],
    ['[1, 2].map(x, x)'],
    ['[1, 2][0]'],
    ['{"a": 1}["a"]'],
    ['3 in [3] ? 1 : 2'],
    ['has(arr.x) ? 1 : 2'],
    ['cel.bind(x, 1, x)'],
    ['1u'],
    ['b"x"'],
    ['__proto__'],
    ['type(1)'],
    ['dyn(1)'],
    ['timestamp("2026-01-01")'],
  ])('%s: reaches for CEL beyond the language and is refused', (equation) => {
    expect(faultOf(equation).end).toBeGreaterThan(0);
  });

  it.each([
    ['nested too deep', `${'('.repeat(200)}1${')'.repeat(200)}`, /too deep or has too many parts/],
    ['negated too often', `${'-'.repeat(1500)}1`, /too deep or has too many parts/],
    ['with too many parts', `1${' + 1'.repeat(499)}`, /too deep or has too many parts/],
    ['longer than allowed', `1 // ${'x'.repeat(2000)}`, /longer than 2000 characters/],
    ['of blanks only', '  \n ', /is empty/],
  ])('%s is refused', (_, equation, message) => {
    expect(faultOf(equation).message).toMatch(message);
  });
});

describe('a window', () => {
  const windows = [
    (days: number) => `count("login", ${days})`,
    (days: number) => `sum("login", "n", ${days}, ${days})`,
    (days: number) => `users_who(["login", "search"], ${days})`,
    (days: number) => `active_users(${days})`,
    (days: number) => `user_days("*", ${days})`,
    (days: number) => `days_since(last_seen("login", ${days}))`,
    (days: number) => `change("told", ${days})`,
    (days: number) => `percent_decrease("told", ${days})`,
  ];

  it.each([1, 7, 30, 31, 90, 365, 366])('of %i days is allowed', (days) => {
    for (const equation of windows) {
      const { errors } = compileMetrics([
        definition({ id: 'told' }),
        definition({ id: 'a', equation: equation(days) }),
      ]);
      expect(errors).toEqual([]);
    }
  });

  it.each([0, 367, -1, 1.5])('of %d days is refused', (days) => {
    for (const equation of windows) expect(faultOf(equation(days)).message).toMatch(/whole number from [01] to 366/);
  });

  it('may end today, written as 0 days ago', () => {
    const { errors } = compileMetrics([definition({ id: 'a', equation: 'count("login", 7, 0) + users(0)' })]);
    expect(errors).toEqual([]);
  });
});

describe('any text at all', () => {
  const words = [
    'count',
    '(',
    ')',
    '"login"',
    ',',
    '7',
    '+',
    '?',
    ':',
    'arr',
    '{',
    '}',
    '[',
    ']',
    '.',
    '!',
    '-',
    '\\',
    '"',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((parts) => parts.join(' ')),
  );

  it('compiles, or is refused with a place inside of it', () => {
    fc.assert(
      fc.property(text, (equation) => {
        const { metrics, errors } = compileMetrics([definition({ id: 'asked', equation })]);
        expect(metrics.length + errors.length).toBe(1);
        for (const { start, end } of errors) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(equation.length);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('metrics that do not go together', () => {
  it('are refused when they read each other in a circle, at the reading that closes it', () => {
    const { metrics, errors } = compileMetrics([
      definition({ id: 'one', equation: '1 + metric("two")' }),
      definition({ id: 'two', equation: 'metric("three") + 1' }),
      definition({ id: 'three', equation: 'percent_decrease("one", 7)' }),
      definition({ id: 'four', equation: 'metric("one") + 1' }),
    ]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ metric: 'three', start: 0, end: 26 });
    expect(errors[0]?.message).toContain('in a circle: one -> two -> three -> one');
    expect(metrics.map(({ id }) => id)).not.toContain('three');
  });

  it('are refused when one reads its own value of today, and not when it reads its past', () => {
    expect(faultOf('metric("asked") + 1').message).toContain('in a circle: asked -> asked');
    const { errors } = compileMetrics([definition({ id: 'asked', equation: 'coalesce(metric("asked", 1), 0) + 1' })]);
    expect(errors).toEqual([]);
  });

  it.each([
    ['Upper', /lower-case letters/],
    ['__proto__', /lower-case letters/],
    ['constructor', /reserved name/],
    ['x'.repeat(101), /lower-case letters/],
  ])('are refused with the id %s', (id, message) => {
    const { metrics, errors } = compileMetrics([definition({ id })]);
    expect(metrics).toEqual([]);
    expect(errors).toMatchObject([{ metric: id, start: 0, end: 0 }]);
    expect(errors[0]?.message).toMatch(message);
  });

  it('are refused with an id twice', () => {
    const { errors } = compileMetrics([definition({ id: 'one' }), definition({ id: 'one' })]);
    expect(errors[0]?.message).toContain('defined twice');
  });
});

describe('metrics that go together', () => {
  it('come each after those it reads, and share what they ask of the events', () => {
    const { metrics, errors } = compileMetrics([
      definition({ id: 'share', equation: 'percent(metric("logins"), count("*", 7))' }),
      definition({ id: 'logins', equation: 'count("login", 7)' }),
      definition({ id: 'twice', equation: '2 * count("login", 7)' }),
    ]);
    expect(errors).toEqual([]);
    expect(metrics.map(({ id }) => id)).toEqual(['logins', 'share', 'twice']);
    const slots = new Map(metrics.map((metric) => [metric.id, metric.leaves.map(({ slot }) => slot)]));
    expect(slots.get('twice')).toEqual(slots.get('logins'));
    expect(slots.get('share')).not.toEqual(slots.get('logins'));
  });
});
