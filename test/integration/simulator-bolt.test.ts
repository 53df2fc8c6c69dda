import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../simulator/journal.ts';
import type { Simulator, SimulatorOptions } from '../../simulator/types.ts';
import { BOT, CS_TEAM, MAYA, PRIYA, SHARED, startBolt, startSimulator, TOM } from './simulator-kit.ts';

const plain = (text: string) => ({ type: 'plain_text', text }) as const;
const button = (text: string, value = text) =>
  ({ type: 'button', text: plain(text), action_id: 'press', value }) as const;
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } }) as const;

async function start(register: (app: App) => void, options: Partial<SimulatorOptions> = {}) {
  const { simulator, apiUrl, web } = await startSimulator(options);
  register(await startBolt(simulator, apiUrl));
  return { simulator, web, apiUrl };
}

type Of<K extends JournalEntry['kind']> = Extract<JournalEntry, { kind: K }>;
const entries = <K extends JournalEntry['kind']>(simulator: Simulator, kind: K) =>
  simulator.journal.filter((entry): entry is Of<K> => entry.kind === kind);
const interactions = (simulator: Simulator) =>
  entries(simulator, 'delivery').flatMap(({ what, body }) => (what === 'interaction' ? [body] : []));
const last = (simulator: Simulator, user: string) => simulator.messages(CS_TEAM, user).at(-1);

describe('a slash command', () => {
  test('is answered through its response_url to the one who typed it', async () => {
    const { simulator } = await start((app) => {
      app.command('/health', async ({ ack, command, respond }) => {
        await ack();
        await respond({ text: `You asked for ${command.text}`, blocks: [section('Healthy')] });
      });
    });
    expect(await simulator.command(MAYA, CS_TEAM, '/health  Ben & Jerry ')).toEqual({ ok: true });
    await simulator.waitFor(() => simulator.ephemerals(CS_TEAM, MAYA).length);
    expect(last(simulator, MAYA)).toMatchObject({ text: 'You asked for Ben &amp; Jerry', user: BOT, ephemeral: true });
    expect(simulator.messages(CS_TEAM, TOM)).toEqual([]);
  });

  test('says who typed it where, people of other workspaces included', async () => {
    const { simulator } = await start((app) => app.command('/health', ({ ack }) => ack()));
    await simulator.command(PRIYA, SHARED, '/health');
    expect(entries(simulator, 'delivery')[0]?.body).toMatchObject({
      command: '/health',
      text: '',
      user_id: PRIYA,
      team_id: 'T02ACMECORP',
      channel_id: SHARED,
      channel_name: 'acme-shared',
    });
  });

  test('can be answered at once, for all to see', async () => {
    const { simulator } = await start((app) => {
      app.command('/health', ({ ack }) => ack({ text: 'All well', response_type: 'in_channel' }));
    });
    await simulator.command(MAYA, CS_TEAM, '/health');
    expect(last(simulator, TOM)).toMatchObject({ text: 'All well', ephemeral: false });
  });

  test('that is unknown or fails is told to its user by Slack', async () => {
    const { simulator } = await start((app) => {
      app.command('/health', async () => {
        throw new Error('broken');
      });
    });
    expect(await simulator.command(MAYA, CS_TEAM, '/sickness')).toEqual({ ok: false, error: 'invalid_command' });
    expect(await simulator.command(MAYA, CS_TEAM, '/health')).toEqual({ ok: false, error: 'dispatch_failed' });
    expect(simulator.notices(MAYA)).toEqual([
      expect.stringContaining('/sickness is not a valid command'),
      '/health failed with the error "dispatch_failed"',
    ]);
  });

  test('that is not answered in time has timed out', async () => {
    const { simulator } = await start((app) => app.command('/health', async () => undefined), { answerTimeoutMs: 50 });
    expect(await simulator.command(MAYA, CS_TEAM, '/health')).toEqual({ ok: false, error: 'operation_timeout' });
  });

  test('signed or dated wrongly is refused by the bot', async () => {
    const { simulator } = await start((app) => app.command('/health', ({ ack }) => ack()));
    for (const how of ['secret', 'timestamp'] as const) {
      simulator.signWrongly(how);
      expect(await simulator.command(MAYA, CS_TEAM, '/health')).toEqual({ ok: false, error: 'dispatch_failed' });
    }
    expect(await simulator.command(MAYA, CS_TEAM, '/health')).toEqual({ ok: true });
    expect(entries(simulator, 'reply').map(({ status }) => status)).toEqual([401, 401, 200]);
  });
});

