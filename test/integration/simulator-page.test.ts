import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createSimulator } from '../../simulator/simulator.ts';
import type { PageMessage, PageState, StreamEvent } from '../../simulator/types.ts';
import {
  BOT,
  BOT_TOKEN,
  CS_TEAM,
  client,
  GIL,
  LEADS,
  MAYA,
  NORA,
  PRIYA,
  RANDOM,
  SHARED,
  SIGNING_SECRET,
  startBolt,
  startSimulator,
  TOM,
} from './simulator-kit.ts';

function pageOf(url: string) {
  const get = async (path: string) => (await fetch(url + path)).json();
  const post = async (path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  const messages = async (user: string, channel: string, rest = '') =>
    ((await get(`/sim/messages?user=${user}&channel=${channel}${rest}`)) as { messages: PageMessage[] }).messages;
  return { get, post, messages };
}

/** Collects a person's stream until the test ends. */
async function follow(url: string, user: string, since = ''): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const response = await fetch(`${url}/sim/stream?user=${user}${since}`, { signal: stop.signal });
  const read = async () => {
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += new TextDecoder().decode(chunk);
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const data = /^data: (.*)$/m.exec(part)?.[1];
        if (data) events.push(JSON.parse(data) as StreamEvent);
      }
    }
  };
  read().catch(() => undefined);
  return events;
}

test('the page gets the workspace as the person sees it', async () => {
  const { url } = await startSimulator();
  const { get } = pageOf(url);
  const state = (await get(`/sim/state?user=${MAYA}`)) as PageState;
  expect(state).toMatchObject({ me: MAYA, team: { id: 'T01BELLWTHR' }, bot: { user_id: BOT }, views: [] });
  expect(state.people).toContain(PRIYA);
  expect(state.people).not.toContain(NORA);
  expect(state.people).not.toContain(BOT);
  const names = (each: PageState) => each.channels.map(({ id }) => id);
  expect(names(state)).toEqual(expect.arrayContaining([CS_TEAM, RANDOM, SHARED]));
  expect(names(state)).not.toContain(LEADS);
  expect(state.channels.find(({ user }) => user === BOT)).toMatchObject({ kind: 'im' });
  const outsider = (await get(`/sim/state?user=${PRIYA}`)) as PageState;
  expect(names(outsider)).toEqual([SHARED]);
  expect(await get('/sim/state?user=U0NOBODY')).toEqual({ ok: false, error: 'user_not_found' });
  expect(await get('/sim/state')).toMatchObject({ me: MAYA });
});

test('the composer posts messages, replies and commands', async () => {
  const { url, apiUrl, simulator } = await startSimulator();
  const app = await startBolt(simulator, apiUrl);
  app.command('/health', ({ ack, command }) => ack(`Healthy: ${command.text}`));
  const { post, messages } = pageOf(url);
  const said = (await post('/sim/message', { user: MAYA, channel: CS_TEAM, text: 'Hello' })) as { ts: string };
  await post('/sim/message', { user: TOM, channel: CS_TEAM, text: 'Hi', thread_ts: said.ts });
  expect(await post('/sim/message', { user: MAYA, channel: CS_TEAM, text: '/health acme' })).toEqual({ ok: true });
  expect(await messages(MAYA, CS_TEAM)).toMatchObject([
    { text: 'Hello', user: MAYA, reply_count: 1, reply_users: [TOM] },
    { text: 'Healthy: acme', user: BOT, ephemeral: true },
  ]);
  expect(await messages(MAYA, CS_TEAM, `&thread_ts=${said.ts}`)).toMatchObject([{ text: 'Hello' }, { text: 'Hi' }]);
  expect(await messages(GIL, CS_TEAM)).toEqual([]);
  expect(await post('/sim/message', { user: GIL, channel: CS_TEAM, text: 'a' })).toMatchObject({
    error: 'channel_not_found',
  });
  expect(
    await post('/sim/message', { user: MAYA, channel: CS_TEAM, text: '/health', thread_ts: said.ts }),
  ).toMatchObject({
    error: 'not_supported_in_threads',
  });
});

test('the stream tells each person what they may see, as it happens', async () => {
  const { url, web, simulator } = await startSimulator();
  const { post } = pageOf(url);
  const [maya, priya] = [await follow(url, MAYA), await follow(url, PRIYA)];
  const { ts = '' } = await web.chat.postMessage({ channel: SHARED, text: 'For all' });
  await post('/sim/reaction', { user: TOM, channel: SHARED, ts, name: 'eyes' });
  await post('/sim/reaction', { user: PRIYA, channel: SHARED, ts, name: 'eyes' });
  await web.chat.postEphemeral({ channel: SHARED, user: MAYA, text: 'For Maya' });
  await web.chat.delete({ channel: SHARED, ts });
  await simulator.waitForIdle();
  const kinds = (events: StreamEvent[]) =>
    events.map((event) => (event.type === 'message' ? event.message.text : event.type));
  expect(kinds(maya)).toEqual(['For all', 'For all', 'For all', 'For Maya', 'message_removed']);
  expect(kinds(priya)).toEqual(['For all', 'For all', 'For all', 'message_removed']);
  const late = await follow(url, MAYA, '&since=0');
  await simulator.waitForIdle();
  expect(kinds(late)).toEqual(kinds(maya));
});

