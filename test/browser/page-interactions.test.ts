import type { Button, KnownBlock, ModalView, PlainTextElement } from '@slack/types';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Simulator } from '../../simulator/types.ts';
import { CS_TEAM, MAYA, startBolt, startSimulator, TOM } from '../integration/simulator-kit.ts';
import { browserForTests, eventually } from './browser.ts';

const { open } = browserForTests();

const plain = (text: string): PlainTextElement => ({ type: 'plain_text', text });
const option = (value: string) => ({ text: plain(value), value });
const button = (text: string, action_id: string, rest: Partial<Button> = {}): Button => ({
  type: 'button',
  text: plain(text),
  action_id,
  ...rest,
});
const actions = (...elements: Button[]): KnownBlock => ({ type: 'actions', block_id: 'buttons', elements });

async function run(page: Page, line: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message #cs-team' }).fill(line);
  await page.keyboard.press('Enter');
}

/** The interactions of one type that the bot was told of. */
const told = (simulator: Simulator, type: string) =>
  simulator.journal.flatMap((entry) =>
    entry.kind === 'delivery' && entry.what === 'interaction' && entry.body.type === type ? [entry.body] : [],
  );

const TICKET: ModalView = {
  type: 'modal',
  callback_id: 'ticket',
  title: plain('New ticket'),
  submit: plain('Create'),
  notify_on_close: true,
  blocks: [
    {
      type: 'input',
      block_id: 'title',
      label: plain('Title'),
      element: { type: 'plain_text_input', action_id: 'text' },
    },
    {
      type: 'input',
      block_id: 'priority',
      label: plain('Priority'),
      element: { type: 'static_select', action_id: 'level', options: ['Low', 'Normal', 'Urgent'].map(option) },
    },
    {
      type: 'input',
      block_id: 'watchers',
      label: plain('Watchers'),
      optional: true,
      element: { type: 'multi_users_select', action_id: 'people' },
    },
    {
      type: 'input',
      block_id: 'kind',
      label: plain('Kind'),
      element: { type: 'radio_buttons', action_id: 'kind', options: ['Bug', 'Question'].map(option) },
    },
  ],
};

async function startTicketBot(): Promise<{ simulator: Simulator; url: string }> {
  const { simulator, url, apiUrl } = await startSimulator();
  const app = await startBolt(simulator, apiUrl);
  app.command('/health', async ({ ack, client, body }) => {
    await ack();
    await client.views.open({ trigger_id: body.trigger_id, view: TICKET });
  });
  app.view('ticket', async ({ ack, view }) => {
    const taken = view.state.values.title?.text?.value === 'Taken';
    await (taken ? ack({ response_action: 'errors', errors: { title: 'There is one of that name.' } }) : ack());
  });
  app.view({ callback_id: 'ticket', type: 'view_closed' }, async ({ ack }) => ack());
  return { simulator, url };
}

