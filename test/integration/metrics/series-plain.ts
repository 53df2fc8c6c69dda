/** An event as it happened; `day` is counted from 1970 in the time zone asked about. */
export type Happened = {
  name: string;
  user: string | null;
  at: number;
  day: number;
  properties: { amount?: number | string | boolean | null; place?: number | string };
};

type Measure = {
  /** `window` is empty, or begins with a comma. */
  equation(window: string): string;
  /** Whether it can do without a window, or has none. */
  allTime?: 'never' | 'only';
  /** What it is of the events in the window, on the day `last`. */
  plain(inside: readonly Happened[], on: { last: number }): number | null;
};

const named = (events: readonly Happened[], ...names: string[]) => events.filter(({ name }) => names.includes(name));
const placed = (events: readonly Happened[], ...places: unknown[]) =>
  events.filter(({ properties }) => places.includes(properties.place));
const ofOwners = (events: readonly Happened[]) => events.filter(({ user }) => user === 'ann' || user === 'dan');
const usersOf = (events: readonly Happened[]) => new Set(events.flatMap(({ user }) => user ?? []));

/** The amounts that are numbers, in cents. */
function cents(events: readonly Happened[]): number[] {
  return events.flatMap(({ properties: { amount } }) => {
    const number = typeof amount === 'string' && amount !== '' ? Number(amount) : amount;
    return typeof number === 'number' && Number.isFinite(number) ? [Math.round(number * 100)] : [];
  });
}

const total = (amounts: readonly number[]) => amounts.reduce((sum, one) => sum + one, 0);
const orNone = (amounts: readonly number[], value: () => number) => (amounts.length === 0 ? null : value());

function sumOf(events: readonly Happened[]): number | null {
  const amounts = cents(events);
  return events.length === 0 ? 0 : orNone(amounts, () => total(amounts) / 100);
}

function placesOf(events: readonly Happened[]): number | null {
  const places = new Set(
    events.flatMap(({ properties: { place } }) => (place === undefined || place === '' ? [] : String(place))),
  );
  if (places.size > 0) return places.size;
  return events.length === 0 ? 0 : null;
}

/** The newest amount, of several at once the largest. */
function newestOf(events: readonly Happened[]): number | null {
  const known = events.filter((one) => cents([one]).length > 0);
  const last = Math.max(...known.map(({ at }) => at));
  const amounts = cents(known.filter(({ at }) => at === last));
  return orNone(amounts, () => Math.max(...amounts) / 100);
}

const daysSince = (events: readonly Happened[], last: number, of: 'first' | 'last') =>
  orNone(
    events.map(({ at }) => at),
    () => {
      const sorted = events.toSorted((left, right) => left.at - right.at);
      return last - (of === 'first' ? (sorted[0] as Happened) : (sorted.at(-1) as Happened)).day;
    },
  );

/** What each measure means, said as plainly as can be. */
export const measures: readonly Measure[] = [
  { equation: (w) => `count("read"${w})`, plain: (events) => named(events, 'read').length },
  { equation: (w) => `count(["read", "paid"]${w})`, plain: (events) => named(events, 'read', 'paid').length },
  { equation: (w) => `count("*"${w})`, plain: (events) => events.length },
  {
    equation: (w) => `count(event(["read", "paid"], {"place": ["a", "b"]})${w})`,
    plain: (events) => placed(named(events, 'read', 'paid'), 'a', 'b').length,
  },
  {
    equation: (w) => `count(event("*", {"place": 1})${w})`,
    plain: (events) => placed(events, 1, '1').length,
  },
  {
    equation: (w) => `count(by_users("*", {"role": "owner"})${w})`,
    plain: (events) => ofOwners(events).length,
  },
  { equation: (w) => `sum("paid", "amount"${w})`, plain: (events) => sumOf(named(events, 'paid')) },
  { equation: (w) => `sum("*", "amount"${w})`, plain: (events) => sumOf(events) },
  {
    equation: (w) => `average("paid", "amount"${w})`,
    plain: (events) => {
      const amounts = cents(named(events, 'paid'));
      return orNone(amounts, () => total(amounts) / (100 * amounts.length));
    },
  },
  {
    equation: (w) => `minimum("*", "amount"${w})`,
    plain: (events) => orNone(cents(events), () => Math.min(...cents(events)) / 100),
  },
  {
    equation: (w) => `maximum(["read", "wrote"], "amount"${w})`,
    plain: (events) => {
      const amounts = cents(named(events, 'read', 'wrote'));
      return orNone(amounts, () => Math.max(...amounts) / 100);
    },
  },
  { equation: (w) => `latest("*", "amount"${w})`, plain: newestOf },
  { equation: (w) => `distinct("wrote", "place"${w})`, plain: (events) => placesOf(named(events, 'wrote')) },
  { equation: (w) => `distinct("*", "place"${w})`, plain: placesOf },
  {
    equation: (w) => `users_who(["read", "wrote"]${w})`,
    plain: (events) => usersOf(named(events, 'read', 'wrote')).size,
  },
  {
    equation: (w) => `users_who(event("*", {"place": "a"})${w})`,
    plain: (events) => usersOf(placed(events, 'a')).size,
  },
  { equation: (w) => `active_users(${w.slice(2)})`, plain: (events) => usersOf(events).size },
  {
    equation: (w) => `user_days("*"${w})`,
    allTime: 'never',
    plain: (events) => new Set(events.flatMap(({ user, day }) => (user ? `${user} ${day}` : []))).size,
  },
  {
    equation: (w) => `days_since(first_seen("read"${w}))`,
    plain: (events, { last }) => daysSince(named(events, 'read'), last, 'first'),
  },
  {
    equation: (w) => `days_since(last_seen(["wrote", "paid"]${w}))`,
    plain: (events, { last }) => daysSince(named(events, 'wrote', 'paid'), last, 'last'),
  },
  {
    equation: () => 'days_since(last_seen())',
    allTime: 'only',
    plain: (events, { last }) =>
      daysSince(
        events.filter(({ user }) => user !== null),
        last,
        'last',
      ),
  },
  {
    equation: () => 'days_since(first_seen(by_users("*", {"role": "owner"})))',
    allTime: 'only',
    plain: (events, { last }) => daysSince(ofOwners(events), last, 'first'),
  },
];