describe('a response_url', () => {
  test('works five times, within half an hour', async () => {
    let at = Date.UTC(2026, 10, 2);
    const { simulator } = await start((app) => app.command('/health', ({ ack }) => ack()), { now: () => new Date(at) });
    const send = async (body: object) => {
      const url = String(entries(simulator, 'delivery').at(-1)?.body.response_url);
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      return `${response.status} ${await response.text()}`;
    };
    await simulator.command(MAYA, CS_TEAM, '/health');
    for (let use = 1; use <= 5; use += 1) expect(await send({ text: `${use}` })).toBe('200 ok');
    expect(await send({ text: '6' })).toBe('404 {"ok":false,"error":"used_url"}');
    expect(simulator.ephemerals(CS_TEAM, MAYA)).toHaveLength(5);

    await simulator.command(MAYA, CS_TEAM, '/health');
    expect(await send({ blocks: [{ type: 'banner' }] })).toBe('400 {"ok":false,"error":"invalid_blocks"}');
    at += 30 * 60_000 + 1;
    expect(await send({ text: 'late' })).toBe('404 {"ok":false,"error":"expired_url"}');
  });

  test('fails as scripted', async () => {
    const { simulator } = await start((app) => app.command('/health', ({ ack }) => ack()));
    await simulator.command(MAYA, CS_TEAM, '/health');
    const url = String(entries(simulator, 'delivery')[0]?.body.response_url);
    const send = () => fetch(url, { method: 'POST', body: '{"text":"a"}' });
    simulator.fault({ method: 'response_url', kind: 'status', status: 500 });
    simulator.fault({ method: 'response_url', kind: 'lost' });
    expect((await send()).status).toBe(500);
    await expect(send()).rejects.toThrow('fetch failed');
    expect(simulator.ephemerals(CS_TEAM, MAYA)).toHaveLength(1);
  });
});

