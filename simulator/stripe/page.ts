import type { ServerResponse } from 'node:http';
import { send } from '../http.ts';
import { findAny, type State } from './state.ts';
import type { StripeServer } from './types.ts';

/** Serves the page of an invoice, where the customer may pay it. False: it is for no invoice. */
export function servePage(
  state: State,
  pay: StripeServer['pay'],
  { pathname }: URL,
  method: string | undefined,
  res: ServerResponse,
): boolean {
  const invoice = findAny(state, /^\/i\/(\w+)$/.exec(pathname)?.[1] ?? '');
  if (invoice?.object !== 'invoice') return false;
  if (method === 'POST') {
    if (invoice.status === 'open') pay(invoice.id);
    send(res, 303, '', { location: `${state.url}/i/${invoice.id}` });
    return true;
  }
  const due = new Intl.NumberFormat('en', { style: 'currency', currency: invoice.currency });
  const units = 10 ** (due.resolvedOptions().maximumFractionDigits ?? 2);
  const form = invoice.status === 'open' ? '<form method="post"><button>Pay</button></form>' : '';
  const page = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Invoice ${invoice.number}</title>
<style>body { font: 15px sans-serif; margin: 2em auto; max-width: 40em }</style></head>
<body><h1>Invoice ${invoice.number}</h1><p>${due.format(invoice.amount_due / units)}, ${invoice.status}</p>${form}</body></html>`;
  send(res, 200, page, { 'content-type': 'text/html; charset=utf-8' });
  return true;
}
