import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished } from 'vitest';
import { MAYA } from '../integration/simulator-kit.ts';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** A Chromium for the tests of a file. Without one they are skipped, but fail in CI. */
export function browserForTests(): { open: (url: string, options?: OpenOptions) => Promise<Page> } {
  let browser: Browser | undefined;
  const missing = !existsSync(EXECUTABLE);
  beforeAll(async () => {
    if (missing && process.env.CI) throw new Error(`${EXECUTABLE} is missing: install chromium or set CHROMIUM`);
    if (!missing) browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
  });
  beforeEach((context) => context.skip(missing, `${EXECUTABLE} is missing: install chromium or set CHROMIUM`));
  afterAll(() => browser?.close());

  return {
    open: async (url, { user = MAYA, channel = 'C01CSTEAM00', width = 1280 } = {}) => {
      if (browser === undefined) throw new Error('the browser was not started');
      const context = await browser.newContext({ viewport: { width, height: 800 } });
      onTestFinished(() => context.close());
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      await page.goto(`${url}/?user=${user}&channel=${channel}`);
      await page.getByRole('main').waitFor();
      return page;
    },
  };
}

type OpenOptions = { user?: string; channel?: string; width?: number };

/** Expects of something that may take the page a while. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 10_000 });
