import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomNumbers } from '../../../simulator/demo/random.ts';
import type { Simulator } from '../../../simulator/types.ts';
import { upsertPreferences } from '../../../src/db/alert-preferences.ts';
import { insertAlertMessage } from '../../alert-factories.ts';
import { acmeShared, maya, outsider } from '../../bot.ts';
import type { ChildOrders } from '../../delivery-child.ts';
import { buildVictim, moments, untilGone, type Victim } from '../../kill-process.ts';
import type { Kill } from '../../killable.ts';
import { insertTicket, insertTicketMessage, insertTicketPost } from '../../ticket-factories.ts';
import { botToken, fallback, type Office, openOffice } from './kit.ts';

const runs = 200;
const lanes = 4;
const hour = 60 * 60_000;

let victim: Victim<ChildOrders>;
const offices: Office[] = [];
beforeAll(async () => {
  victim = await buildVictim('delivery-child.ts');
  for (let lane = 0; lane < lanes; lane += 1) offices.push(await openOffice());
});
afterAll(async () => {
  await Promise.all(offices.map((office) => office.close()));
  await victim.remove();
});

type Sent = { id: number; alertIds: readonly number[] };

/** Sets something up to be delivered; each begins an hour after what was delivered before. */
const scenarios: Record<string, (office: Office) => Promise<Sent[]>> = {
  'two alerts to somebody new': async (office) => {
    await office.db.updateTable('recipients').set({ slack_user_id: null, channel_id: null, found_at: null }).execute();
    return alerts(office, 2);
  },
  'a burst': (office) => alerts(office, 5),
  'two alerts more for a group': async (office) => {
    const group = await alerts(office, 4);
    await office.deliverAll({ recipientsAtOnce: 1 });
    office.turnTo(60_000);
    return [...group, ...(await alerts(office, 2))];
  },
  'a change of a message': async (office) => {
    const sent = await alerts(office, 1);
    await office.deliverAll({ recipientsAtOnce: 1 });
    office.turnTo(60_000);
    const ids = sent.flatMap(({ alertIds }) => alertIds);
    await office.db.updateTable('alerts').set({ state: 'acknowledged' }).where('id', 'in', ids).execute();
    await office.db
      .updateTable('messages')
      .set({ version: 2 })
      .where('id', '=', sent[0]?.id ?? 0)
      .execute();
    return sent;
  },
  'an alert whose CSM is gone': (office) => alerts(office, 1, 'nora@bellwether.example'),
  'a digest': async (office) => {
    await upsertPreferences(
      office.db,
      'ana@bellwether.example',
      { quietHours: null, quietWeekend: false, digestAt: '09:00' },
      office.now(),
    );
    const sent = await alerts(office, 3, 'ana@bellwether.example');
    await office.deliverAll({ recipientsAtOnce: 1 });
    const { due_at } = await office.db
      .selectFrom('messages')
      .select('due_at')
      .where('id', '=', sent[0]?.id ?? 0)
      .executeTakeFirstOrThrow();
    office.turnTo(due_at);
    return sent;
  },
  "a ticket's card and two replies in its thread": async (office) => {
    const said = await office.slack.say(outsider, acmeShared, 'It fails');
    const ticket = await insertTicket(office.db, said.ok ? { thread_ts: said.ts } : {});
    const post = { ticket_id: ticket, due_at: office.now() };
    const sent = [await insertTicketPost(office.db, { kind: 'ticket', ...post })];
    for (let index = 0; index < 2; index += 1) {
      const ticket_message_id = await insertTicketMessage(office.db, { ticket_id: ticket });
      sent.push(await insertTicketPost(office.db, { kind: 'ticket_reply', ticket_message_id, ...post }));
    }
    return sent.map((id) => ({ id, alertIds: [] }));
  },
};

async function alerts(
  office: Office,
  count: number,
  owner: string | null = 'maya@bellwether.example',
): Promise<Sent[]> {
  const made: Sent[] = [];
  for (let index = 0; index < count; index += 1)
    made.push(await insertAlertMessage(office.db, { owner_email: owner, due_at: office.now() }));
  return made;
}

async function runChild(office: Office, kill: Kill | null): Promise<{ killed: boolean; steps: string[] }> {
  return victim.run({
    databaseUrl: office.url,
    apiUrl: office.apiUrl,
    token: botToken,
    fallbackChannel: fallback,
    now: office.now().getTime(),
    kill,
  });
}

/** What the dead process had asked for may still be under way in the database and in Slack. */
async function settled(office: Office): Promise<void> {
  await untilGone(office.db, 'delivery-child');
  await office.slack.waitForIdle(10);
}

