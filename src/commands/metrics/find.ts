import { z } from 'zod';
import { localDay } from '../../days.ts';
import { findNamesakes, type SearchResult, searchAccounts } from '../../db/account-search.ts';
import { findHealthView } from '../../db/health-view.ts';
import type { Db } from '../../db/types.ts';
import { UserError } from '../../errors.ts';
import { didYouMean } from '../../metrics/fault.ts';
import type { CompiledMetric } from '../../metrics/types.ts';
import type { Playbook } from '../../playbook/types.ts';
import type { Cli } from '../types.ts';

/** The metric of this id. @throws {UserError} that names the nearest one */
export function findMetric({ id: pack, metrics }: Playbook, id: string): CompiledMetric {
  const found = metrics.find((metric) => metric.id === id);
  if (found) return found;
  const ids = metrics.map((metric) => metric.id);
  const hint = didYouMean(id, ids) || '; `bellwether metrics list` shows those there are';
  throw new UserError(`The playbook ${pack} has no metric "${id}"${hint}${hint.endsWith('?') ? '' : '.'}`);
}

/** A day as an option says it. @throws {UserError} when it is none, or after `latest` */
export function readDay(option: string, text: string, latest: string): string {
  if (!z.iso.date().safeParse(text).success) {
    throw new UserError(`${option} ${text} is no day; write it as ${latest}.`);
  }
  if (text > latest) throw new UserError(`${option} ${text} is in the future; today is ${latest}.`);
  return text;
}

/** An account as a command names it. */
export type NamedAccount = { id: string; name: string };

/**
 * The account that was named, exactly or nearly, as `/health` finds it. When there is none, or more than one, it says so
 * with what was perhaps meant, ends with 1, and returns `null`.
 */
export async function findAccount(cli: Cli, db: Db, text: string, timeZone: string): Promise<NamedAccount | null> {
  const words = text.trim();
  const lower = words.toLowerCase();
  const domain =
    lower
      .replace(/^https?:\/\//, '')
      .replace(/[/?#].*$/, '')
      .replace(/^www\./, '') || lower;
  const keys = { id: words, channel: null, domain, alias: lower, name: words };
  const view = await findHealthView(db, keys, localDay(cli.now(), timeZone));
  if (view) return { id: view.account.id, name: view.account.name };
  const namesakes = await findNamesakes(db, keys);
  if (namesakes.length > 1)
    return tellNone(cli, words, { kind: 'several', accounts: namesakes, total: namesakes.length });
  const result = await searchAccounts(db, words);
  if (result.kind !== 'one') return tellNone(cli, words, result);
  if (result.alike) cli.stderr.write(`There is no account "${words}"; this is ${result.account.name}.\n`);
  return { id: result.account.id, name: result.account.name };
}

function tellNone(cli: Cli, words: string, result: Exclude<SearchResult, { kind: 'one' }>): null {
  const several = result.kind === 'several';
  const accounts = (several ? result.accounts : result.nearest).slice(0, 10).map(({ id, name }) => ({ id, name }));
  const message = several
    ? `${result.total} accounts could be meant by "${words}"; name one by its id.`
    : `There is no account "${words}".${accounts.length > 0 ? ' The nearest are:' : ''}`;
  const lines = accounts.map(({ id, name }) => `\n  ${id}${name === id ? '' : `  ${name}`}`).join('');
  const error = { code: several ? 'several_accounts' : 'no_account', message, accounts };
  cli.stderr.write(cli.json ? `${JSON.stringify({ error })}\n` : `${message}${lines}\n`);
  cli.exitWith(1);
  return null;
}
