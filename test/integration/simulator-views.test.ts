import type { App, ViewResponseAction } from '@slack/bolt';
import { describe, expect, test } from 'vitest';
import type { Simulator, SimulatorOptions } from '../../simulator/types.ts';
import { CS_TEAM, MAYA, refusal, startBolt, startSimulator } from './simulator-kit.ts';

const plain = (text: string) => ({ type: 'plain_text', text }) as const;
const input = (id: string, rest: object = {}) => ({
  type: 'input',
  block_id: id,
  label: plain(id),
  element: { type: 'plain_text_input', action_id: 'text', ...rest },
});
const modal = (title: string, rest: object = {}) => ({
  type: 'modal',
  callback_id: 'form',
  title: plain(title),
  submit: plain('Save'),
  blocks: [input('name')],
  ...rest,
});

/** A bot whose /health opens `view`, and that answers its submission with what `answer` says. */
async function withModal(
  view: object,
  answer: (values: string) => ViewResponseAction | undefined = () => undefined,
  register: (app: App) => void = () => undefined,
  options: Partial<SimulatorOptions> = {},
) {
  const { simulator, apiUrl, web } = await startSimulator(options);
  const app = await startBolt(simulator, apiUrl);
  app.command('/health', async ({ ack, client, command }) => {
    await ack();
    await client.views.open({ trigger_id: command.trigger_id, view: view as never });
  });
  app.view('form', async ({ ack, view: sent }) => {
    const response = answer(sent.state.values.name?.text?.value ?? '');
    await (response ? ack(response) : ack());
  });
  register(app);
  await simulator.command(MAYA, CS_TEAM, '/health');
  await simulator.waitForIdle();
  return { simulator, web, view: top(simulator) };
}

const top = (simulator: Simulator) => simulator.views(MAYA).at(-1)?.id ?? '';
const name = (value: string) => ({ name: { text: { value } } });

describe('a modal', () => {
  test('shows the errors the bot answers, keeps what was typed, and closes once it is right', async () => {
    const { simulator, view } = await withModal(modal('Rename'), (value) =>
      value === 'taken' ? { response_action: 'errors', errors: { name: 'This name is taken' } } : undefined,
    );
    expect(await simulator.submitView(MAYA, view, name('taken'))).toEqual({
      ok: false,
      errors: { name: 'This name is taken' },
    });
    expect(simulator.views(MAYA)[0]?.state.values.name?.text?.value).toBe('taken');
    expect(await simulator.submitView(MAYA, view, name('free'))).toEqual({ ok: true });
    expect(simulator.views(MAYA)).toEqual([]);
  });

  test('is not sent while a field is missing or too long', async () => {
    const { simulator, view } = await withModal(modal('Rename', { blocks: [input('name', { max_length: 3 })] }));
    expect(await simulator.submitView(MAYA, view)).toEqual({
      ok: false,
      errors: { name: 'Please complete this required field.' },
    });
    expect(await simulator.submitView(MAYA, view, name('four'))).toMatchObject({
      ok: false,
      errors: { name: /no more than 3/ },
    });
    const sent = simulator.journal.filter((entry) => entry.kind === 'delivery' && entry.what === 'interaction');
    expect(sent).toEqual([]);
  });

  test('is updated, pushed upon and cleared by response_action', async () => {
    const { simulator, view } = await withModal(modal('First'), (value) => {
      if (value === 'update') return { response_action: 'update', view: modal('Second') as never };
      if (value === 'push') return { response_action: 'push', view: modal('Third') as never };
      return { response_action: 'clear' };
    });
    const titles = () => simulator.views(MAYA).map(({ title }) => title);
    await simulator.submitView(MAYA, view, name('update'));
    expect(titles()).toEqual(['Second']);
    await simulator.submitView(MAYA, top(simulator), name('push'));
    expect(titles()).toEqual(['Second', 'Third']);
    expect(simulator.views(MAYA)[1]).toMatchObject({ previous_view_id: view, root_view_id: view });
    await simulator.submitView(MAYA, top(simulator), name('clear'));
    expect(titles()).toEqual([]);
  });

  test('stays open when the answer is no view, or names a block that is none', async () => {
    const { simulator, view } = await withModal(modal('First'), (value) =>
      value === 'errors'
        ? { response_action: 'errors', errors: { nowhere: 'Wrong' } }
        : { response_action: 'update', view: modal('x'.repeat(25)) as never },
    );
    expect(await simulator.submitView(MAYA, view, name('errors'))).toEqual({
      ok: false,
      error: 'invalid_response_errors',
    });
    expect(await simulator.submitView(MAYA, view, name('update'))).toMatchObject({
      ok: false,
      error: expect.stringContaining('must be less than 25 characters [json-pointer:/view/title/text]'),
    });
    expect(simulator.views(MAYA)).toMatchObject([{ title: 'First' }]);
  });

  test('that is closed tells the bot only if it asked to know', async () => {
    const closed: string[] = [];
    const hear = (app: App) =>
      app.view({ callback_id: 'form', type: 'view_closed' }, async ({ ack, view }) => {
        closed.push(view.id);
        await ack();
      });
    const quiet = await withModal(modal('Quiet'), undefined, hear);
    await quiet.simulator.closeView(MAYA, quiet.view);
    expect(closed).toEqual([]);
    const loud = await withModal(modal('Loud', { notify_on_close: true }), undefined, hear);
    await loud.simulator.closeView(MAYA, loud.view);
    expect(closed).toEqual([loud.view]);
    expect(loud.simulator.views(MAYA)).toEqual([]);
  });

  test('keeps what was typed when a button in it changes it', async () => {
    const actions = { type: 'actions', elements: [{ type: 'button', text: plain('More'), action_id: 'more' }] };
    const { simulator, view } = await withModal(
      modal('Form', { blocks: [input('name'), actions] }),
      undefined,
      (app) => {
        app.action('more', async ({ ack, body, client }) => {
          await ack();
          if (!('view' in body) || !body.view) return;
          const { id, hash } = body.view;
          const longer = modal('Form', { blocks: [input('name'), input('more')] });
          await client.views.update({ view_id: id, hash, view: longer as never });
        });
      },
    );
    await simulator.act(MAYA, { view_id: view }, { action_id: 'more' }, name('Maya'));
    await simulator.waitFor(
      () => simulator.views(MAYA)[0]?.blocks.length === 2 && simulator.views(MAYA)[0]?.blocks[1]?.block_id === 'more',
    );
    expect(simulator.views(MAYA)[0]?.state.values).toEqual({
      name: { text: { type: 'plain_text_input', value: 'Maya' } },
      more: { text: { type: 'plain_text_input', value: null } },
    });
  });
});

