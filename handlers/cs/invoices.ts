import { findAccount } from '../health/find-account.ts';
import { readAccount } from '../health/parse.ts';
import { invoicesOf } from '../invoices/answers.ts';
import { unquoted } from '../metrics/words.ts';
import type { Subcommand } from '../types.ts';

/** `/cs invoices`: what is not paid, and what is coming. */
export const invoices: Subcommand = {
  name: 'invoices',
  explain: () => [
    { example: 'invoices', does: 'the open and coming invoices of your accounts, with their payment risk' },
    { example: 'invoices acme', does: 'those of an account; `invoices all` those of everybody' },
  ],
  async run(args, deps) {
    const words = unquoted(args.text.toWellFormed().trim());
    const list = /^(?:mine)?$/i.test(words) ? 'mine' : /^all$/i.test(words) ? 'all' : null;
    if (list) return args.respond(await invoicesOf(args, { list, page: 1 }, deps));
    const found = await findAccount(readAccount(words), deps);
    if ('instead' in found)
      return args.respond({ text: `${found.instead.text} Then say it again with its id or its whole name in quotes.` });
    const place = { list: { account: found.view.account.id }, page: 1 };
    await args.respond(await invoicesOf(args, place, deps));
  },
};
