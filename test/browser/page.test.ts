import type { KnownBlock } from '@slack/types';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { BOT, CS_TEAM, MAYA, RANDOM, startBolt, startSimulator, TOM } from '../integration/simulator-kit.ts';
import { browserForTests, eventually } from './browser.ts';

const { open } = browserForTests();

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const composer = (page: Page) => page.getByRole('textbox', { name: /^Message / });
const messages = (page: Page) => page.getByRole('log').first().getByRole('listitem');

async function send(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

describe('channels and DMs', () => {
  it('shows what others write, as it happens, and marks other channels unread', async () => {
    const { simulator, url } = await startSimulator();
    simulator.say(TOM, CS_TEAM, 'Written before');
    const page = await open(url);
    await page.getByText('Written before').waitFor();
    simulator.say(TOM, CS_TEAM, 'Written *after*, 5 < 6 & so on');
    await page.getByText('after, 5 < 6 & so on').waitFor();
    simulator.say(TOM, RANDOM, 'Elsewhere');
    await page.getByRole('button', { name: 'random 1 unread' }).click();
    await page.getByText('Elsewhere').waitFor();
    expect(await page.getByRole('heading', { level: 2, name: '#random' }).isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: 'random', exact: true }).getAttribute('aria-current')).toBe('page');
  });

  it('sends what is written, with names turned into mentions', async () => {
    const { simulator, url } = await startSimulator();
    const page = await open(url);
    await send(page, 'Ask @Tom Okafor in #support about <b>');
    await page.getByText('Ask @Tom Okafor in #support about <b>').waitFor();
    expect(simulator.messages(CS_TEAM, MAYA).at(-1)).toMatchObject({
      user: MAYA,
      text: 'Ask <@U01TOMOKAFO> in <#C01SUPPORT0|support> about &lt;b&gt;',
    });
    expect(await composer(page).inputValue()).toBe('');
  });

  it('opens the DM with the bot and delivers what is written there', async () => {
    const { simulator, url, apiUrl } = await startSimulator();
    const app = await startBolt(simulator, apiUrl);
    app.message('hello', async ({ say }) => void (await say('Hello yourself')));
    const page = await open(url);
    await page.getByRole('button', { name: 'Bellwether App' }).click();
    await send(page, 'hello');
    await page.getByText('Hello yourself').waitFor();
    expect(simulator.messages(simulator.dm(MAYA), MAYA).map(({ user }) => user)).toEqual([MAYA, BOT]);
  });

  it('becomes another person when asked, who sees other channels', async () => {
    const { url } = await startSimulator();
    const page = await open(url);
    expect(await page.getByRole('button', { name: 'leads' }).count()).toBe(0);
    await page.getByLabel('You are').selectOption({ label: 'Ana Ruiz' });
    await page.getByRole('button', { name: 'leads' }).waitFor();
    await page.getByLabel('You are').selectOption({ label: 'Priya Nair (External)' });
    await page.getByRole('heading', { level: 2, name: '#acme-shared' }).waitFor();
    expect(await page.getByRole('button', { name: 'leads' }).count()).toBe(0);
  });

  it('shows edits and takes deleted messages away', async () => {
    const { simulator, url, web } = await startSimulator();
    const { ts = '' } = await web.chat.postMessage({ channel: CS_TEAM, text: 'First words' });
    const page = await open(url);
    await page.getByText('First words').waitFor();
    await web.chat.update({ channel: CS_TEAM, ts, text: 'Second words' });
    await page.getByText('Second words (edited)').waitFor();
    await web.chat.delete({ channel: CS_TEAM, ts });
    await eventually(() => page.getByText('Second words').count()).toBe(0);
    expect(simulator.messages(CS_TEAM, MAYA)).toEqual([]);
  });

  it('keeps what was typed and says why, when a message cannot be sent', async () => {
    const { url } = await startSimulator();
    const page = await open(url);
    await page.route('**/sim/message', (route) => route.fulfill({ json: { ok: false, error: 'not_in_channel' } }));
    await send(page, 'Lost words');
    await page.getByRole('alert').getByText('You are not a member of this channel.').waitFor();
    expect(await composer(page).inputValue()).toBe('Lost words');
  });

  it('says so when the address names nobody', async () => {
    const { url } = await startSimulator();
    const page = await (await open(url)).context().newPage();
    await page.goto(`${url}/?user=U404`);
    await page.getByRole('alert').getByText('user_not_found').waitFor();
  });
});