describe('views', () => {
  const triggerOf = (simulator: Simulator) => {
    const [entry] = simulator.journal.filter((each) => each.kind === 'delivery').slice(-1);
    return String(entry?.kind === 'delivery' ? entry.body.trigger_id : '');
  };

  test('open with a trigger once, and only while it is three seconds young', async () => {
    let at = Date.UTC(2026, 10, 2);
    const { simulator, web } = await withModal(modal('First'), undefined, undefined, { now: () => new Date(at) });
    const open = () => refusal(web.views.open({ trigger_id: triggerOf(simulator), view: modal('Again') as never }));
    expect(await open()).toBe('exchanged_trigger_id');
    await simulator.shortcut(MAYA, 'new_ticket');
    at += 3001;
    expect(await open()).toBe('expired_trigger_id');
    expect(await refusal(web.views.open({ trigger_id: 'made-up', view: modal('Again') as never }))).toBe(
      'invalid_trigger_id',
    );
  });

  test('that are wrong, old or not there are refused', async () => {
    const { simulator, web, view } = await withModal(modal('First', { external_id: 'mine' }));
    const update = (args: object) => refusal(web.views.update({ view: modal('New') as never, ...args } as never));
    expect(await update({ view_id: view, view: modal('x'.repeat(25)) })).toBe('invalid_arguments');
    expect(await update({ view_id: view, hash: 'old' })).toBe('hash_conflict');
    expect(await update({ view_id: 'V0NOWHERE' })).toBe('not_found');
    expect(await update({ external_id: 'mine' })).toBe('ok');
    expect(simulator.views(MAYA)).toMatchObject([{ title: 'New' }]);
  });

  test('can be pushed from a modal, three deep', async () => {
    const button = { type: 'actions', elements: [{ type: 'button', text: plain('Deeper'), action_id: 'deeper' }] };
    const deep = (title: string) => modal(title, { blocks: [button] });
    const answers: string[] = [];
    const { simulator } = await withModal(deep('1'), undefined, (app) => {
      app.action('deeper', async ({ ack, body, client }) => {
        await ack();
        const trigger_id = 'trigger_id' in body ? body.trigger_id : '';
        answers.push(await refusal(client.views.push({ trigger_id, view: deep(`${answers.length + 2}`) as never })));
      });
    });
    for (let press = 1; press <= 3; press += 1) {
      await simulator.press(MAYA, { view_id: top(simulator) }, 'deeper');
      await simulator.waitFor(() => answers.length === press);
    }
    expect(answers).toEqual(['ok', 'ok', 'push_limit_reached']);
    await simulator.closeView(MAYA, top(simulator));
    expect(simulator.views(MAYA).map(({ title }) => title)).toEqual(['1', '2']);
  });

  test('of Home are published to one person', async () => {
    const { simulator, web } = await startSimulator();
    const home = (text: string) => ({ type: 'home' as const, blocks: [{ type: 'section', text: plain(text) }] });
    const first = await web.views.publish({ user_id: MAYA, view: home('One') });
    await web.views.publish({ user_id: MAYA, view: home('Two'), hash: first.view?.hash ?? '' });
    expect(simulator.home(MAYA)).toMatchObject({ id: first.view?.id, blocks: [{ text: { text: 'Two' } }] });
    const old = web.views.publish({ user_id: MAYA, view: home('Three'), hash: first.view?.hash ?? '' });
    expect(await refusal(old)).toBe('hash_conflict');
    expect(await refusal(web.views.publish({ user_id: MAYA, view: modal('No') as never }))).toBe('invalid_arguments');
  });
});
