import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seedWorkspace } from '../../../simulator/seed.ts';
import { findStoredTickets } from '../../../src/db/ticket-doctor.ts';
import { type Doctor, examineTicket, repairDiagnosed } from '../../../src/tickets/doctor.ts';
import { acmeShared, maya, outsider } from '../../bot.ts';
import { insertAccount } from '../../factories.ts';
import { runCli } from '../../run-cli.ts';
import { insertTicketPost } from '../../ticket-factories.ts';
import { react, type Support, startSupport, support, write } from './kit.ts';

const workspace = seedWorkspace();
let office: Support;
let doctor: Doctor;
let ts = '';
let id = 0;
let number = 0;

/** All clocks are behind by this: the command line leaves alone what is younger than a minute. */
const behindMs = 200_000;
const behind = () => new Date(Date.now() - behindMs);

beforeAll(async () => {
  office = await startSupport({ slack: { now: behind, workspace, eventRetryDelaysMs: [] }, zendesk: { now: behind } });
  const { db, deps, now } = office;
  const { slack, desk } = deps;
  doctor = { db, slack, desk, now, supportChannel: support, isStaffPublic: true, graceMs: 0 };
});
afterAll(() => office.close());

/** A ticket with two messages of the customer's, a reply of the agent's and a note. */
beforeEach(async () => {
  for (const table of ['tickets', 'accounts', 'slack_events'] as const) await office.db.deleteFrom(table).execute();
  await insertAccount(office.db, { id: 'acme', name: 'Acme Corp', slack_channel_id: acmeShared });
  ts = write(office, outsider, 'Exports fail');
  react(office, outsider, ts);
  await office.settle();
  number = Math.max(...office.zendesk.ticketIds);
  write(office, outsider, 'All of them', { thread_ts: ts });
  await office.settle();
  office.zendesk.reply(number, 'We look into it.', { public: true });
  office.zendesk.reply(number, 'Disk is full', { public: false });
  await due();
  await office.settle();
  id = (await office.db.selectFrom('tickets').select('id').executeTakeFirstOrThrow()).id;
});

const due = () => office.db.updateTable('tickets').set({ due_at: new Date() }).execute();

async function diagnose() {
  const stored = await findStoredTickets(office.db, { since: new Date(0), number: null, now: office.now() });
  return Promise.all(stored.map((ticket) => examineTicket(doctor, ticket)));
}

const kinds = async () => (await diagnose()).flatMap(({ findings }) => findings.map(({ kind }) => kind));

/** Sets right what differs, and does what is then to be done. */
async function repair() {
  for (const diagnosis of await diagnose()) await repairDiagnosed(doctor, diagnosis);
  await office.settle();
}

/** As if the agent's reply had never been posted. */
async function unpost(): Promise<void> {
  const posted = office.thread(ts).find(({ text }) => text.includes('We look into it.'));
  await office.deps.slack.chat.delete({ channel: acmeShared, ts: posted?.ts ?? '' });
}

const comments = () => office.comments(number).map(({ body }) => body.split('\n')[0]);
const thread = () => office.thread(ts).map(({ text }) => text);

test('finds nothing where nothing differs', async () => {
  // It waits for whom it reminds.
  const tomorrow = new Date(office.now().getTime() + 86_400_000);
  await insertTicketPost(office.db, {
    kind: 'ticket_reminder',
    ticket_id: id,
    due_at: tomorrow,
    created_at: new Date(0),
  });
  expect(await kinds()).toEqual([]);
  expect(comments()).toEqual(['Exports fail', 'All of them', 'We look into it.', 'Disk is full']);
  expect(thread().join('\n')).toContain('We look into it.');
});

