import type { KnownBlock } from '@slack/types';
import type { ListedInvoice, ListedInvoices } from '../src/db/invoice-list.ts';
import { formatMoney, formatNumber } from '../src/format.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { within } from './alert-list.ts';
import { invoiceLine } from './invoice-lines.ts';
import { SET_INVOICE_RISK, writeRiskPlace } from './payment-risk.ts';
import { type BlockMessage, button, buttons, context, header, section } from './text.ts';

/** Another page of invoices; the value is an InvoicesPlace. */
export const PREVIOUS_INVOICES = 'invoices_previous';
/** As PREVIOUS_INVOICES, forwards. */
export const NEXT_INVOICES = 'invoices_next';

/** Invoices on a page. */
export const INVOICES_PAGE_SIZE = 10;
/** How much of a message of 12 kB the invoices may take. */
const MOST_BYTES = 9_000;

/** Which list, by an account's id where it is of one, and which page. */
export type InvoicesPlace = { list: 'mine' | 'all' | { account: string }; page: number };

/** How a place is written in a value. */
export function writeInvoicesPlace({ list, page }: InvoicesPlace): string {
  return typeof list === 'string' ? `invoices ${page} ${list}` : `invoices ${page} of ${list.account}`;
}

/** Reads a place; `null` when it is none of ours. */
export function readInvoicesPlace(value: string): InvoicesPlace | null {
  const [, page, list, account] = /^invoices (\d{1,6}) (?:(mine|all)|of (.{1,1000}))$/s.exec(value) ?? [];
  if (page === undefined) return null;
  return { list: account === undefined ? (list as 'mine' | 'all') : { account }, page: Number(page) };
}

/** One page of the invoices that are not paid, or are coming; `accountName` is whose, where it is of one account. */
export function invoiceList(
  { invoices, total, open }: ListedInvoices,
  place: InvoicesPlace,
  { today, accountName }: { today: string; accountName: string | null },
): BlockMessage {
  const whose =
    accountName !== null
      ? `Invoices of ${plain(accountName, 90)}`
      : place.list === 'mine'
        ? 'Your invoices'
        : 'All invoices';
  const title = `${whose}, open and coming: ${total === 0 ? 'none' : formatNumber(total)}`;
  const pages = Math.max(1, Math.ceil(total / INVOICES_PAGE_SIZE));
  const sums = open.slice(0, 5).map(({ currency, sum }) => `*${formatMoney(sum, currency)}*`);
  const items = invoices.map((each) => invoiceItem(each, place, today));
  return {
    text: [
      accountName === null ? title : `Invoices of ${mrkdwn(accountName, 90)}: ${formatNumber(total)}`,
      ...invoices.map(({ account, invoice }) => `${mrkdwn(account.name, 60)}: ${mrkdwn(invoice.label, 60)}`),
    ]
      .join('\n')
      .slice(0, 1500)
      .toWellFormed(),
    blocks: [
      header(title),
      ...(sums.length > 0 ? [section(`Open: ${sums.join(' + ')}`)] : []),
      ...within(items, MOST_BYTES),
      ...(pages > 1 ? pager(place, pages) : []),
      ...(total === 0
        ? [context('What is read from Stripe is here; accounts that are no customer there have none.')]
        : []),
    ],
  };
}

function invoiceItem({ account, invoice }: ListedInvoice, place: InvoicesPlace, today: string): KnownBlock {
  const whose = typeof place.list === 'string' ? [`*${mrkdwn(account.name, 60)}*`] : [];
  const csm = place.list === 'all' ? [account.csmEmail === null ? 'no CSM' : mrkdwn(account.csmEmail, 60)] : [];
  const value = writeRiskPlace({ invoiceId: invoice.id, list: writeInvoicesPlace(place) });
  return {
    ...section([...whose, invoiceLine(invoice, today), ...csm].join(' · ')),
    accessory: button(SET_INVOICE_RISK, 'Payment risk', value),
  };
}

function pager(place: InvoicesPlace, pages: number): KnownBlock[] {
  const { page } = place;
  const to = (other: number) => writeInvoicesPlace({ ...place, page: other });
  const turns = [
    ...(page > 1 ? [button(PREVIOUS_INVOICES, 'Previous page', to(page - 1))] : []),
    ...(page < pages ? [button(NEXT_INVOICES, 'Next page', to(page + 1))] : []),
  ];
  return [context(`Page ${page} of ${pages}`), buttons(...turns)];
}
