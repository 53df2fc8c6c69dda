import type { StagedAccount } from '../db/import-accounts.ts';
import { type ConvertContext, type Converter, fieldReader, toTraits } from './convert.ts';
import { RowFault } from './faults.ts';
import { toMoney } from './money.ts';
import { toCurrency, toDomain, toEmail, toId, toList, toShortText } from './values.ts';

/** Rows of accounts. */
export function accountConverter(context: ConvertContext): Converter<StagedAccount> {
  const { layout, dates } = context;
  const read = fieldReader('accounts', layout);
  return (row, emit) => {
    const id = read.required(row, 'id', toId);
    const currency = read.optional(row, 'currency', toCurrency);
    const money = (text: string, cell: unknown) => toMoney(text, currency ?? 'USD', typeof cell === 'number');
    const { traits, cleared } = toTraits(row.extras, context);
    emit({
      id,
      name: read.optional(row, 'name', (text) => toShortText(text, 500)),
      domain: read.optional(row, 'domain', toDomain),
      aliases: read.list(row, 'aliases', (value) =>
        toList(value, 255).map((alias) => toShortText(alias.toLowerCase(), 255)),
      ),
      csm_email: read.optional(row, 'csm_email', toEmail),
      segments: read.list(row, 'segments', (value) => toList(value, 100)),
      arr: read.optional(row, 'arr', money),
      mrr: read.optional(row, 'mrr', money),
      currency,
      created_at: read.optional(row, 'created_at', (text) => dates.instant(text).toISOString()),
      renewal_date: read.optional(row, 'renewal_date', dates.day),
      stripe_customer_id: read.optional(row, 'stripe_customer_id', toStripeCustomer),
      slack_channel_id: read.optional(row, 'slack_channel_id', toSlackChannel),
      traits,
      cleared,
    });
  };
}

function toStripeCustomer(text: string): string {
  if (!/^cus_\w+$/.test(text) || text.length > 255)
    throw new RowFault('is not a Stripe customer id, which starts with cus_');
  return text;
}

function toSlackChannel(text: string): string {
  if (!/^[CG][A-Z0-9]{2,20}$/.test(text)) throw new RowFault('is not a Slack channel id such as C0123456789');
  return text;
}