describe('threads and reactions', () => {
  it('answers in a thread beside the channel', async () => {
    const { simulator, url } = await startSimulator();
    const { ts = '' } = simulator.say(TOM, CS_TEAM, 'Who knows Acme?');
    const page = await open(url);
    await page.getByText('Who knows Acme?').hover();
    await page.getByRole('button', { name: 'Reply in thread' }).click();
    const thread = page.getByRole('complementary', { name: 'Thread' });
    await thread.getByRole('textbox', { name: 'Reply in this thread' }).fill('I do');
    await page.keyboard.press('Enter');
    await thread.getByText('I do').waitFor();
    expect(simulator.messages(CS_TEAM, MAYA, ts).at(-1)).toMatchObject({ text: 'I do', thread_ts: ts, user: MAYA });
    expect(await messages(page).getByText('I do').count()).toBe(0);
    await thread.getByRole('button', { name: 'Close thread' }).click();
    simulator.say(TOM, CS_TEAM, 'Good', { thread_ts: ts });
    await page.getByRole('button', { name: '2 replies' }).click();
    await thread.getByText('Good').waitFor();
  });

  it('adds 🎫 through the picker and takes it back', async () => {
    const { simulator, url } = await startSimulator();
    const { ts } = simulator.say(TOM, CS_TEAM, 'It is broken');
    const page = await open(url);
    await page.getByText('It is broken').hover();
    await page.getByRole('button', { name: 'Add reaction' }).click();
    await page.getByRole('dialog', { name: 'Pick an emoji' }).getByRole('button', { name: 'ticket' }).click();
    const reaction = page.getByRole('button', { name: 'ticket: 1 person, you' });
    await reaction.waitFor();
    expect(simulator.journal.findLast(({ kind }) => kind === 'reaction')).toMatchObject({
      ts,
      name: 'ticket',
      user: MAYA,
    });
    await reaction.click();
    await eventually(() => reaction.count()).toBe(0);
  });
});

describe('blocks', () => {
  it('shows markup, mentions and escapes as Slack does', async () => {
    const { url, web } = await startSimulator();
    const page = await open(url);
    const text = '*Acme &amp; Co* costs $5 and $6 at 10:30:00, `a &lt; b`, <@U01TOMOKAFO>, &lt;!channel&gt;, :ticket:';
    await web.chat.postMessage({
      channel: CS_TEAM,
      text: 'x',
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }],
    });
    await page
      .getByText('Acme & Co costs $5 and $6 at 10:30:00, a < b, @Tom Okafor, <!channel>, 🎫', { exact: true })
      .waitFor();
    expect(await page.locator('.slack_broadcast').count()).toBe(0);
  });

  it('shows uploaded pictures, also those that image blocks name by file', async () => {
    const { simulator, url, web } = await startSimulator();
    const page = await open(url);
    const upload = { filename: 'trend.png', file: Buffer.from(PIXEL, 'base64'), title: 'Trend' };
    const { files } = await web.filesUploadV2({ channel_id: CS_TEAM, ...upload });
    await page.getByRole('img', { name: 'Trend' }).waitFor();
    await simulator.waitForIdle();
    const id = files[0]?.files?.[0]?.id ?? '';
    const block: KnownBlock = { type: 'image', slack_file: { id }, alt_text: 'Score of 90 days' };
    await web.chat.postMessage({ channel: CS_TEAM, text: 'x', blocks: [block] });
    const picture = page.getByRole('img', { name: 'Score of 90 days' });
    await picture.waitFor();
    await eventually(() => picture.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBe(1);
  });

  it('puts a box in place of a malformed block and shows the rest', async () => {
    const { simulator, url } = await startSimulator();
    simulator.say(TOM, CS_TEAM, 'To be spoilt');
    const page = await open(url);
    await page.route('**/sim/messages?*', async (route) => {
      const body = await (await route.fetch()).json();
      body.messages[0].blocks = [
        { type: 'section', text: { type: 'mrkdwn', text: 5 } },
        { type: 'header' },
        { type: 'new' },
      ];
      await route.fulfill({ json: body });
    });
    simulator.say(TOM, CS_TEAM, 'Unharmed');
    await page.reload();
    await page.getByText('Unharmed').waitFor();
    expect(await page.getByRole('note').count()).toBe(3);
    expect(await page.getByText('A block “new” could not be drawn').count()).toBe(1);
  });
});

