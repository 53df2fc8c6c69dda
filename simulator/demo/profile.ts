/** How an account uses the product on an ordinary working day. */
export type Profile = {
  users: number;
  /** The mean share of users that are active on a working day; the first ones are keener than the last. */
  activity: number;
  /** Of active users on a day, the share that does each. */
  habits: Readonly<Record<Habit, number>>;
  /** What the account's own systems send us each day. */
  usage: Readonly<Record<Volume, number>>;
  /** By how much usage grows in 30 days: 0.05 is 5%. */
  growth: number;
  /** Support tickets a month. */
  tickets: number;
  /** Visits to the documentation a week. */
  docsVisits: number;
  /** Share of queries that fail. */
  failureRate: number;
  /** Days between meetings, the last one `lastMeeting` days ago. */
  meetingEvery: number;
  lastMeeting: number;
  products: number;
  /** Colleagues that the owner of an old account has invited in the 120 days. */
  invited: number;
};

export const habits = [
  'insight analyzed',
  'dashboard analyzed',
  'insight created',
  'recording analyzed',
  'feature flag created',
  'experiment viewed',
  'survey viewed',
  'survey created',
] as const;
export type Habit = (typeof habits)[number];

export const volumes = ['events', 'recordings', 'flag_requests', 'rows_synced'] as const;
export type Volume = (typeof volumes)[number];

/** Uses everything, by many, more each month. */
export const thriving: Profile = {
  users: 16,
  activity: 0.5,
  habits: {
    'insight analyzed': 0.5,
    'dashboard analyzed': 0.4,
    'insight created': 0.08,
    'recording analyzed': 0.35,
    'feature flag created': 0.06,
    'experiment viewed': 0.12,
    'survey viewed': 0.1,
    'survey created': 0.01,
  },
  usage: { events: 420_000, recordings: 2_600, flag_requests: 1_900_000, rows_synced: 310_000 },
  growth: 0.06,
  tickets: 2,
  docsVisits: 8,
  failureRate: 0.015,
  meetingEvery: 21,
  lastMeeting: 9,
  products: 7,
  invited: 4,
};

/** Happy with two or three products. */
export const steady: Profile = {
  ...thriving,
  users: 11,
  activity: 0.26,
  habits: {
    ...thriving.habits,
    'insight analyzed': 0.3,
    'recording analyzed': 0.06,
    'feature flag created': 0.015,
    'experiment viewed': 0.01,
    'survey viewed': 0.01,
  },
  usage: { events: 96_000, recordings: 700, flag_requests: 210_000, rows_synced: 40_000 },
  growth: 0.02,
  tickets: 1,
  lastMeeting: 24,
  meetingEvery: 30,
  products: 5,
};

/** Few users, one product, little contact. */
export const shaky: Profile = {
  ...steady,
  users: 6,
  activity: 0.14,
  habits: {
    ...steady.habits,
    'insight analyzed': 0.12,
    'recording analyzed': 0.02,
    'feature flag created': 0,
    'experiment viewed': 0,
    'survey viewed': 0,
  },
  usage: { events: 21_000, recordings: 90, flag_requests: 12_000, rows_synced: 0 },
  growth: -0.28,
  tickets: 0.5,
  docsVisits: 25,
  failureRate: 0.07,
  meetingEvery: 60,
  lastMeeting: 52,
  products: 2,
  invited: 0,
};