describe('sets right, once, and finds nothing the second time:', () => {
  const damages: [string, string[], () => unknown][] = [
    [
      'a ticket that was never made at the help desk',
      ['not_created', 'messages_waiting'],
      async () => {
        await office.db
          .updateTable('tickets')
          .set({ desk_ticket_id: null, creating_at: null, request: null, last_comment_id: null, due_at: null })
          .execute();
        await office.db
          .updateTable('ticket_messages')
          .set({ state: 'waiting' })
          .where('origin', '=', 'thread')
          .execute();
      },
    ],
    [
      'a message that nobody took note of',
      ['messages_not_stored'],
      async () => {
        office.slack.connect('http://127.0.0.1:9/');
        write(office, outsider, 'And this?', { thread_ts: ts });
        await office.slack.waitForIdle(50);
      },
    ],
    [
      'a message that is not stored any more, though the help desk has it',
      ['messages_not_stored'],
      () => office.db.deleteFrom('ticket_messages').where('text', '=', 'All of them').execute(),
    ],
    [
      'a message that failed',
      ['messages_failed'],
      () =>
        office.db
          .updateTable('ticket_messages')
          .set({ state: 'failed', error: 'Too large.' })
          .where('text', '=', 'All of them')
          .execute(),
    ],
    [
      'a message that the help desk does not have where it is said to be',
      ['messages_not_at_desk'],
      () =>
        office.db
          .updateTable('ticket_messages')
          .set({ comment_id: '99' })
          .where('text', 'in', ['All of them', 'Exports fail'])
          .execute(),
    ],
    [
      'a message that waits though nobody works on it',
      ['messages_waiting'],
      () =>
        office.db.updateTable('ticket_messages').set({ state: 'waiting' }).where('text', '=', 'All of them').execute(),
    ],
    [
      'a comment that nobody took note of',
      ['comments_not_in_thread'],
      async () => {
        await unpost();
        await office.db.deleteFrom('ticket_messages').where('text', '=', 'We look into it.').execute();
      },
    ],
    [
      'a comment that never came into the outbox, and a card',
      ['posts_missing'],
      async () => {
        await unpost();
        await office.db.deleteFrom('messages').where('kind', 'in', ['ticket_reply', 'ticket_mirror']).execute();
      },
    ],
    [
      'a post that waits after failures',
      ['posts_waiting'],
      () => {
        office.slack.fault({ method: 'chat.postMessage', kind: 'error', error: 'restricted_action', count: 1 });
        office.zendesk.reply(number, 'Now it works.', { public: true });
        return due();
      },
    ],
    [
      'another status, severity and assignee at the help desk',
      ['out_of_step'],
      () =>
        office.db
          .updateTable('tickets')
          .set({ status: 'hold', severity: 'urgent', assignee_name: 'Ada', assignee_email: 'ada@support.example' })
          .execute(),
    ],
    [
      'a fault that is over',
      ['fault'],
      () => office.db.updateTable('tickets').set({ fault: 'The help desk cannot be reached.' }).execute(),
    ],
    [
      'a channel that was archived, and is not any more',
      ['fault'],
      () =>
        office.db
          .updateTable('tickets')
          .set({
            fault: 'The channel is archived in Slack: nothing can be posted in its threads until it is unarchived.',
          })
          .execute(),
    ],
    [
      'an account that its channel has',
      ['account_missing'],
      () => office.db.updateTable('tickets').set({ account_id: null }).execute(),
    ],
  ];

  test.each(damages)('%s', async (_what, expected, damage) => {
    await damage();
    if (expected.includes('posts_waiting')) {
      // Slack takes a post a second and channel.
      office.pass(5_000);
      for (const job of ['work-on-tickets', 'deliver-messages']) await office.deps.queue.enqueue(job, {});
    }
    office.slack.connect(office.eventsUrl);
    expect(await kinds()).toEqual(expected);
    const before = comments();
    await repair();
    expect(await kinds()).toEqual([]);
    await repair();
    expect(await kinds()).toEqual([]);
    // Nothing is anywhere twice.
    for (const all of [comments(), thread()]) expect(new Set(all).size).toBe(all.length);
    expect(comments().length).toBeGreaterThanOrEqual(before.length);
    expect(JSON.stringify(office.slack.messages(acmeShared, maya, ts))).not.toContain('Disk is full');
    const row = await office.db.selectFrom('tickets').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ id, account_id: 'acme', fault: null, desk_ticket_id: String(number) });
  });
});

test('where posts are not known any more, what agents said is not posted again', async () => {
  const before = thread();
  await office.db.deleteFrom('ticket_messages').where('text', '=', 'We look into it.').execute();
  expect((await diagnose())[0]).toMatchObject({
    findings: [
      { kind: 'posts_unknown', isMendable: false },
      { kind: 'comments_not_in_thread', isMendable: false },
    ],
    repair: null,
  });
  await repair();
  expect(thread()).toEqual(before);
});

test('a post of ours that somebody removed is noted and not posted again', async () => {
  await unpost();
  expect(await kinds()).toEqual(['posts_removed']);
  await repair();
  expect(await kinds()).toEqual([]);
  expect(thread().join('\n')).not.toContain('We look into it.');
});

test('what is gone, and what only people can set right, is said each time', async () => {
  office.zendesk.deleteTicket(number);
  expect((await diagnose())[0]?.findings).toMatchObject([{ kind: 'desk_ticket_gone', isMendable: false }]);
  expect((await diagnose())[0]?.repair).toBeNull();
  office.slack.fault({ method: 'conversations.replies', kind: 'error', error: 'not_in_channel' });
  expect(await kinds()).toEqual(['thread_unreadable', 'desk_ticket_gone']);
});