describe('a button', () => {
  const answering = (body: (value: string) => object) => (app: App) => {
    app.action<BlockAction<ButtonAction>>('press', async ({ ack, action, respond }) => {
      await ack();
      await respond(body(action.value ?? '') as never);
    });
  };

  test('of a message replaces it or takes it away', async () => {
    const { simulator, web } = await start(
      answering((value) =>
        value === 'gone' ? { delete_original: true } : { replace_original: true, text: `Pressed ${value}` },
      ),
    );
    const blocks = [
      { type: 'actions', elements: [button('Again'), { ...button('Gone', 'gone'), action_id: 'press2' }] },
    ];
    const { ts = '' } = await web.chat.postMessage({ channel: CS_TEAM, text: 'Press', blocks } as never);
    const place = { channel: CS_TEAM, ts };
    expect(await simulator.press(TOM, place, 'press')).toEqual({ ok: true });
    await simulator.waitFor(() => last(simulator, MAYA)?.text === 'Pressed Again');
    expect(last(simulator, MAYA)).toMatchObject({ ts, edited: true, blocks: [] });
    expect(interactions(simulator)[0]).toMatchObject({
      type: 'block_actions',
      user: { id: TOM, team_id: 'T01BELLWTHR' },
      container: { type: 'message', message_ts: ts, channel_id: CS_TEAM, is_ephemeral: false },
      message: { ts, text: 'Press' },
      actions: [{ type: 'button', action_id: 'press', value: 'Again' }],
    });
    expect(await simulator.press(TOM, place, 'press')).toEqual({ ok: false, error: 'no_such_element' });
  });

  test('of a message that is gone by now brings nothing back', async () => {
    const { simulator, web } = await start((app) => app.action('press', ({ ack }) => ack()));
    const blocks = [{ type: 'actions', elements: [button('Go')] }];
    const { ts = '' } = await web.chat.postMessage({ channel: CS_TEAM, text: 'a', blocks } as never);
    await simulator.press(MAYA, { channel: CS_TEAM, ts }, 'press');
    await web.chat.delete({ channel: CS_TEAM, ts });
    const url = String(interactions(simulator)[0]?.response_url);
    for (const change of ['replace_original', 'delete_original']) {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify({ [change]: true, text: 'b' }) });
      expect([response.status, await response.text()]).toEqual([400, '{"ok":false,"error":"message_not_found"}']);
    }
    expect(simulator.messages(CS_TEAM, MAYA)).toEqual([]);
  });

  test('of an ephemeral message is pressed only by its reader, and comes without the message', async () => {
    const { simulator, web } = await start(answering(() => ({ delete_original: true })));
    const blocks = [{ type: 'actions', elements: [button('Go')] }];
    const { message_ts: ts = '' } = await web.chat.postEphemeral({
      channel: CS_TEAM,
      user: MAYA,
      text: 'a',
      blocks,
    } as never);
    const place = { channel: CS_TEAM, ts };
    expect(await simulator.press(TOM, place, 'press')).toEqual({ ok: false, error: 'not_found' });
    expect(await simulator.press(MAYA, place, 'press', 'Go')).toEqual({ ok: true });
    await simulator.waitFor(() => simulator.messages(CS_TEAM, MAYA).length === 0);
    const [body] = interactions(simulator);
    expect(body).toMatchObject({ container: { is_ephemeral: true } });
    expect(body).not.toHaveProperty('message');
  });

  test('and every other element sends what was chosen', async () => {
    const { simulator, web } = await start((app) => app.action(/.*/, ({ ack }) => ack()));
    const option = (value: string) => ({ text: plain(value), value });
    const options = [option('a'), option('b')];
    const elements = [
      { type: 'static_select', action_id: 'one', options },
      { type: 'overflow', action_id: 'menu', options },
      { type: 'radio_buttons', action_id: 'radio', options },
      { type: 'checkboxes', action_id: 'boxes', options },
      { type: 'multi_static_select', action_id: 'many', options },
      { type: 'datepicker', action_id: 'date', initial_date: '2026-11-01' },
      { type: 'users_select', action_id: 'user' },
    ];
    const blocks = [
      { type: 'actions', block_id: 'first', elements: elements.slice(0, 4) },
      { type: 'actions', elements: elements.slice(4, 5) },
      { type: 'actions', elements: elements.slice(5) },
    ];
    const { ts = '' } = await web.chat.postMessage({ channel: CS_TEAM, text: 'a', blocks } as never);
    const place = { channel: CS_TEAM, ts };
    for (const id of ['one', 'menu', 'radio', 'boxes', 'many']) {
      expect(await simulator.select(MAYA, place, id, 'b')).toEqual({ ok: true });
    }
    await simulator.act(MAYA, place, { action_id: 'date', selected_date: '2026-11-02' });
    await simulator.act(MAYA, place, { action_id: 'user', selected_user: TOM });
    expect(await simulator.select(MAYA, place, 'one', 'z')).toEqual({ ok: false, error: 'no_such_option' });
    const actions = interactions(simulator).flatMap((body) => body.actions as object[]);
    expect(actions).toMatchObject([
      { type: 'static_select', block_id: 'first', selected_option: option('b') },
      { type: 'overflow', selected_option: option('b') },
      { type: 'radio_buttons', selected_option: option('b') },
      { type: 'checkboxes', selected_options: [option('b')] },
      { type: 'multi_static_select', selected_options: [option('b')] },
      { type: 'datepicker', selected_date: '2026-11-02', initial_date: '2026-11-01' },
      { type: 'users_select', selected_user: TOM },
    ]);
  });

  test('within a card or a container is pressed like any other, and carries the id of its own block', async () => {
    const { simulator, web } = await start((app) => app.action(/.*/, ({ ack }) => ack()));
    const row = (action_id: string) => ({ type: 'actions', elements: [{ ...button('Go'), action_id }] });
    const card = (value: string) => ({ type: 'card', title: plain(value), actions: [button('Open', value)] });
    const blocks = [
      { type: 'container', title: plain('Box'), child_blocks: [row('first'), { ...row('second'), block_id: 'mine' }] },
      { type: 'carousel', elements: [card('one'), card('two')] },
    ];
    const { ts = '' } = await web.chat.postMessage({ channel: CS_TEAM, text: 'a', blocks } as never);
    const place = { channel: CS_TEAM, ts };
    for (const id of ['first', 'second']) expect(await simulator.press(MAYA, place, id)).toEqual({ ok: true });
    for (const value of ['one', 'two'])
      expect(await simulator.press(MAYA, place, 'press', value)).toEqual({ ok: true });
    const sent = interactions(simulator).flatMap((body) => body.actions as { block_id: string; value: string }[]);
    expect(sent.map(({ value }) => value)).toEqual(['Go', 'Go', 'one', 'two']);
    expect(sent[1]?.block_id).toBe('mine');
    expect(new Set(sent.map(({ block_id }) => block_id)).size).toBe(4);
  });

  test('of an external select asks the bot for its options', async () => {
    const { simulator, web } = await start((app) => {
      app.options('account', async ({ ack, options }) => {
        await ack({ options: [{ text: plain(`${options.value}me`), value: 'acme' }] });
      });
    });
    const element = { type: 'external_select', action_id: 'account', min_query_length: 1 };
    const blocks = [{ type: 'actions', elements: [element] }];
    const { ts = '' } = await web.chat.postMessage({ channel: CS_TEAM, text: 'a', blocks } as never);
    const answer = await simulator.options(MAYA, { channel: CS_TEAM, ts }, 'account', 'Ac');
    expect(answer).toMatchObject({ ok: true, options: [{ text: { text: 'Acme' }, value: 'acme' }] });
  });
});

