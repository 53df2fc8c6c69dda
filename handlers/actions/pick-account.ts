import { PICK_ACCOUNT } from '../../blocks/account-picker.ts';
import { findIdByReference } from '../../src/db/account-search.ts';
import { answerWithCard } from '../health/answers.ts';
import { findAccountById } from '../health/find-account.ts';
import type { ActionDefinition } from '../types.ts';

/** A choice from the menu of accounts that fit. */
export const pickAccount: ActionDefinition = {
  actionId: PICK_ACCOUNT,
  async run(args, deps) {
    const id = await findIdByReference(deps.db, args.value);
    const view = await findAccountById(id, deps);
    await answerWithCard(args, view, { asked: null, replace: args.ephemeral }, deps);
  },
};
