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
  await page.setViewportSize({ width: 1180, height: 880 });
  const box = page.getByRole('textbox', { name: 'Message #cs-team' });
  await box.fill('/health acme trend insight_user_percent_14d');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /Acme Corp · Active users analysing insights/ }).waitFor();
  const picture = page.getByRole('img', { name: /Active users analysing insights from/ });
  await picture.waitFor();
  await picture.scrollIntoViewIfNeeded();
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1280);
  await page.screenshot({ path: path.join(pictures, 'metric-trend.png') });
});

it('lists the accounts by how a metric fell, opens a card, and turns pages', async () => {
  const demo = await startDemo(await temporaryFolder());
  const page = await open(demo.url.replace(/\/$/, ''));
  await page.setViewportSize({ width: 1180, height: 1000 });
  const box = page.getByRole('textbox', { name: 'Message #cs-team' });
  await box.fill('/cs metric docs_visits_7d fell 20% in 14d');
  await page.keyboard.press('Enter');
  await page.getByText(/of 27 accounts fell by 20% or more in 14 days/).waitFor();
  await page.screenshot({ path: path.join(pictures, 'metric-list.png') });
  await page.getByRole('button', { name: 'Open', exact: true }).last().click();
  await page.getByRole('button', { name: 'Share to channel' }).waitFor();
  await box.fill('/cs metric active_user_percent');
  await page.keyboard.press('Enter');
  await page.getByText('27 of 27 accounts have a value').waitFor();
  // The list before may have several pages, too: that depends on the day.
  await page.getByRole('button', { name: 'Next page' }).last().click();
  await page.getByText('Page 2 of 3').waitFor();
});