describe('the options of an external select', () => {
  const option = (value: string) => ({ text: plain(value), value });
  const many = (count: number) => Array.from({ length: count }, (_, index) => option(`o${index}`));

  test.each<[what: string, answer: object, ok: boolean]>([
    ['100 options', { options: many(100) }, true],
    ['none', { options: [] }, true],
    ['groups', { option_groups: [{ label: plain('a'), options: many(100) }] }, true],
    ['101 options', { options: many(101) }, false],
    ['101 in a group', { option_groups: [{ label: plain('a'), options: many(101) }] }, false],
    ['a text of 76 characters', { options: [{ ...option('a'), text: plain('x'.repeat(76)) }] }, false],
    ['neither options nor groups', {}, false],
  ])('may be as many as Slack takes: %s', async (_what, answer, ok) => {
    const { simulator, web } = await start((app) =>
      app.options('account', async ({ ack }) => {
        await ack(answer as never);
      }),
    );
    const blocks = [{ type: 'actions', elements: [{ type: 'external_select', action_id: 'account' }] }];
    const { ts = '' } = await web.chat.postMessage({ channel: CS_TEAM, text: 'a', blocks } as never);
    const outcome = await simulator.options(MAYA, { channel: CS_TEAM, ts }, 'account', 'a');
    expect(outcome).toEqual(ok ? { ok: true, ...answer } : { ok: false, error: 'invalid_options' });
  });
});

