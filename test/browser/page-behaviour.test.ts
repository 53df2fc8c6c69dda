import type { KnownBlock } from '@slack/types';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSimulator } from '../../simulator/simulator.ts';
import type { Simulator } from '../../simulator/types.ts';
import {
  ARCHIVED,
  BOT_TOKEN,
  CS_TEAM,
  MAYA,
  SIGNING_SECRET,
  startBolt,
  startSimulator,
  TOM,
} from '../integration/simulator-kit.ts';
import { auditPage } from './audit.ts';
import { browserForTests, eventually } from './browser.ts';

const { open } = browserForTests();

const composer = (page: Page) => page.getByRole('textbox', { name: /^Message / });
const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));

async function send(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await page.keyboard.press('Escape');
  await composer(page).press('Enter');
}

const texts = (simulator: Simulator) => simulator.messages(CS_TEAM, MAYA).map(({ text }) => text);

describe('what is typed', () => {
  it('pings only by a name that was picked or written, never by a literal token', async () => {
    const { simulator, url } = await startSimulator();
    const page = await open(url);
    await send(page, '<!channel> <@U01TOMOKAFO> & <b>');
    await page.getByText('<!channel> <@U01TOMOKAFO> & <b>', { exact: true }).waitFor();
    await page.keyboard.type('@chan');
    await page.getByRole('option', { name: 'channel' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('look');
    await page.keyboard.press('Enter');
    await eventually(() => texts(simulator)).toEqual([
      '&lt;!channel&gt; &lt;@U01TOMOKAFO&gt; &amp; &lt;b&gt;',
      '<!channel> look',
    ]);
    const pings = simulator.journal.flatMap((entry) => (entry.kind === 'post' ? [entry.pings] : []));
    expect(pings).toEqual([[], ['!channel']]);
  });

  it('keeps its lines, as typed or pasted, and when copied out again', async () => {
    const { simulator, url } = await startSimulator();
    const page = await open(url);
    await page.keyboard.insertText('one\ntwo\n  three 🎫\n\nfive');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('six');
    await page.keyboard.press('Enter');
    await page.getByText('five').waitFor();
    expect(texts(simulator)).toEqual(['one\ntwo\n  three 🎫\n\nfive\nsix']);
    const copied = await page.getByText('five').evaluate((text) => {
      getSelection()?.selectAllChildren(text);
      return String(getSelection()).trim();
    });
    expect(copied).toBe('one\ntwo\n  three 🎫\n\nfive\nsix');
  });

  it('takes emoji by their short names', async () => {
    const { simulator, url } = await startSimulator();
    const page = await open(url);
    await page.keyboard.type('A :tick');
    await page.getByRole('option', { name: '🎫 :ticket:' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('A 🎫').waitFor();
    expect(texts(simulator)).toEqual(['A :ticket:']);
  });

  it('runs a command however it is spaced, but not after a space', async () => {
    const { simulator, url, apiUrl } = await startSimulator();
    const app = await startBolt(simulator, apiUrl);
    app.command('/health', ({ ack, command }) => ack(`Asked for “${command.text}”`));
    const page = await open(url);
    for (const line of ['/health', '/health   acme  corp ', '/health\tacme', '/health\nacme', ' /health acme']) {
      await send(page, line);
      await eventually(() => composer(page).inputValue()).toBe('');
    }
    await eventually(() => texts(simulator)).toEqual([
      'Asked for “”',
      'Asked for “acme  corp”',
      'Asked for “acme”',
      'Asked for “acme”',
      '/health acme',
    ]);
  });

  it('is answered by Slack itself when no app knows the command, until something else is sent', async () => {
    const { url } = await startSimulator();
    const page = await open(url);
    await send(page, '/foo bar');
    await page.getByRole('alert').getByText('/foo is not a valid command.').waitFor();
    await send(page, 'Never mind');
    await page.getByText('Never mind').waitFor();
    await eventually(() => page.getByText('/foo is not a valid command.').count()).toBe(0);
  });

  it('runs no command in a thread', async () => {
    const { simulator, url } = await startSimulator();
    simulator.say(TOM, CS_TEAM, 'A question');
    const page = await open(url);
    await page.getByText('A question').hover();
    await page.getByRole('button', { name: 'Reply in thread' }).click();
    await page.getByRole('textbox', { name: 'Reply in this thread' }).fill('/health acme');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('/health is not supported in threads. Sorry!').waitFor();
    expect(simulator.journal.some((entry) => entry.kind === 'delivery' && entry.what === 'command')).toBe(false);
  });

  it('cannot be typed where nothing can be said', async () => {
    const { url } = await startSimulator();
    const page = await open(url, { channel: ARCHIVED });
    await page.getByText('#launch-2025 is archived: it can be read, but nothing can be written.').waitFor();
    expect(await page.getByRole('textbox').count()).toBe(0);
  });
});

describe('going about', () => {
  it('goes back and forward between channels and people', async () => {
    const { url } = await startSimulator();
    const page = await open(url);
    const title = (name: string) => page.getByRole('heading', { level: 2, name }).waitFor();
    await page.getByRole('button', { name: 'support' }).click();
    await title('#support');
    await page.getByRole('button', { name: 'Tom Okafor' }).click();
    await title('Tom Okafor');
    await page.getByLabel('You are').selectOption({ label: 'Ana Ruiz' });
    await page.getByRole('button', { name: 'leads' }).waitFor();
    await page.goBack();
    await title('Tom Okafor');
    expect(await page.getByRole('button', { name: 'leads' }).count()).toBe(0);
    await page.goBack();
    await title('#support');
    await page.goBack();
    await title('#cs-team');
    await page.goForward();
    await title('#support');
  });

  it('shows two people at once what the other does', async () => {
    const { simulator, url } = await startSimulator();
    const [maya, tom] = [await open(url), await open(url, { user: TOM })];
    await send(maya, 'Lunch?');
    await tom.getByText('Lunch?').hover();
    await tom.getByRole('button', { name: 'Add reaction' }).click();
    await tom.getByRole('button', { name: 'thumbsup', exact: true }).click();
    await maya.getByRole('button', { name: 'thumbsup: 1 person, Tom Okafor' }).click();
    await tom.getByRole('button', { name: 'thumbsup: 2 people, you, Maya Lindqvist' }).waitFor();
    await tom.getByRole('button', { name: 'Reply in thread' }).click();
    await tom.keyboard.type('At one');
    await tom.keyboard.press('Enter');
    await maya.getByRole('button', { name: '1 reply' }).click();
    await maya.getByRole('complementary', { name: 'Thread' }).getByText('At one').waitFor();
    await maya.keyboard.type('Fine');
    await maya.keyboard.press('Enter');
    await tom.getByRole('complementary', { name: 'Thread' }).getByText('Fine').waitFor();
    expect(simulator.messages(CS_TEAM, MAYA)).toMatchObject([{ reply_count: 2 }]);
  });

  it('comes back by itself, with nothing left of before, when the simulator was started anew', async () => {
    const start = async (port: number) => {
      const simulator = createSimulator({ signingSecret: SIGNING_SECRET, botToken: BOT_TOKEN, scopes: [], events: [] });
      onTestFinished(() => simulator.close());
      return { simulator, ...(await simulator.listen(port)) };
    };
    const first = await start(0);
    const { ts = '' } = first.simulator.say(TOM, CS_TEAM, 'Long ago');
    first.simulator.say(TOM, CS_TEAM, 'And a reply', { thread_ts: ts });
    const page = await open(first.url);
    await page.getByRole('button', { name: '1 reply' }).click();
    await page.getByText('And a reply').waitFor();
    await first.simulator.close();
    await page.getByRole('status').getByText('Connection lost').waitFor();
    const second = await start(first.port);
    second.simulator.say(TOM, CS_TEAM, 'A new day');
    await page.getByText('A new day').waitFor();
    await eventually(() => page.getByText(/Long ago|And a reply|Connection lost/).count()).toBe(0);
    await send(page, 'So it is');
    await page.getByText('So it is').waitFor();
    second.simulator.say(TOM, CS_TEAM, 'Live again');
    await page.getByText('Live again').waitFor();
  });

  it('lays a thread on its channel where there is no room for both, and gives the focus back', async () => {
    const { simulator, url } = await startSimulator();
    simulator.say(TOM, CS_TEAM, 'A question');
    for (const width of [800, 400]) {
      const page = await open(url, { width });
      await page.getByText('A question').hover();
      await page.getByRole('button', { name: 'Reply in thread' }).click();
      await page.getByRole('textbox', { name: 'Reply in this thread' }).waitFor();
      expect(await composer(page).count(), 'the channel is out of reach meanwhile').toBe(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await page.keyboard.press('Escape');
      await composer(page).waitFor();
      expect(await focused(page)).toMatch(/^Tom Okafor, /);
    }
  });

  it('draws the latest 200 messages, and those before when asked, without moving', async () => {
    const { simulator, url } = await startSimulator({ events: [] });
    for (let line = 0; line < 250; line += 1) simulator.say(TOM, CS_TEAM, `Line ${line}`);
    const page = await open(url);
    await page.getByText('Line 249').waitFor();
    expect(await page.getByText(/^Line \d+$/).count()).toBe(200);
    await page.getByRole('button', { name: '50 earlier messages' }).scrollIntoViewIfNeeded();
    const place = async () => (await page.getByText('Line 55', { exact: true }).boundingBox())?.y ?? 0;
    const before = await place();
    await page.getByRole('button', { name: '50 earlier messages' }).click();
    await page.getByText('Line 0', { exact: true }).waitFor();
    expect(Math.abs((await place()) - before)).toBeLessThan(60);
    expect(await page.getByText(/^Line \d+$/).count()).toBe(250);
    expect(await page.getByRole('button', { name: /earlier/ }).count()).toBe(0);
  });

  it('keeps the end in view when pictures come late', async () => {
    const { simulator, url, web } = await startSimulator();
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="500"/>';
    const { files } = await web.filesUploadV2({ channel_id: CS_TEAM, filename: 'a.png', file: Buffer.from('GIF8') });
    await simulator.waitForIdle();
    const block: KnownBlock = { type: 'image', slack_file: { id: files[0]?.files?.[0]?.id ?? '' }, alt_text: 'Trend' };
    await web.chat.postMessage({ channel: CS_TEAM, text: 'x', blocks: [block] });
    for (let line = 0; line < 12; line += 1) simulator.say(TOM, CS_TEAM, `Line ${line}`);
    const page = await open(url);
    await page.route('**/sim/file/*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.fulfill({ body: svg, contentType: 'image/svg+xml' });
    });
    await page.reload();
    await page.getByText('Line 11').waitFor();
    const picture = page.getByRole('img', { name: 'Trend' });
    await eventually(() => picture.evaluate((img) => (img as HTMLImageElement).naturalHeight)).toBe(500);
    const rest = () =>
      page.getByRole('log').evaluate((log) => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));
    await eventually(rest).toBe(0);
    expect(await page.getByRole('button', { name: 'Newest messages' }).count()).toBe(0);
  });
});

describe('for everyone', () => {
  it.each([1280, 800, 400])('names all, refers to what is there and is legible, %i pixels wide', async (width) => {
    const { simulator, url, web } = await startSimulator();
    const { ts = '' } = simulator.say(TOM, CS_TEAM, 'Who can help @maya in #support? `code` https://acme.com');
    simulator.say(MAYA, CS_TEAM, 'I can', { thread_ts: ts });
    simulator.react(TOM, CS_TEAM, ts, 'eyes');
    const options = [{ text: plain('One'), value: '1' }];
    const blocks: KnownBlock[] = [
      { type: 'header', text: plain('Header') },
      {
        type: 'section',
        text: { type: 'mrkdwn', text: '*Bold* <!here> &amp; more' },
        accessory: { type: 'static_select', action_id: 'a', options },
      },
      { type: 'context', elements: [{ type: 'mrkdwn', text: 'Context' }] },
      {
        type: 'actions',
        elements: [
          { type: 'button', text: plain('Do'), action_id: 'b', style: 'primary' },
          { type: 'button', text: plain('Undo'), action_id: 'c', style: 'danger' },
        ],
      },
    ];
    await web.chat.postMessage({ channel: CS_TEAM, text: 'x', blocks });
    const page = await open(url, { width });
    await page.getByText('Context').waitFor();
    expect(await auditPage(page)).toEqual([]);
    await composer(page).fill('/');
    await page.getByRole('option', { name: '/health' }).waitFor();
    expect(await auditPage(page)).toEqual([]);
    await composer(page).fill('');
    await page.getByRole('combobox', { name: 'Select an item' }).click();
    await page.getByRole('option', { name: 'One' }).waitFor();
    expect(await auditPage(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: '1 reply' }).click();
    await page.getByText('I can').waitFor();
    expect(await auditPage(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await send(page, '/foo');
    await page.getByRole('alert').getByText('/foo').waitFor();
    expect(await auditPage(page)).toEqual([]);
  });
});

function plain(text: string) {
  return { type: 'plain_text', text } as const;
}