test('buttons, modals and Home work through the page', async () => {
  const { url, apiUrl, web, simulator } = await startSimulator();
  const app = await startBolt(simulator, apiUrl);
  const plain = (text: string) => ({ type: 'plain_text', text }) as const;
  const input = {
    type: 'input',
    block_id: 'name',
    label: plain('Name'),
    element: { type: 'plain_text_input', action_id: 'text' },
  };
  app.action('open', async ({ ack, body, client }) => {
    await ack();
    const view = { type: 'modal', callback_id: 'form', title: plain('Form'), submit: plain('Send'), blocks: [input] };
    await client.views.open({ trigger_id: 'trigger_id' in body ? body.trigger_id : '', view: view as never });
  });
  app.view('form', async ({ ack, view }) => {
    const isFree = view.state.values.name?.text?.value === 'free';
    await (isFree ? ack() : ack({ response_action: 'errors', errors: { name: 'Taken' } }));
  });
  app.event('app_home_opened', async ({ event, client }) => {
    await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'divider' }] } });
  });
  const button = { type: 'button', action_id: 'open', text: plain('Open') };
  const blocks = [{ type: 'actions', block_id: 'row', elements: [button] }];
  const { ts } = await web.chat.postMessage({ channel: CS_TEAM, text: 'a', blocks } as never);

  const { get, post } = pageOf(url);
  const events = await follow(url, MAYA);
  const action = { type: 'button', block_id: 'row', action_id: 'open' };
  expect(await post('/sim/action', { user: MAYA, channel: CS_TEAM, ts, action })).toEqual({ ok: true });
  await simulator.waitFor(() => simulator.views(MAYA).length);
  const view_id = simulator.views(MAYA)[0]?.id;
  const submit = (value: string) =>
    post('/sim/view', {
      user: MAYA,
      view_id,
      submit: true,
      state: { name: { text: { type: 'plain_text_input', value } } },
    });
  expect(await submit('taken')).toEqual({ ok: false, errors: { name: 'Taken' } });
  expect(await submit('free')).toEqual({ ok: true });
  expect(await get(`/sim/home?user=${MAYA}`)).toEqual({ view: null });
  await simulator.waitFor(() => simulator.home(MAYA));
  await simulator.waitForIdle();
  expect(events.map((event) => (event.type === 'views' ? event.views.length : event.type))).toEqual([1, 0, 'home']);
  expect(await get(`/sim/home?user=${MAYA}`)).toMatchObject({ view: { type: 'home', blocks: [{ type: 'divider' }] } });
});

test('the page can script faults, open DMs and read the journal', async () => {
  const { url, web } = await startSimulator();
  const { get, post } = pageOf(url);
  expect(await post('/sim/fault', { method: 'auth.test', kind: 'error', error: 'fatal_error' })).toEqual({ ok: true });
  await expect(web.auth.test()).rejects.toMatchObject({ data: { error: 'fatal_error' } });
  expect(await post('/sim/open', { user: MAYA, other: TOM })).toMatchObject({
    ok: true,
    channel: { kind: 'im', user: TOM },
  });
  const { journal } = (await get('/sim/journal')) as { journal: { kind: string }[] };
  expect(journal.map(({ kind }) => kind)).toEqual(['call', 'fault', 'answer']);
});

test('a faulty request of the page is refused with what is wrong', async () => {
  const { url } = await startSimulator();
  const { post } = pageOf(url);
  expect(await post('/sim/message', { user: MAYA })).toMatchObject({
    ok: false,
    error: expect.stringContaining('channel'),
  });
  const form = await fetch(`${url}/sim/message`, { method: 'POST', body: new URLSearchParams({ user: MAYA }) });
  expect(form.status).toBe(415);
  expect((await fetch(`${url}/sim/nothing`)).status).toBe(404);
});

test('a simulator takes its commands and scopes from the manifest unless told otherwise', async () => {
  const simulator = createSimulator({ signingSecret: SIGNING_SECRET, botToken: BOT_TOKEN });
  onTestFinished(() => simulator.close());
  const { url, apiUrl } = await simulator.listen();
  const { commands } = (await pageOf(url).get('/sim/state')) as PageState;
  expect(commands.map(({ command }) => command)).toContain('/health');
  const { response_metadata } = await client(apiUrl).auth.test();
  expect(response_metadata?.scopes).toContain('chat:write');
});

test('a simulator serves its page and leaves other paths to the server it is mounted in', async () => {
  const simulator = createSimulator({ signingSecret: SIGNING_SECRET, botToken: BOT_TOKEN, scopes: [] });
  const server = createServer(async (req, res) => {
    if (!(await simulator.handle(req, res))) res.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await simulator.close();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const page = await fetch(`${url}/`);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect((await fetch(`${url}/slack/events`)).status).toBe(418);
  expect((await fetch(`${url}/page/nothing.js`)).status).toBe(418);
});
