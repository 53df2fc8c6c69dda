import { NEXT_PAGE, PREVIOUS_PAGE } from '../../blocks/my-accounts.ts';
import type { Deps } from '../../src/deps.ts';
import { accountsOf } from '../health/answers.ts';
import type { ActionArgs, ActionDefinition } from '../types.ts';

async function run(args: ActionArgs, deps: Deps): Promise<void> {
  await args.respond(await accountsOf(args, Number(args.value), deps), { replace: args.ephemeral });
}

/** "Previous page" below a list of accounts. */
export const previousPage: ActionDefinition = { actionId: PREVIOUS_PAGE, run };

/** "Next page" below a list of accounts. */
export const nextPage: ActionDefinition = { actionId: NEXT_PAGE, run };
