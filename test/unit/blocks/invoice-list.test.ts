import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { invoiceList, readInvoicesPlace, writeInvoicesPlace } from '../../../blocks/invoice-list.ts';
import { readRiskMetadata, readRiskPlace, riskForm, writeRiskPlace } from '../../../blocks/payment-risk.ts';
import { checkBlocks } from '../../../simulator/blocks.ts';
import type { ListedInvoice } from '../../../src/db/invoice-list.ts';
import { hostileText } from '../../hostile.ts';
import { makeInvoiceView } from '../../invoice-factories.ts';

const listed = (overrides: Partial<ListedInvoice['account']> = {}, invoice = makeInvoiceView()): ListedInvoice => ({
  account: { id: 'acme', name: 'Acme', csmEmail: 'maya@bellwether.example', ...overrides },
  invoice,
});
const today = '2026-11-24';

describe('a list of invoices', () => {
  it('has what stands open by currency, each invoice with its risk, and pages', () => {
    const risk = { risk: 'unlikely' as const, note: null, by: 'U1', at: new Date() };
    const open = [
      { currency: 'USD', sum: 3_600.5 },
      { currency: 'JPY', sum: 120_000 },
    ];
    const page = { invoices: [listed({}, makeInvoiceView({ risk }))], total: 12, open };
    const text = JSON.stringify(invoiceList(page, { list: 'all', page: 1 }, { today, accountName: null }).blocks);
    expect(text).toContain('All invoices, open and coming: 12');
    expect(text).toContain('Open: *$3,600.50* + *¥120,000*');
    expect(text).toContain('*Acme* · INV-7: *$1,200* open · 🔴 Unlikely to be paid · maya@bellwether.example');
    expect(text).toContain('Next page');
  });

  it('of one account names it once', () => {
    const place = { list: { account: 'acme' }, page: 1 };
    const page = { invoices: [listed()], total: 1, open: [] };
    const text = JSON.stringify(invoiceList(page, place, { today, accountName: 'Acme' }).blocks);
    expect(text).toContain('Invoices of Acme, open and coming: 1');
    expect(text).not.toContain('*Acme*');
  });

  it('is one that Slack takes, whatever the names are', () => {
    fc.assert(
      fc.property(hostileText(200), hostileText(100), (name, label) => {
        const one = listed({ name }, makeInvoiceView({ label: label || 'x', url: `https://x.example/${label}` }));
        const message = invoiceList(
          { invoices: Array.from({ length: 10 }, () => one), total: 30, open: [] },
          { list: { account: 'a'.repeat(200) }, page: 2 },
          { today, accountName: name },
        );
        expect(checkBlocks(message.blocks, () => true)).toMatchObject({ ok: true });
        expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(12_000);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the places of invoices', () => {
  it.each([
    { list: 'mine' as const, page: 1 },
    { list: 'all' as const, page: 3 },
    { list: { account: 'an id: with all' }, page: 2 },
  ])('come back as they were written: %j', (place) => {
    expect(readInvoicesPlace(writeInvoicesPlace(place))).toEqual(place);
    const risk = { invoiceId: 'upcoming:sub_1:2026-12-01', list: writeInvoicesPlace(place) };
    expect(readRiskPlace(writeRiskPlace(risk))).toEqual(risk);
    const invoice = makeInvoiceView({ id: risk.invoiceId });
    const form = riskForm(listed({}, invoice), { risk: null, list: risk.list, responseUrl: 'https://hooks.example/1' });
    expect(readRiskMetadata(form.private_metadata ?? '')).toEqual({
      place: risk,
      responseUrl: 'https://hooks.example/1',
    });
  });

  it.each(['', 'invoices', 'renewals mine 4 1', 'in_1'])('are none of ours: %j', (value) => {
    expect(readInvoicesPlace(value)).toBeNull();
    expect(readRiskPlace(value)).toBeNull();
    expect(readRiskMetadata(value)).toBeNull();
  });
});
