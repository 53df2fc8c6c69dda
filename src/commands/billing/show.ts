import type { ForecastMethod } from '../../billing/forecast.ts';
import type { AccountBilling } from '../../billing/settle.ts';
import { readBilling } from '../../billing/sync-customers.ts';
import { localDay } from '../../days.ts';
import { type BillingView, findBillingView } from '../../db/billing-view.ts';
import { formatDay, formatMoney, formatPercent } from '../../format.ts';
import { oneLine } from '../../one-line.ts';
import { readPlaybook } from '../../playbook/read.ts';
import { findAccount } from '../metrics/find.ts';
import type { Cli } from '../types.ts';

const mostInvoices = 12;

/** `bellwether billing show`. */
export async function showBilling(cli: Cli, text: string): Promise<void> {
  const { timeZone, playbook: pack } = await cli.config();
  const { renewals: settings } = await readPlaybook(pack);
  const { db } = await cli.connect();
  const account = await findAccount(cli, db, text, timeZone);
  if (!account) return;
  const view = await findBillingView(db, account.id, mostInvoices);
  const [billing] = await readBilling({ db, now: cli.now(), timeZone, settings }, [account.id]);
  if (view.customers.length === 0 || !billing) {
    const message = `${account.name} has no customer in Stripe; \`bellwether billing link\` says which one it is.`;
    cli.stderr.write(`${cli.json ? JSON.stringify({ error: { code: 'no_customer', message } }) : message}\n`);
    cli.exitWith(1);
    return;
  }
  if (cli.json) cli.printJson({ account, ...billing, ...view });
  else for (const line of linesOf(account.name, billing, view, timeZone)) cli.print(line);
}

function linesOf(name: string, billing: AccountBilling, view: BillingView, timeZone: string): string[] {
  const dayOf = (instant: string) => formatDay(localDay(new Date(instant), timeZone));
  const money = (amount: number) => formatMoney(amount, billing.currency);
  return [
    oneLine(name),
    ...view.customers.map(
      ({ id, name: called, matchedBy }) =>
        `  customer   ${id}  ${oneLine(called ?? '(no name)')}, found by ${matchedBy}`,
    ),
    `  MRR        ${billing.mrr === null ? 'not known' : money(billing.mrr)}`,
    ...billing.leftOut.map((currency) => `             what is billed in ${currency} is not in it`),
    ...forecastLines(billing, money),
    ...creditLines(billing, money),
    `  card       ${billing.hasCard ? 'on file' : 'none on file'}`,
    ...view.subscriptions.map(
      ({ id, status, currency, mrr, periodEnd }) =>
        `  ${id}  ${status}, ${mrr === null ? 'MRR not known' : `${formatMoney(mrr, currency)} a month`}${periodEnd ? `, period until ${dayOf(periodEnd)}` : ''}`,
    ),
    ...view.invoices.map(
      ({ label, status, currency, total, createdAt, isFailed, risk }) =>
        `  ${oneLine(label)}  ${formatMoney(total, currency)}, ${status}${isFailed ? ', payment failed' : ''}${risk ? `, payment ${risk.replace('_', ' ')}` : ''}${status === 'upcoming' ? '' : `, ${dayOf(createdAt)}`}`,
    ),
  ];
}

const methods: Record<ForecastMethod, string> = {
  level: 'as the last period',
  rate: 'use so far and as expected, times the price of a unit',
  base_and_rate: 'a base, and use times the price of a unit',
};

function forecastLines({ forecast }: AccountBilling, money: (amount: number) => string): string[] {
  if (!forecast) return ['  forecast   none: too few periods were billed'];
  const error = formatPercent(forecast.error);
  return [
    `  forecast   ${money(forecast.amount)} this month; it would have been wrong by ${error} in the last three`,
    ...forecast.parts.map(
      ({ subscriptionId, forecast: part }) =>
        `             ${subscriptionId}: ${part ? `${money(part.amount)}, ${methods[part.method]}` : 'as its MRR'}`,
    ),
  ];
}

function creditLines({ credit }: AccountBilling, money: (amount: number) => string): string[] {
  if (!credit) return [];
  const { left, burn, endsOn, expiring } = credit;
  return [
    `  credit     ${money(left)} left${burn === null ? (left > 0 ? ', use not known yet' : '') : `, ${money(burn)} a day`}${endsOn ? `, used up on ${formatDay(endsOn)}` : ''}`,
    ...(expiring ? [`             ${money(expiring.amount)} would expire on ${formatDay(expiring.on)}`] : []),
  ];
}
