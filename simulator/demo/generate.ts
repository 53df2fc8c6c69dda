import { type Habit, habits, type Profile, type Volume, volumes } from './profile.ts';
import { randomNumbers } from './random.ts';
import { type Story, stories } from './stories.ts';

const DAYS = 120;
const DAY_MS = 86_400_000;
const SEED = 20_261_121;
const FIRST_NAMES = ['Priya', 'Jonas', 'Mei', 'Ade', 'Lucia', 'Omar', 'Freya', 'Ivan', 'Noor', 'Tess', 'Kofi', 'Hana'];

/** Rows as `bellwether import` reads them from JSON lines. */
export type DemoData = {
  accounts: Record<string, unknown>[];
  users: Record<string, unknown>[];
  events: {
    id: string;
    account: string;
    user?: string;
    event: string;
    timestamp: string;
    [property: string]: unknown;
  }[];
};

/** 24 accounts and what they did in the 120 days until `now`: always the same data, moved to end now. */
export function generateDemo(now: Date): DemoData {
  const data: DemoData = { accounts: [], users: [], events: [] };
  for (const [index, story] of stories.entries()) {
    // A stream of its own, so that one story can be changed without changing the others.
    generateAccount(data, story, now, randomNumbers(SEED + index));
  }
  return data;
}

function generateAccount(data: DemoData, story: Story, now: Date, random: () => number): void {
  const { id, profile } = story;
  const people = Array.from({ length: profile.users }, (_, index) => ({
    id: `${id}-user-${index + 1}`,
    account: id,
    email: `${FIRST_NAMES[index % FIRST_NAMES.length]?.toLowerCase()}${index + 1}@${story.domain}`,
    name: `${FIRST_NAMES[index % FIRST_NAMES.length]} ${index + 1}`,
    role: index === 0 ? 'owner' : 'member',
  }));
  data.accounts.push(accountRow(story, now));
  data.users.push(...people);

  let serial = 0;
  const record = (daysAgo: number, event: string, properties: Record<string, unknown> = {}, user?: string) => {
    recordAt(
      new Date(startOfUtcDay(now) - daysAgo * DAY_MS + (7 + random() * 11) * 3_600_000),
      event,
      properties,
      user,
    );
  };
  const recordAt = (timestamp: Date, event: string, properties: Record<string, unknown>, user?: string) => {
    serial += 1;
    if (timestamp > now) return;
    data.events.push({
      id: `${id}-${serial}`,
      account: id,
      ...(user && { user }),
      event,
      timestamp: timestamp.toISOString(),
      ...properties,
    });
  };

  const oldest = 'days' in story.age ? Math.min(DAYS - 1, story.age.days) : DAYS - 1;
  for (let daysAgo = oldest; daysAgo >= 0; daysAgo -= 1) {
    const working = isWorkingDay(daysLater(now, -daysAgo)) ? 1 : 0.15;
    const factor = (story.activity?.(daysAgo) ?? 1) * working;
    for (const [index, person] of people.entries()) {
      const gone = index === 0 && story.ownerLeft !== undefined && daysAgo < story.ownerLeft;
      if (!gone && random() < profile.activity * factor)
        actDay(profile, random, (event) => record(daysAgo, event, {}, person.id));
    }
    recordUsage(story, daysAgo, random, record);
    recordService(story, daysAgo, random, record);
  }
  if ('years' in story.age)
    for (let count = 0; count < profile.invited; count += 1)
      record(oldest - 1 - 17 * count, 'team member invited', {}, people[0]?.id);
  for (const { daysAgo, name, properties } of story.events ?? []) record(daysAgo, name, properties, people[0]?.id);
  for (const { minutesAgo, name, properties = {} } of story.lately ?? []) {
    // Today, also just after midnight.
    const time = Math.max(startOfUtcDay(now), now.getTime() - minutesAgo * 60_000);
    recordAt(new Date(time), name, properties, people.at(-1)?.id);
  }
  if (story.nps !== undefined) record(17, 'nps answered', { score: story.nps }, people[0]?.id);
}

function actDay({ habits: shares }: Profile, random: () => number, record: (event: Habit | 'signed in') => void): void {
  record('signed in');
  for (const habit of habits) if (random() < shares[habit]) record(habit);
}

type RecordEvent = (daysAgo: number, event: string, properties?: Record<string, unknown>) => void;

/** One report a day of what the account's own systems sent. */
function recordUsage({ profile, volume }: Story, daysAgo: number, random: () => number, record: RecordEvent): void {
  const total = (name: Volume) => {
    const trend = (1 + profile.growth) ** (-daysAgo / 30);
    return Math.round(profile.usage[name] * trend * (volume?.(daysAgo, name) ?? 1) * (0.97 + random() * 0.06));
  };
  const report = Object.fromEntries(
    volumes.filter((name) => profile.usage[name] > 0).map((name) => [name, total(name)]),
  );
  if (Object.keys(report).length > 0) record(daysAgo, 'usage reported', report);
}

/** Meetings, tickets, visits to the documentation and queries. */
function recordService({ profile }: Story, daysAgo: number, random: () => number, record: RecordEvent): void {
  const { meetingEvery, lastMeeting } = profile;
  if (meetingEvery > 0 && daysAgo >= lastMeeting && (daysAgo - lastMeeting) % meetingEvery === 0)
    record(daysAgo, 'meeting held');
  if (random() < profile.tickets / 30) {
    const properties = { type: random() < 0.4 ? 'defect' : 'question', priority: random() < 0.1 ? 'urgent' : 'normal' };
    record(daysAgo, 'ticket created', properties);
    if (daysAgo > 2) record(daysAgo - 2, 'ticket solved', properties);
  }
  for (let visit = random() * 2 * (profile.docsVisits / 7); visit >= 1; visit -= 1) record(daysAgo, 'docs visited');
  if (profile.usage.events === 0) return;
  for (let query = 0; query < 6; query += 1) {
    record(daysAgo, random() < profile.failureRate ? 'query failed' : 'query completed');
  }
}

function accountRow(story: Story, now: Date): Record<string, unknown> {
  const { sentiment, champion, buyer, ...traits } = story.traits;
  const days = 'days' in story.age ? story.age.days : story.age.years * 365;
  return {
    id: story.id,
    name: story.name,
    domain: story.domain,
    aliases: story.aliases ?? [],
    slack_channel_id: story.channel ?? null,
    csm_email: story.csm && `${story.csm}@bellwether.example`,
    segments: story.segments ?? [],
    arr: story.arr,
    mrr: Math.round((story.arr / 12) * 100) / 100,
    currency: 'USD',
    created_at: new Date(startOfUtcDay(now) - days * DAY_MS).toISOString(),
    renewal_date: daysLater(now, story.renewalIn).toISOString().slice(0, 10),
    product_count: story.profile.products,
    seats: story.seats,
    account_sentiment: sentiment,
    active_champion: champion,
    buyer_access: buyer,
    versions_behind: 1,
    ...traits,
  };
}

function daysLater(time: Date, days: number): Date {
  return new Date(time.getTime() + days * DAY_MS);
}

function startOfUtcDay(time: Date): number {
  return Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate());
}

function isWorkingDay(day: Date): boolean {
  return day.getUTCDay() !== 0 && day.getUTCDay() !== 6;
}
