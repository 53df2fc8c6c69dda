import { OPEN_ACCOUNT } from '../../blocks/my-accounts.ts';
import { answerWithCard } from '../health/answers.ts';
import { findAccountById } from '../health/find-account.ts';
import type { ActionDefinition } from '../types.ts';

/** "Open" in a list of accounts. */
export const openAccount: ActionDefinition = {
  actionId: OPEN_ACCOUNT,
  async run(args, deps) {
    const view = await findAccountById(args.value, deps);
    // The list stays, to open the next one from.
    await answerWithCard(args, view, { asked: null, replace: false }, deps);
  },
};
