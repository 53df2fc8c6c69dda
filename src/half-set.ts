import type { Config } from './config.ts';
import type { Playbook } from './playbook/types.ts';

/** Connections that are set by half, so that less comes in than it seems; each in words, with what to do. */
export function findHalfSet(
  { stripe, salesforce, vitally }: Pick<Config, 'stripe' | 'salesforce' | 'vitally'>,
  { sources }: Pick<Playbook, 'sources'>,
): string[] {
  const found: string[] = [];
  if (stripe.webhookSecret && !stripe.apiKey)
    found.push(
      'STRIPE_WEBHOOK_SECRET is set without STRIPE_API_KEY: what Stripe tells is stored and waits; set STRIPE_API_KEY, so that it is read',
    );
  if (stripe.apiKey && !stripe.webhookSecret)
    found.push(
      'STRIPE_API_KEY is set without STRIPE_WEBHOOK_SECRET: changes in Stripe are found every four hours only; add the webhook (docs/billing.md) and set its signing secret to hear of them at once',
    );
  const unmapped = (settings: string, section: string) =>
    `${settings} are set, but sources.yml of the playbook has no section ${section}: nothing is read from there; add the section (docs/crm.md), or take the settings away`;
  if (salesforce && !sources.salesforce) found.push(unmapped('SALESFORCE_URL and its credentials', 'salesforce'));
  if (vitally && !sources.vitally) found.push(unmapped('VITALLY_URL and VITALLY_API_KEY', 'vitally'));
  return found;
}
