import path from 'node:path';
import { expect, it } from 'vitest';
import { startDemo, temporaryFolder } from '../running.ts';
import { browserForTests } from './browser.ts';

const { open } = browserForTests();
/** README shows this. */
const picture = path.resolve(import.meta.dirname, '../../docs/images/alert-card.png');

it('tells the CSM in the demo what began today, and everybody who acknowledged it', async () => {
  const demo = await startDemo(await temporaryFolder());
  const page = await open(demo.url.replace(/\/$/, ''));
  await page.setViewportSize({ width: 1180, height: 1500 });
  await page.getByRole('navigation').getByText('Bellwether', { exact: true }).click();
  const heading = page.getByRole('heading', { name: 'Risk · Tyrell Optics' });
  await heading.waitFor({ timeout: 30_000 });
  for (const name of ['Risk · Monarch Media', 'Opportunity · Vandelay Industries'])
    await page.getByRole('heading', { name }).waitFor({ timeout: 30_000 });
  const card = page.locator('article, li, [role="listitem"]').filter({ has: heading }).last();
  await card.screenshot({ path: picture });
  expect(await card.innerText()).toContain('Weekly revenue by region');

  await card.getByRole('button', { name: 'Acknowledge', exact: true }).click();

  await card.getByText('Acknowledged by').waitFor();
  expect(await card.getByRole('button', { name: 'Acknowledge', exact: true }).count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Acknowledge', exact: true }).count()).toBe(2);
});
