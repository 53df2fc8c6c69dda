import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { refusalOf } from './failures.ts';
import { findHome, findPerson, type Home, type Person } from './identity.ts';

/** What somebody is to us, and what they are called. Good for a name beside a message; it grants nothing. */
export type KnownPerson = {
  id: string;
  /** `staff` are full members of our workspace; guests and people of other companies are `customer`. */
  kind: 'customer' | 'staff' | 'bot';
  name: string;
  email: string | null;
};

/** Somebody writes a thousand messages and is looked up once. */
const knownForMs = 5 * 60_000;

/** Slack's own helper, which Slack describes as if it were a person. */
const slackbot = 'USLACKBOT';

type Known<T> = Map<string, { at: number; found: Promise<T> }>;
const people = new WeakMap<WebClient, Known<KnownPerson>>();
const names = new WeakMap<WebClient, Known<string | null>>();

const unknown = new Set(['user_not_found', 'users_not_found', 'user_not_visible']);
const lookupSchema = z.object({ user: z.object({ id: z.string() }) });

/** Who somebody is, as of some minutes ago at most. Whom Slack does not know is a customer. Throws when it does not tell for now. */
export function findKnownPerson(slack: WebClient, userId: string, now: Date): Promise<KnownPerson> {
  return remember(people, slack, userId, now, async () => {
    const home = findHome(slack);
    try {
      const person = await findPerson(slack, userId);
      return { id: userId, kind: kindOf(person, await home), name: person.name ?? userId, email: person.email };
    } catch (error) {
      if (!unknown.has(refusalOf(error) ?? '')) throw error;
      return { id: userId, kind: 'customer', name: 'Somebody', email: null };
    }
  });
}

/** What the person with an address is called; the address itself where nobody in Slack has it. */
export async function findNameByEmail(slack: WebClient, email: string, now: Date): Promise<string> {
  const name = await remember(names, slack, email, now, async () => {
    try {
      const { user } = lookupSchema.parse(await slack.users.lookupByEmail({ email }));
      return (await findKnownPerson(slack, user.id, now)).name;
    } catch (error) {
      if (!unknown.has(refusalOf(error) ?? '')) throw error;
      return null;
    }
  });
  return name ?? email;
}

/** Whether somebody is a full member of our workspace or organisation. */
export function isOurs(person: Pick<Person, 'teamId' | 'enterpriseId'>, home: Home): boolean {
  return person.teamId === home.teamId || (home.enterpriseId !== null && person.enterpriseId === home.enterpriseId);
}

function kindOf(person: Person, home: Home): KnownPerson['kind'] {
  if (person.kind === 'bot' || person.id === slackbot) return 'bot';
  const isStaff = person.kind === 'member' || person.kind === 'deactivated';
  return isStaff && isOurs(person, home) ? 'staff' : 'customer';
}

function remember<T>(
  all: WeakMap<WebClient, Known<T>>,
  slack: WebClient,
  key: string,
  now: Date,
  ask: () => Promise<T>,
): Promise<T> {
  const known: Known<T> = all.get(slack) ?? new Map();
  all.set(slack, known);
  const last = known.get(key);
  if (last && Math.abs(now.getTime() - last.at) < knownForMs) return last.found;
  const found = ask();
  known.set(key, { at: now.getTime(), found });
  found.catch(() => known.delete(key));
  return found;
}
