import path from 'node:path';
import { expect, it } from 'vitest';
import { startDemo, temporaryFolder } from '../running.ts';
import { browserForTests } from './browser.ts';

const { open } = browserForTests();
/** README and the documents show these. */
const pictures = path.resolve(import.meta.dirname, '../../docs/images');

it('shows a metric of an account as figures and a picture', async () => {
  const demo = await startDemo(await temporaryFolder());
  const page = await open(demo.url.replace(/\/$/, ''));
  await page.setViewportSize({ width: 1180, height: 860 });
  const box = page.getByRole('textbox', { name: 'Message #cs-team' });
  await box.fill('/health acme trend active_user_percent');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /Acme Corp · Active users/ }).waitFor();
  const picture = page.getByRole('img', { name: /Active users in 30 days from/ });
  await picture.waitFor();
  await picture.scrollIntoViewIfNeeded();
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1280);
  await page.screenshot({ path: path.join(pictures, 'metric-trend.png') });
});

it('lists the accounts by how a metric fell, turns a page, and opens a card', async () => {
  const demo = await startDemo(await temporaryFolder());
  const page = await open(demo.url.replace(/\/$/, ''));
  await page.setViewportSize({ width: 1180, height: 1000 });
  const box = page.getByRole('textbox', { name: 'Message #cs-team' });
  await box.fill('/cs metric active_user_percent');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Active users in 30 days' }).waitFor();
  await page.getByRole('button', { name: 'Next page' }).click();
  await page.getByText('Page 2 of 3').waitFor();
  await box.fill('/cs metric active_user_percent fell 20% in 14d');
  await page.keyboard.press('Enter');
  await page.getByText('accounts fell by 20% or more in 14 days').first().waitFor();
  await page.screenshot({ path: path.join(pictures, 'metric-list.png') });
  await page.getByRole('button', { name: 'Open', exact: true }).last().click();
  await page.getByRole('button', { name: 'Share to channel' }).waitFor();
});
