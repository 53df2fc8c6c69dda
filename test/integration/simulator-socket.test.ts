import { App } from '@slack/bolt';
import { expect, onTestFinished, test } from 'vitest';
import { APP_TOKEN, BOT_TOKEN, CS_TEAM, client, MAYA, noLog, refusal, startSimulator } from './simulator-kit.ts';

async function startSocketMode(register: (app: App) => void) {
  const started = await startSimulator();
  const { apiUrl, simulator } = started;
  const app = new App({
    token: BOT_TOKEN,
    appToken: APP_TOKEN,
    socketMode: true,
    clientOptions: { slackApiUrl: apiUrl },
    logger: noLog,
  });
  register(app);
  await app.start();
  onTestFinished(async () => {
    await app.stop();
  });
  return { simulator, apiUrl };
}

test('a bot in Socket Mode gets commands, events and views over its connection', async () => {
  const heard: string[] = [];
  const { simulator } = await startSocketMode((app) => {
    app.command('/health', async ({ ack, command, client: web }) => {
      await ack({ text: 'Answered' });
      const title = { type: 'plain_text', text: 'Form' } as const;
      await web.views.open({
        trigger_id: command.trigger_id,
        view: { type: 'modal', callback_id: 'form', title, submit: title, blocks: [] },
      });
    });
    app.event('reaction_added', async ({ event }) => void heard.push(event.reaction));
    app.view('form', ({ ack }) => ack({ response_action: 'clear' }));
  });
  expect(await simulator.command(MAYA, CS_TEAM, '/health')).toEqual({ ok: true });
  expect(simulator.ephemerals(CS_TEAM, MAYA)).toMatchObject([{ text: 'Answered' }]);
  const [view] = await simulator.waitFor(() => simulator.views(MAYA).length > 0 && simulator.views(MAYA));
  expect(await simulator.submitView(MAYA, view?.id ?? '')).toEqual({ ok: true });
  const { ts = '' } = simulator.say(MAYA, CS_TEAM, 'a');
  simulator.react(MAYA, CS_TEAM, ts, 'eyes');
  await simulator.waitForIdle();
  expect(heard).toEqual(['eyes']);
});

test('an envelope that is not acknowledged comes again, marked as a retry', async () => {
  const { simulator, apiUrl } = await startSimulator({ answerTimeoutMs: 50, eventRetryDelaysMs: [0] });
  const { url = '' } = await client(apiUrl, APP_TOKEN).apps.connections.open({});
  const socket = new WebSocket(url);
  onTestFinished(() => socket.close());
  const envelopes: { type: string; retry_attempt?: number; retry_reason?: string; payload?: { event_id: string } }[] =
    [];
  socket.onmessage = ({ data }) => {
    const envelope = JSON.parse(String(data));
    if (envelope.type === 'hello') simulator.say(MAYA, CS_TEAM, 'Hello?');
    else envelopes.push(envelope);
  };
  await simulator.waitFor(() => simulator.journal.filter(({ kind }) => kind === 'reply').length === 2);
  expect(envelopes).toMatchObject([
    { type: 'events_api', retry_attempt: 0, retry_reason: '' },
    { type: 'events_api', retry_attempt: 1, retry_reason: 'timeout' },
  ]);
  expect(envelopes[0]?.payload?.event_id).toBe(envelopes[1]?.payload?.event_id);
});

test('a connection needs an app token, and a ticket that was not used', async () => {
  const { apiUrl } = await startSimulator();
  expect(await refusal(client(apiUrl).apps.connections.open({}))).toBe('not_allowed_token_type');
  const { url = '' } = await client(apiUrl, APP_TOKEN).apps.connections.open({});
  const attempt = () =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(url);
      socket.onopen = () => {
        socket.close();
        resolve('open');
      };
      socket.onerror = () => resolve('refused');
    });
  expect(await attempt()).toBe('open');
  expect(await attempt()).toBe('refused');
});

test('a bot told to refresh its connection comes back', async () => {
  const { simulator } = await startSocketMode((app) => app.command('/health', ({ ack }) => ack('Back')));
  const opened = () =>
    simulator.journal.filter((entry) => entry.kind === 'answer' && entry.method === 'apps.connections.open');
  expect(opened()).toHaveLength(1);
  simulator.refreshSockets();
  await simulator.waitFor(() => opened().length === 2, 15_000);
  await simulator.waitForIdle(500);
  expect(await simulator.command(MAYA, CS_TEAM, '/health')).toEqual({ ok: true });
});
