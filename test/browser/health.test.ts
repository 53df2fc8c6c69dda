import path from 'node:path';
import { expect, it } from 'vitest';
import { startDemo, temporaryFolder } from '../running.ts';
import { browserForTests } from './browser.ts';

const { open } = browserForTests();
/** README shows these. */
const pictures = path.resolve(import.meta.dirname, '../../docs/images');

it('answers /health acme in the demo with the card, the picture and, on Why, the explanation', async () => {
  const demo = await startDemo(await temporaryFolder());
  const page = await open(demo.url.replace(/\/$/, ''));
  await page.setViewportSize({ width: 1180, height: 1650 });
  await page.getByRole('textbox', { name: 'Message #cs-team' }).fill('/health acme');
  await page.keyboard.press('Enter');

  await page.getByRole('heading', { name: /Acme Corp/ }).waitFor();
  await page.getByRole('img', { name: /score/i }).waitFor();
  expect(await page.getByText('Only visible to you').count()).toBeGreaterThan(0);
  await page.screenshot({ path: path.join(pictures, 'health-card.png') });

  await page.getByRole('button', { name: 'Why', exact: true }).click();
  await page.getByText('all together').waitFor();
  await page.setViewportSize({ width: 1180, height: 620 });
  await page.getByText('all together').scrollIntoViewIfNeeded();
  await page.screenshot({ path: path.join(pictures, 'health-why.png') });
});

it('lists my accounts, the worst first, and opens one with the keyboard alone', async () => {
  const demo = await startDemo(await temporaryFolder());
  const page = await open(demo.url.replace(/\/$/, ''));
  await page.getByRole('textbox', { name: 'Message #cs-team' }).fill('/health');
  await page.keyboard.press('Enter');
  await page.getByText('Vandelay Industries').first().waitFor();
  await page.screenshot({ path: path.join(pictures, 'my-accounts.png') });
  const text = await page.getByRole('main').innerText();
  expect(text.indexOf('Vandelay Industries')).toBeLessThan(text.indexOf('Globex Industries'));
  await page.getByRole('button', { name: 'Open', exact: true }).nth(1).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /Initech/ }).waitFor();
});
