import type { KnownBlock } from '@slack/types';
import type { MyAccount } from '../src/db/my-accounts.ts';
import { bandSymbol, bandWord, formatChange, formatDay, formatDistance, formatMoney } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { type Pack, scoreLabel } from './labels.ts';
import { type BlockMessage, button, buttons, context, header, section } from './text.ts';

/** Open an account's card from a list; the value is the account's id. */
export const OPEN_ACCOUNT = 'open_account';
/** Another page of one's accounts; the value is its number, from 1. */
export const PREVIOUS_PAGE = 'my_accounts_previous';
/** As PREVIOUS_PAGE, forwards. */
export const NEXT_PAGE = 'my_accounts_next';

/** Accounts on a page. */
export const PAGE_SIZE = 15;

/** One page of somebody's accounts, the worst first; `page` counts from 1. */
export function myAccounts(
  { accounts, total }: { accounts: readonly MyAccount[]; total: number },
  { pack, page, today }: { pack: Pack; page: number; today: string },
): BlockMessage {
  const pages = Math.ceil(total / PAGE_SIZE);
  const title = `Your ${total === 1 ? 'account' : `${total} accounts`}, the worst first`;
  return {
    text: [title, ...accounts.map((account) => `${mrkdwn(account.name, 60)}: ${outcome(account, pack)}`)].join('\n'),
    blocks: [
      header(title),
      ...accounts.map(
        (account): KnownBlock => ({
          ...section(`*${mrkdwn(account.name, 90)}*  ${outcome(account, pack)}\n${facts(account, today)}`),
          accessory: button(OPEN_ACCOUNT, 'Open', account.id),
        }),
      ),
      ...(pages > 1 ? pager(page, pages) : []),
    ],
  };
}

/** Nobody's CSM: how accounts come to have one. `email` is what was looked for. */
export function noAccountsOfMine(email: string | null): BlockMessage {
  const text = email
    ? `No account has you as its CSM. An account is yours when its \`csm_email\` is ${mrkdwn(email, 100)}; \`bellwether import accounts FILE\` sets it. To look at any account, type \`/health\` and its name.`
    : 'Slack did not tell me your email address, so I cannot see which accounts are yours. An administrator can give me the permission `users:read.email`. To look at any account, type `/health` and its name.';
  return { text, blocks: [section(text)] };
}

function outcome({ model, score, band, weekBefore }: MyAccount, pack: Pack): string {
  if (score === null || model === null) return `${bandSymbol(null)} ${bandWord(null)}`;
  const change = weekBefore === null ? 'no score 7 days ago' : `${formatChange(score - weekBefore)} in 7 days`;
  return `${bandSymbol(band)} ${scoreLabel(pack, model, score).label} ${bandWord(band)} · ${change}`;
}

function facts({ arr, currency, renewalDate }: MyAccount, today: string): string {
  const worth = arr === null ? 'ARR: no data' : `ARR ${formatMoney(arr, currency)}`;
  if (renewalDate === null) return `${worth} · renewal date: no data`;
  const verb = renewalDate < today ? 'renewal was' : 'renews';
  return `${worth} · ${verb} ${formatDay(renewalDate)} (${formatDistance(renewalDate, today)})`;
}

function pager(page: number, pages: number): KnownBlock[] {
  const turns = [
    ...(page > 1 ? [button(PREVIOUS_PAGE, 'Previous page', String(page - 1))] : []),
    ...(page < pages ? [button(NEXT_PAGE, 'Next page', String(page + 1))] : []),
  ];
  return [context(`Page ${page} of ${pages}`), buttons(...turns)];
}