describe('scrolling', () => {
  it('keeps the end in view, but a message taller than the window is read from its beginning', async () => {
    const { simulator, url, web } = await startSimulator();
    const page = await open(url);
    for (let n = 0; n < 30; n += 1) simulator.say(TOM, CS_TEAM, `Line ${n}`);
    await page.getByText('Line 29').waitFor();
    const isShown = (text: string) => async () => {
      const box = await page.getByText(text, { exact: true }).boundingBox();
      return box !== null && box.y > 50 && box.y < 720;
    };
    await page.mouse.wheel(0, 10_000);
    await send(page, 'Mine');
    await eventually(isShown('Mine')).toBe(true);
    const lines = Array.from({ length: 60 }, (_, n) => `Item ${n}`);
    await web.chat.postMessage({ channel: CS_TEAM, text: `The head\n${lines.join('\n')}` });
    await page.getByText('Item 59').waitFor();
    await eventually(isShown('Mine')).toBe(true);
    await page.getByRole('button', { name: 'Newest messages' }).click();
    await eventually(isShown('Mine')).toBe(false);
  });
});

describe('accessibility and width', () => {
  it('names every control and has the landmarks of a page', async () => {
    const { simulator, url } = await startSimulator();
    simulator.say(TOM, CS_TEAM, 'A message');
    const page = await open(url);
    await page.getByText('A message').hover();
    for (const role of ['button', 'textbox', 'combobox', 'link'] as const) {
      expect(await page.getByRole(role, { name: /^\s*$/ }).count()).toBe(0);
    }
    await page.getByRole('navigation', { name: 'Channels and direct messages' }).waitFor();
    await page.getByRole('log', { name: 'Messages in #cs-team' }).waitFor();
    expect(await page.getByRole('main').count()).toBe(1);
  });

  it('fits in 400 pixels, with the channels behind a button', async () => {
    const { url } = await startSimulator();
    const page = await open(url, { width: 400 });
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await wide()).toBe(400);
    expect(await page.getByRole('button', { name: 'general' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Channel list' }).click();
    await page.getByRole('button', { name: 'general' }).click();
    await page.getByRole('heading', { level: 2, name: '#general' }).waitFor();
    await eventually(() => page.getByRole('button', { name: 'support' }).count()).toBe(0);
    expect(await wide()).toBe(400);
  });

  it('works by keyboard alone: a reaction, a thread and back to the message box', async () => {
    const { simulator, url } = await startSimulator();
    const { ts = '' } = simulator.say(TOM, CS_TEAM, 'First');
    simulator.say(TOM, CS_TEAM, 'Second');
    const page = await open(url);
    await page.getByText('Second').waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Pick an emoji' }).waitFor();
    await page.keyboard.type('eyes');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'eyes: 1 person, you' }).waitFor();
    await page.getByRole('button', { name: 'Reply in thread' }).first().press('Enter');
    await page.keyboard.type('Seen');
    await page.keyboard.press('Enter');
    await eventually(() => simulator.messages(CS_TEAM, MAYA, ts).length).toBe(2);
    await page.keyboard.press('Escape');
    await eventually(() => page.getByRole('complementary').count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toMatch(/^Tom Okafor, /);
  });
});
