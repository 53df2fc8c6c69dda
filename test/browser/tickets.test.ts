import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { startDemo, temporaryFolder } from '../running.ts';
import { browserForTests } from './browser.ts';

const { open } = browserForTests();
const priya = 'U02PRIYANAI';
const shared = 'C01ACMESHRD';
/** The documentation shows these. */
const pictureOf = (name: string) => path.resolve(import.meta.dirname, `../../docs/images/${name}.png`);

it('makes a 🎫 of a customer a ticket, takes the form, posts the answer, and lets a colleague take it', async () => {
  const demo = await startDemo(await temporaryFolder());
  const url = demo.url.replace(/\/$/, '');
  const customer = await open(url, { user: priya, channel: shared });
  await customer.setViewportSize({ width: 1180, height: 620 });
  const message = customer.getByRole('main').locator('li.message').last();
  await customer.getByRole('textbox').first().fill('Since this morning the nightly export fails with error 504.');
  await customer.keyboard.press('Enter');
  await message.getByText('error 504').waitFor();
  await message.hover();
  await message.getByRole('button', { name: 'Add reaction' }).first().click();
  await customer.getByLabel('Search emoji').fill('ticket');
  await customer.keyboard.press('Enter');

  await message.getByRole('button', { name: /1 reply/ }).click();
  const thread = customer.getByRole('complementary', { name: 'Thread' });
  await thread.getByText('Ticket #1 is created').waitFor();
  await choose(customer, thread.getByRole('combobox', { name: 'Which team?' }), 'Billing');
  await choose(customer, thread.getByRole('combobox', { name: 'How urgent?' }), 'High');
  await thread.getByRole('button', { name: 'Save' }).click();
  await thread.getByText('chosen by').waitFor();

  const colleague = await open(url, { channel: 'C01SUPPORT0' });
  await colleague.setViewportSize({ width: 1180, height: 900 });
  const card = colleague
    .getByRole('main')
    .locator('li.message')
    .filter({ has: colleague.getByRole('heading', { name: '#1' }) });
  await card.getByText('team Billing').waitFor();
  await card.getByRole('button', { name: 'Take', exact: true }).click();
  await card.getByText('with Maya Lindqvist').waitFor();

  const agent = await customer.context().newPage();
  await agent.goto(`${url}/zendesk/agent/tickets/1`);
  await agent.getByRole('textbox').fill('It works again. Would you try it, please?\nhttps://status.example/export');
  await agent.getByRole('combobox').selectOption('pending');
  await agent.getByRole('button', { name: 'Send' }).click();
  await thread.getByText('It works again').waitFor();
  await thread.getByText('Waiting for you').waitFor();
  await customer.mouse.move(0, 0);
  await thread.screenshot({ path: pictureOf('ticket-thread') });
  await colleague.mouse.move(0, 0);
  await card.screenshot({ path: pictureOf('ticket-card') });

  await card.getByRole('button', { name: 'Escalate' }).click();
  const modal = colleague.getByRole('dialog');
  await modal.getByText('What was tried?').waitFor();
  for (const [index, text] of ['All exports fail.', 'Again, twice.', 'Press Export.'].entries())
    await modal.getByRole('textbox').nth(index).fill(text);
  await modal.getByRole('button', { name: 'Escalate' }).click();
  await card.getByText('Escalated to engineering').waitFor();
  await card.getByRole('button', { name: 'Solve' }).click();
  await thread.getByText('Solved.').waitFor();
  expect(await thread.innerText()).not.toMatch(/Acme Corp|86,000|Escalated/);
});

async function choose(page: Page, menu: Locator, option: string): Promise<void> {
  await menu.click();
  await page.getByRole('option', { name: option }).click();
}
