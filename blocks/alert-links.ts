import type { AlertView } from '../src/db/alert-view.ts';
import type { Indicator } from '../src/indicators/types.ts';
import { mrkdwn } from '../src/slack/escape.ts';

/** Longer ones would not fit beside others. */
const MOST_CHARACTERS = 700;

/** Links with the account's own words in them, percent-encoded; those that have none for a placeholder are left out. */
export function linksOf(indicator: Indicator | null, account: AlertView['account'], id: string): string[] {
  const own: Record<string, string | null> = {
    'account.id': account.id,
    'account.name': account.name,
    'account.domain': account.domain,
    indicator: id,
  };
  return (indicator?.links ?? []).flatMap(({ label, url }) => {
    let isMissing = false;
    const filled = url.replace(/\{([a-z._]+)\}/g, (_, key: string) => {
      const value = own[key] ?? null;
      if (value === null) isMissing = true;
      return encodeURIComponent((value ?? '').toWellFormed());
    });
    return (isMissing ? null : linkTo(filled, label)) ?? [];
  });
}

/** A link with a label of at most `most` characters, in mrkdwn; `null` where the address is none of the web, or too long. */
export function linkTo(url: string | null, label: string, most = 60): string | null {
  const address = url !== null && URL.canParse(url) ? new URL(url) : null;
  if (!address || !['http:', 'https:'].includes(address.protocol) || address.href.length > MOST_CHARACTERS) return null;
  const href = address.href
    .replaceAll('|', '%7C')
    .replaceAll('<', '%3C')
    .replaceAll('>', '%3E')
    .replaceAll('&', '&amp;');
  return `<${href}|${mrkdwn(label, most).replaceAll('|', '∣')}>`;
}
