import type { ImportKind } from './types.ts';

/** A column known by name. `also` are names it goes by where `name` itself is not a column. */
export type Field = { name: string; also: readonly string[]; required: boolean };

const field = (name: string, ...also: string[]): Field => ({ name, also, required: false });
const required = (name: string, ...also: string[]): Field => ({ name, also, required: true });

/** The columns of each kind; a row's values are in this order. */
export const fields = {
  accounts: [
    required('id', 'account', 'account_id'),
    field('name'),
    field('domain'),
    field('aliases'),
    field('csm_email'),
    field('segments'),
    field('arr'),
    field('mrr'),
    field('currency'),
    field('created_at'),
    field('renewal_date'),
    field('stripe_customer_id'),
    field('slack_channel_id'),
  ],
  users: [
    required('account', 'account_id'),
    required('id', 'user', 'user_id'),
    field('email'),
    field('name'),
    field('created_at'),
  ],
  events: [
    required('account', 'account_id'),
    field('user', 'user_id'),
    required('event', 'event_name'),
    required('timestamp', 'occurred_at'),
    field('id', 'event_id'),
  ],
  metrics: [required('account', 'account_id'), required('day', 'date'), field('metric'), field('value')],
} as const satisfies Record<ImportKind, readonly Field[]>;

/** The number of a kind's field. */
export function fieldNumber<K extends ImportKind>(kind: K, name: (typeof fields)[K][number]['name']): number {
  return fields[kind].findIndex((candidate) => candidate.name === name);
}

/** A name without case, spaces, hyphens and underscores: `Account ID`, `account-id` and `accountId` are one. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]+/g, '');
}