describe('commands and buttons', () => {
  it('answers a command with a message for oneself only, whose button tells the bot', async () => {
    const { simulator, url, apiUrl } = await startSimulator();
    const app = await startBolt(simulator, apiUrl);
    app.command('/health', async ({ ack, respond, command }) => {
      await ack();
      await respond({
        text: `Health of ${command.text}`,
        blocks: [
          { type: 'header', text: plain(`Health of ${command.text}`) },
          actions(button('Why', 'why', { value: 'acme', style: 'primary' })),
        ],
      });
    });
    app.action('why', async ({ ack, respond }) => {
      await ack();
      await respond({ text: 'Because of logins', replace_original: false });
    });
    const page = await open(url);
    const colleague = await open(url, { user: TOM });
    await run(page, '/health acme');
    await page.getByRole('heading', { name: 'Health of acme' }).waitFor();
    await page.getByText('Only visible to you').waitFor();
    await page.getByRole('button', { name: 'Why' }).click();
    await page.getByText('Because of logins').waitFor();
    expect(told(simulator, 'block_actions')).toMatchObject([{ user: { id: MAYA }, actions: [{ value: 'acme' }] }]);
    expect(await colleague.getByText('Health of acme').count()).toBe(0);
  });

  it('offers the commands while / is typed and completes the chosen one', async () => {
    const { url } = await startSimulator();
    const page = await open(url);
    await page.keyboard.type('/he');
    await page.getByRole('option', { name: '/health How an account does' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.getByRole('textbox', { name: 'Message #cs-team' }).inputValue()).toBe('/health ');
  });

  it('passes on what Slack says of a command that nobody answers', async () => {
    const { url } = await startSimulator();
    const page = await open(url);
    await run(page, '/health acme');
    await page.getByRole('alert').getByText('/health failed with the error "dispatch_failed"').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await page.getByText('dispatch_failed').count()).toBe(0);
  });

  it('asks before a button with a confirmation, and does nothing when refused', async () => {
    const { simulator, url, web, apiUrl } = await startSimulator();
    const app = await startBolt(simulator, apiUrl);
    app.action('share', async ({ ack }) => ack());
    const confirm = {
      title: plain('Share it?'),
      text: plain('All will see it.'),
      confirm: plain('Share'),
      deny: plain('Keep'),
    };
    await web.chat.postMessage({
      channel: CS_TEAM,
      text: 'x',
      blocks: [actions(button('Share to channel', 'share', { confirm }))],
    });
    const page = await open(url);
    await page.getByRole('button', { name: 'Share to channel' }).click();
    await page.getByRole('alertdialog', { name: 'Share it?' }).getByRole('button', { name: 'Keep' }).click();
    expect(told(simulator, 'block_actions')).toEqual([]);
    await page.getByRole('button', { name: 'Share to channel' }).click();
    await page.getByRole('alertdialog', { name: 'Share it?' }).getByRole('button', { name: 'Share' }).click();
    await eventually(() => told(simulator, 'block_actions').length).toBe(1);
  });

  it('delivers what is chosen in a select, an overflow menu and a date', async () => {
    const { simulator, url, web, apiUrl } = await startSimulator();
    const app = await startBolt(simulator, apiUrl);
    app.action(/./, async ({ ack }) => ack());
    const blocks: KnownBlock[] = [
      {
        type: 'section',
        text: { type: 'mrkdwn', text: 'Which one?' },
        accessory: {
          type: 'static_select',
          action_id: 'account',
          placeholder: plain('Account'),
          options: ['Acme', 'Globex', 'Initech'].map(option),
        },
      },
      {
        type: 'section',
        text: { type: 'mrkdwn', text: 'More' },
        accessory: { type: 'overflow', action_id: 'more', options: [option('Mute')] },
      },
      { type: 'actions', elements: [{ type: 'datepicker', action_id: 'day', placeholder: plain('Day') }] },
    ];
    await web.chat.postMessage({ channel: CS_TEAM, text: 'x', blocks });
    const page = await open(url);
    const account = page.getByRole('combobox', { name: 'Account' });
    await account.fill('glo');
    expect(await page.getByRole('listbox', { name: 'Account' }).getByRole('option').allInnerTexts()).toEqual([
      'Globex',
    ]);
    await account.press('Enter');
    await eventually(() => account.inputValue()).toBe('Globex');
    await page.getByRole('button', { name: 'More options' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Mute' }).press('Enter');
    await page.getByLabel('Day').fill('2026-12-24');
    await eventually(() => told(simulator, 'block_actions').length).toBe(3);
    expect(told(simulator, 'block_actions').flatMap(({ actions: done }) => done)).toMatchObject([
      { action_id: 'account', selected_option: { value: 'Globex' } },
      { action_id: 'more', selected_option: { value: 'Mute' } },
      { action_id: 'day', selected_date: '2026-12-24' },
    ]);
  });
});

describe('modals', () => {
  it('shows what is wrong at the field, then submits what was entered', async () => {
    const { simulator, url } = await startTicketBot();
    const page = await open(url);
    await run(page, '/health');
    const dialog = page.getByRole('dialog', { name: 'New ticket' });
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('Please complete this required field.').first().waitFor();
    expect(await dialog.getByText('Please complete this required field.').count()).toBe(3);

    const title = dialog.getByRole('textbox', { name: 'Title' });
    await title.fill('Taken');
    await dialog.getByRole('combobox', { name: 'Priority' }).click();
    await dialog.getByRole('option', { name: 'Urgent' }).click();
    await dialog.getByRole('combobox', { name: 'Watchers' }).fill('tom');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await dialog.getByRole('radio', { name: 'Question' }).check();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('There is one of that name.').waitFor();
    expect(await title.getAttribute('aria-invalid')).toBe('true');
    expect(await title.evaluate((field) => field === document.activeElement)).toBe(true);

    await title.fill('Login broken');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(told(simulator, 'view_submission').at(-1)).toMatchObject({
      view: {
        state: {
          values: {
            title: { text: { value: 'Login broken' } },
            priority: { level: { selected_option: { value: 'Urgent' } } },
            watchers: { people: { selected_users: [TOM] } },
            kind: { kind: { selected_option: { value: 'Question' } } },
          },
        },
      },
    });
  });

  it('closes on Escape, tells the bot that asked, and gives the focus back', async () => {
    const { simulator, url } = await startTicketBot();
    const page = await open(url);
    await run(page, '/health');
    const dialog = page.getByRole('dialog', { name: 'New ticket' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await eventually(() => told(simulator, 'view_closed').length).toBe(1);
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    expect(focused).toBe('Message #cs-team');
  });

  it('is filled in by keyboard alone, the focus staying inside', async () => {
    const { simulator, url } = await startTicketBot();
    const page = await open(url);
    await run(page, '/health');
    await page.getByRole('dialog', { name: 'New ticket' }).waitFor();
    await page.keyboard.type('By keyboard');
    for (const key of ['Tab', 'ArrowDown', 'ArrowDown', 'Enter', 'Tab', 'Tab', 'Space', 'Tab', 'Tab', 'Enter']) {
      await page.keyboard.press(key);
    }
    await eventually(() => told(simulator, 'view_submission').length).toBe(1);
    expect(told(simulator, 'view_submission')[0]).toMatchObject({
      view: {
        state: {
          values: {
            title: { text: { value: 'By keyboard' } },
            priority: { level: { selected_option: { value: 'Normal' } } },
            kind: { kind: { selected_option: { value: 'Bug' } } },
          },
        },
      },
    });
  });

  it('stacks what is pushed and keeps the first one’s entries', async () => {
    const { simulator, url, apiUrl } = await startSimulator();
    const app = await startBolt(simulator, apiUrl);
    const first: ModalView = {
      ...TICKET,
      blocks: [...TICKET.blocks.slice(0, 1), actions(button('Details', 'details'))],
    };
    app.command('/health', async ({ ack, client, body }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view: first });
    });
    app.action('details', async ({ ack, client, body }) => {
      await ack();
      if (!('trigger_id' in body)) return;
      const blocks: KnownBlock[] = [{ type: 'section', text: plain('Many details') }];
      await client.views.push({
        trigger_id: body.trigger_id,
        view: { type: 'modal', title: plain('Details'), blocks },
      });
    });
    const page = await open(url);
    await run(page, '/health');
    await page.getByRole('textbox', { name: 'Title' }).fill('Half written');
    await page.getByRole('button', { name: 'Details' }).click();
    await page.getByRole('dialog', { name: 'Details' }).getByText('Many details').waitFor();
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('dialog', { name: 'New ticket' }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Title' }).inputValue()).toBe('Half written');
  });
});

describe('the Home tab', () => {
  it('tells the bot that it was opened, shows what it publishes and delivers its buttons', async () => {
    const { simulator, url, apiUrl } = await startSimulator();
    const app = await startBolt(simulator, apiUrl);
    const home = (text: string): KnownBlock[] => [
      { type: 'section', text: plain(text), accessory: button('Refresh', 'refresh') },
    ];
    app.event('app_home_opened', async ({ client, event }) => {
      await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: home('Your accounts') } });
    });
    app.action('refresh', async ({ ack, client, body }) => {
      await ack();
      await client.views.publish({ user_id: body.user.id, view: { type: 'home', blocks: home('Fresh accounts') } });
    });
    const page = await open(url);
    await page.getByRole('button', { name: 'Bellwether App' }).click();
    await page.getByRole('tab', { name: 'Home' }).click();
    await page.getByText('Your accounts').waitFor();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('Fresh accounts').waitFor();
    expect(simulator.home(MAYA)?.blocks).toHaveLength(1);
  });
});
