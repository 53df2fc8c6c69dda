import type { Kysely } from 'kysely';
import type { Database } from '../../../src/db/types.ts';
import { computeMetricsForDays } from '../../../src/metrics/compute.ts';
import type { AccountMetrics, CompiledMetric } from '../../../src/metrics/types.ts';
import { insertEvents } from '../../factories.ts';

/** An event as tests write it: `account`, `name` and when; the rest has defaults. */
export type TestEvent = {
  account?: string;
  name: string;
  at: string;
  user?: string;
  properties?: Record<string, unknown>;
};

export type TestAccount = {
  id?: string;
  arr?: number;
  mrr?: number;
  created_at?: string;
  renewal_date?: string;
  traits?: Record<string, unknown>;
};

export type TestUser = { account?: string; id: string; created_at?: string; traits?: Record<string, unknown> };

/** Stores accounts, users and events; users that only events name are added, the default account is `acme`. */
export async function store(
  db: Kysely<Database>,
  given: { accounts?: readonly TestAccount[]; users?: readonly TestUser[]; events?: readonly TestEvent[] },
): Promise<void> {
  const { accounts = [{}], users = [], events = [] } = given;
  await db
    .insertInto('accounts')
    .values(
      accounts.map(({ id = 'acme', traits = {}, ...fields }) => ({
        id,
        name: id,
        ...fields,
        traits: JSON.stringify(traits),
      })),
    )
    .execute();
  const known = new Map(users.map((user) => [`${user.account ?? 'acme'} ${user.id}`, user]));
  for (const { account = 'acme', user } of events) {
    if (user && !known.has(`${account} ${user}`)) known.set(`${account} ${user}`, { account, id: user });
  }
  if (known.size > 0) {
    await db
      .insertInto('users')
      .values(
        [...known.values()].map(({ account = 'acme', id, created_at, traits = {} }) => ({
          account_id: account,
          id,
          created_at: created_at ?? null,
          traits: JSON.stringify(traits),
        })),
      )
      .execute();
  }
  const rows = events.map(({ account = 'acme', name, at, user, properties }, index) => ({
    account_id: account,
    id: `e${index}`,
    user_id: user ?? null,
    name,
    occurred_at: at,
    properties: properties ?? {},
  }));
  await insertEvents(db, rows);
}

/** The metrics of each account on one day, by account id. */
export async function computeMetrics(
  db: Kysely<Database>,
  metrics: readonly CompiledMetric[],
  { day, ...request }: { accountIds: readonly string[]; day: string; now: Date; timeZone: string },
): Promise<Map<string, AccountMetrics>> {
  const results = await computeMetricsForDays(db, metrics, { ...request, days: [day] });
  return results.get(day) ?? new Map();
}
