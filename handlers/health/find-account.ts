import { accountPicker, noAccount } from '../../blocks/account-picker.ts';
import { localDay } from '../../src/days.ts';
import { findNamesakes, searchAccounts } from '../../src/db/account-search.ts';
import { findHealthView, findHealthViewById, type HealthView } from '../../src/db/health-view.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import type { Message } from '../../src/slack/response-url.ts';
import type { NamedAccount } from './parse.ts';

/** The one account that was meant, with what was typed when it is only alike; else the message that asks or tells. */
export type Found = { view: HealthView; asked: string | null } | { instead: Message };

/** Finds the account that somebody named, exactly or nearly. */
export async function findAccount({ text, keys }: NamedAccount, { db, config, now }: Deps): Promise<Found> {
  const today = localDay(now(), config.timeZone);
  const view = await findHealthView(db, keys, today);
  if (view) return { view, asked: null };
  const namesakes = await findNamesakes(db, keys);
  if (namesakes.length > 1) return { instead: accountPicker(text, namesakes, namesakes.length) };
  const result = await searchAccounts(db, text);
  if (result.kind === 'several') return { instead: accountPicker(text, result.accounts, result.total) };
  if (result.kind === 'none') return { instead: noAccount(text, result.nearest) };
  const found = await findHealthViewById(db, result.account.id, today);
  return found ? { view: found, asked: result.alike ? text : null } : { instead: noAccount(text, []) };
}

/** The view of the account that a button names. Throws a UserError when it is gone. */
export async function findAccountById(id: string | null, { db, config, now }: Deps): Promise<HealthView> {
  const view = id === null ? null : await findHealthViewById(db, id, localDay(now(), config.timeZone));
  if (!view) throw new UserError('This account is no longer there.');
  return view;
}
