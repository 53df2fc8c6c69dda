import { renewalsOf } from '../renewals/answers.ts';
import { parseRenewalsRequest } from '../renewals/parse.ts';
import type { Subcommand } from '../types.ts';

/** `/cs renewals`: the contracts that come to their end. */
export const renewals: Subcommand = {
  name: 'renewals',
  explain: () => [
    { example: 'renewals', does: 'your renewals of the next 4 months, with their ARR and tasks' },
    { example: 'renewals all next 12 months', does: 'those of everybody, as far ahead as you say' },
  ],
  async run(args, deps) {
    await args.respond(await renewalsOf(args, { ...parseRenewalsRequest(args.text), page: 1 }, deps));
  },
};
