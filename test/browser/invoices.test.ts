import path from 'node:path';
import { expect, it } from 'vitest';
import { startDemo, temporaryFolder } from '../running.ts';
import { browserForTests } from './browser.ts';

const { open } = browserForTests();
const ana = 'U01ANARUIZ0';
const tom = 'U01TOMOKAFO';
/** README shows this. */
const picture = path.resolve(import.meta.dirname, '../../docs/images/invoice-card.png');

it('tells of invoices, takes what a CSM expects of one, and says when one was paid at Stripe', async () => {
  const demo = await startDemo(await temporaryFolder());
  const url = demo.url.replace(/\/$/, '');
  const page = await open(url, { user: ana });
  await page.setViewportSize({ width: 1180, height: 1500 });
  await page.getByRole('navigation').getByText('Bellwether', { exact: true }).click();
  const cardOf = (name: string) =>
    page
      .locator('article, li, [role="listitem"]')
      .filter({ has: page.getByRole('heading', { name }) })
      .last();
  for (const name of ['Risk · Aperture Labs', 'Risk · Gekko Freight', 'Opportunity · Aperture Labs'])
    await page.getByRole('heading', { name }).waitFor({ timeout: 30_000 });
  const large = cardOf('Risk · Aperture Labs');
  await large.screenshot({ path: picture });
  expect(await large.innerText()).toMatch(/What drives it[\s\S]*Events, per thousand/);
  expect(await cardOf('Risk · Gekko Freight').innerText()).toContain('Credit ends before the renewal');

  await large.getByRole('combobox', { name: 'Payment risk' }).click();
  await page.getByRole('option', { name: 'At risk' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await dialog.getByRole('textbox').last().fill('They did not expect it');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await large.getByText('They did not expect it').waitFor();

  const toms = await open(url, { user: tom });
  await toms.setViewportSize({ width: 1180, height: 1800 });
  await toms.getByRole('navigation').getByText('Bellwether', { exact: true }).click();
  await toms.getByText('Failed payment: USUMBRA', { exact: false }).first().waitFor({ timeout: 30_000 });
  const invoice = toms.getByRole('link', { name: /^USUMBRA/ }).first();
  await toms.request.post((await invoice.getAttribute('href')) ?? '', { maxRedirects: 0 });
  await toms.getByText('paid on', { exact: false }).first().waitFor();
  await toms.getByRole('heading', { name: 'Resolved · Umbra Logistics' }).waitFor();
});