/** Each alert stands in one message, all of which were posted once and say what is so. */
async function faultsOf(office: Office, sent: readonly Sent[], before: number): Promise<string[]> {
  const alertIds = sent.flatMap((message) => message.alertIds);
  const faults = alertIds.length === 0 ? await faultsOfThread(office, sent) : [];
  const stored =
    alertIds.length === 0
      ? []
      : await office.db
          .selectFrom('alerts')
          .innerJoin('messages', 'messages.id', 'alerts.message_id')
          .select(['alerts.account_id', 'alerts.state', 'messages.id', 'messages.ts', 'messages.status'])
          .where('alerts.id', 'in', alertIds)
          .execute();
  const texts = [maya, 'U01ANARUIZ0', fallback].flatMap((where) => office.messages(where));
  for (const { account_id, state, ts } of stored) {
    const standing = texts.filter(({ text: words }) => new RegExp(`\\b${account_id} `).test(words));
    if (standing.length !== 1) faults.push(`${account_id} stands in ${standing.length} messages`);
    if (standing[0]?.ts !== ts) faults.push(`${account_id} stands in another message than is known`);
    if (!standing[0]?.text.includes(`${account_id} ${state}`)) faults.push(`${account_id} is not said to be ${state}`);
  }
  const isPost = (entry: Simulator['journal'][number]) => entry.kind === 'post' && entry.user !== outsider;
  const posts = office.slack.journal.slice(before).filter(isPost).length;
  const messages = alertIds.length === 0 ? sent.length : new Set(stored.map(({ id }) => id)).size;
  if (posts !== messages) faults.push(`${posts} posts for ${messages} messages`);
  const waiting = await office.db.selectFrom('messages').select('id').where('status', '=', 'waiting').execute();
  if (waiting.length > 0) faults.push(`${waiting.length} messages still wait`);
  return faults;
}

/** Each stands once, where it is known to, and in the order in which they came. */
async function faultsOfThread(office: Office, sent: readonly Sent[]): Promise<string[]> {
  const faults: string[] = [];
  const stored = await office.db
    .selectFrom('messages')
    .select(['id', 'kind', 'ts'])
    .where(
      'id',
      'in',
      sent.map(({ id }) => id),
    )
    .orderBy('id')
    .execute();
  for (const { id, kind, ts } of stored) {
    const standing = office.posts().filter(({ text: words }) => words.startsWith(`${kind} ${id}: `));
    if (standing.length !== 1) faults.push(`${kind} stands in ${standing.length} messages`);
    if (standing[0]?.ts !== ts) faults.push(`${kind} stands in another message than is known`);
  }
  const order = stored.map(({ ts }) => Number(ts));
  if (order.some((at, index) => index > 0 && at <= (order[index - 1] ?? 0))) faults.push('the order is another');
  return faults;
}

type Plan = { scenario: string; what: string; kill: Kill };

/** Every step of every scenario, what writes to Slack at every moment, and as many more as make up the runs. */
async function planRuns(): Promise<Plan[]> {
  const pick = randomNumbers(4);
  const choose = <T>(list: readonly T[]) => list[Math.floor(pick() * list.length)] as T;
  const plans: Plan[] = [];
  const rest: Plan[] = [];
  const [office] = offices as [Office];
  for (const [scenario, setUp] of Object.entries(scenarios)) {
    office.turnTo(hour);
    await setUp(office);
    const { steps } = await runChild(office, null);
    for (const [index, what] of steps.entries()) {
      const all = moments.map((when) => ({ scenario, what, kill: { step: index + 1, when } }));
      const taken = what.startsWith('chat.') ? all : [choose(all)];
      plans.push(...taken);
      rest.push(...all.filter((plan) => !taken.includes(plan)));
    }
  }
  while (plans.length < runs) plans.push(...rest.splice(Math.floor(pick() * rest.length), 1));
  return plans;
}

test('a process killed at any step of a delivery leaves each alert to be told exactly once', async () => {
  const plans = await planRuns();
  expect(plans.length).toBeGreaterThanOrEqual(runs);
  const waiting = [...plans];
  const faults: string[] = [];
  let killed = 0;
  await Promise.all(
    offices.map(async (office) => {
      for (let plan = waiting.pop(); plan; plan = waiting.pop()) {
        const { scenario, what, kill } = plan;
        office.turnTo(hour);
        const before = office.slack.journal.length;
        const sent = await scenarios[scenario]?.(office);
        if ((await runChild(office, kill)).killed) killed += 1;
        await settled(office);
        office.turnTo(60_000);
        await office.deliverAll({ recipientsAtOnce: 1 });
        const found = await faultsOf(office, sent ?? [], before);
        faults.push(...found.map((fault) => `${scenario}, killed ${kill.when} ${what} (${kill.step}): ${fault}`));
      }
    }),
  );
  expect(faults).toEqual([]);
  expect(killed).toBe(plans.length);
}, 120_000);