describe('events', () => {
  test('reach the bot with the message, mention, reaction and Home', async () => {
    const heard: string[] = [];
    const { simulator } = await start((app) => {
      app.message(async ({ message }) => void heard.push(`message ${'text' in message ? message.text : ''}`));
      app.event('app_mention', async ({ event }) => void heard.push(`mention ${event.text}`));
      app.event('reaction_added', async ({ event }) => void heard.push(`reaction ${event.reaction}`));
      app.event('app_home_opened', async ({ event }) => void heard.push(`home ${event.tab}`));
      app.event('member_joined_channel', async ({ event }) => void heard.push(`joined ${event.user}`));
    });
    const { ts = '' } = simulator.say(MAYA, CS_TEAM, 'Hi @bellwether');
    await simulator.waitForIdle();
    simulator.react(TOM, CS_TEAM, ts, 'ticket');
    simulator.openHome(MAYA);
    simulator.join(PRIYA, CS_TEAM);
    await simulator.waitForIdle();
    expect(heard.slice(0, 2).sort()).toEqual([`mention Hi <@${BOT}>`, `message Hi <@${BOT}>`]);
    expect(heard.slice(2).sort()).toEqual(['home home', `joined ${PRIYA}`, 'reaction ticket']);
  });

  test('of places the bot is not in, or that it did not ask for, do not', async () => {
    const { simulator } = await start(() => undefined, { events: ['message.im'] });
    simulator.say(MAYA, CS_TEAM, 'In a channel');
    simulator.say(MAYA, simulator.dm(MAYA, TOM), 'Between us');
    simulator.say(MAYA, simulator.dm(MAYA), 'To you');
    await simulator.waitForIdle();
    expect(entries(simulator, 'delivery').map(({ body }) => (body.event as { text: string }).text)).toEqual(['To you']);
  });

  test('that are not answered with 200 come again with the same id, until they are', async () => {
    const heard: string[] = [];
    const { simulator } = await start((app) => {
      app.event('reaction_added', async ({ body }) => {
        heard.push(body.event_id);
        if (heard.length < 3) throw new Error('not yet');
      });
    });
    const { ts = '' } = simulator.say(MAYA, CS_TEAM, 'a');
    simulator.react(TOM, CS_TEAM, ts, 'eyes');
    await simulator.waitFor(() => heard.length === 3 && entries(simulator, 'reply').at(-1)?.status === 200);
    expect(new Set(heard).size).toBe(1);
    const attempts = entries(simulator, 'delivery').filter(({ id }) => id === heard[0]);
    expect(attempts.map(({ attempt, retry_reason }) => [attempt, retry_reason])).toEqual([
      [0, null],
      [1, 'http_error'],
      [2, 'http_error'],
    ]);
  });

  test('to a bot that is away are tried four times', async () => {
    const { simulator } = await startSimulator();
    simulator.connect('http://127.0.0.1:9/slack/events');
    simulator.say(MAYA, CS_TEAM, 'Hello?');
    const attempts = () => entries(simulator, 'reply').map(({ body }) => body);
    await simulator.waitFor(() => attempts().length === 4);
    expect(attempts()).toEqual(Array(4).fill('connection_failed'));
  });

  test("of the bot's own making can be sent by a test", async () => {
    const heard: string[] = [];
    const { simulator } = await start((app) =>
      app.event('team_join', async ({ event }) => void heard.push(event.type)),
    );
    expect(await simulator.sendEvent({ type: 'team_join', user: { id: MAYA } })).toEqual({ ok: true });
    expect(heard).toEqual(['team_join']);
  });
});

describe('a shortcut', () => {
  test('opens a modal, on a message with that message', async () => {
    const { simulator } = await start((app) => {
      app.shortcut('make_ticket', async ({ ack, shortcut, client }) => {
        await ack();
        const text = shortcut.type === 'message_action' ? (shortcut.message.text ?? '') : '';
        await client.views.open({
          trigger_id: shortcut.trigger_id,
          view: { type: 'modal', title: plain('Ticket'), blocks: [section(text)] },
        });
      });
    });
    const { ts = '' } = simulator.say(MAYA, CS_TEAM, 'It broke');
    expect(await simulator.shortcut(TOM, 'make_ticket')).toEqual({ ok: false, error: 'no_such_shortcut' });
    expect(await simulator.shortcut(TOM, 'make_ticket', { channel: CS_TEAM, ts })).toEqual({ ok: true });
    await simulator.waitFor(() => simulator.views(TOM).length);
    expect(simulator.views(TOM)).toMatchObject([{ title: 'Ticket', blocks: [{ text: { text: 'It broke' } }] }]);
  });
});