test('a channel that is archived is said to be until somebody unarchives it', async () => {
  const channel = workspace.channels.find((each) => each.id === acmeShared)!;
  const faultOf = async () => (await office.db.selectFrom('tickets').select('fault').executeTakeFirstOrThrow()).fault;
  channel.is_archived = true;
  expect(await kinds()).toEqual(['fault', 'channel_archived']);
  await repair();
  expect(await faultOf()).toMatch(/archived/);
  expect(await kinds()).toEqual(['channel_archived']);
  channel.is_archived = false;
  expect(await kinds()).toEqual(['fault']);
  await repair();
  expect(await kinds()).toEqual([]);
  expect(await faultOf()).toBeNull();
});

test('the comments of a ticket that this one was merged into are another conversation, and never read from the start', async () => {
  const root = write(office, outsider, 'Another matter');
  react(office, outsider, root);
  await office.settle();
  const target = Math.max(...office.zendesk.ticketIds);
  await office.db.deleteFrom('tickets').where('thread_ts', '=', root).execute();
  office.zendesk.reply(target, 'Said before, elsewhere', { public: true });
  office.zendesk.merge(number, target);
  await due();
  await office.settle();
  await office.db.deleteFrom('ticket_messages').where('comment_id', 'is not', null).execute();
  await repair();
  expect(thread().join('\n')).not.toContain('Said before, elsewhere');
});

describe('bellwether tickets', () => {
  const bellwether = (...args: string[]) =>
    runCli(['tickets', ...args], {
      env: {
        DATABASE_URL: office.url,
        SLACK_API_URL: office.deps.config.slack.apiUrl,
        SLACK_BOT_TOKEN: 'xoxb-test-token',
        ZENDESK_URL: office.deps.config.zendesk?.url ?? '',
        ZENDESK_EMAIL: office.deps.config.zendesk?.email ?? '',
        ZENDESK_API_TOKEN: office.deps.config.zendesk?.apiToken ?? '',
        SUPPORT_CHANNEL: support,
      },
    });

  test('lists the open ones, with links', async () => {
    const { code, stdout } = await bellwether('list');
    expect(code).toBe(0);
    expect(stdout).toContain(`#${number} Acme Corp: Exports fail`);
    expect(stdout).toContain('nobody has it');
    expect(stdout).toContain(`/agent/tickets/${number}`);
    await office.db.updateTable('tickets').set({ fault: 'It \u001b[31mbroke' }).execute();
    const faulty = await bellwether('list');
    expect(faulty.code).toBe(1);
    expect(faulty.stdout).toContain('wrong: It [31mbroke');
    expect(JSON.parse((await bellwether('list', '--json')).stdout)).toMatchObject([{ number: String(number) }]);
  });

  test('doctor says what differs, sets it right when told to, and then finds nothing', async () => {
    const past = new Date(Date.now() - 120_000);
    await office.db.updateTable('tickets').set({ created_at: past, due_at: null }).execute();
    // The clock of this test is ahead of that of the command line.
    await office.db.updateTable('recipients').set({ next_at: null, leased_until: null }).execute();
    await office.db.updateTable('messages').set({ due_at: past, created_at: past }).execute();
    await office.db.deleteFrom('ticket_messages').where('text', '=', 'All of them').execute();
    const found = await bellwether('doctor');
    expect(found).toMatchObject({ code: 1, stderr: '' });
    expect(found.stdout).toContain(`#${number} Acme Corp: Exports fail (${acmeShared}/${ts})`);
    expect(found.stdout).toContain('differs: 1 message of its thread nobody took note of');
    expect(found.stdout).toContain('bellwether tickets doctor --repair');
    const mended = await bellwether('doctor', '--ticket', `#${number}`, '--repair');
    expect(mended).toMatchObject({ code: 0, stderr: '' });
    expect(mended.stdout).toContain('set right: 1 message of its thread nobody took note of');
    const again = await bellwether('doctor', '--repair', '--json');
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ examined: 1, differing: [], mended: [] });
    expect((await bellwether('doctor')).stdout).toBe('Nothing differs in 1 ticket.\n');
    expect(comments()).toEqual(['Exports fail', 'All of them', 'We look into it.', 'Disk is full']);
  });

  test.each([
    [['doctor', '--ticket', 'x'], 2, /It is a number/],
    [['doctor', '--days', '-1'], 2, /whole number/],
    [['doctor', '--help'], 0, /Exit status/],
  ])('%s', async (args, code, words) => {
    const result = await bellwether(...args);
    expect(result.code).toBe(code);
    expect(result.stdout + result.stderr).toMatch(words);
  });
});
