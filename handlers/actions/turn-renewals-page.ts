import { NEXT_RENEWALS, PREVIOUS_RENEWALS, readRenewalsPlace } from '../../blocks/renewal-list.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { renewalsOf } from '../renewals/answers.ts';
import type { ActionArgs, ActionDefinition } from '../types.ts';

async function run(args: ActionArgs, deps: Deps): Promise<void> {
  const place = readRenewalsPlace(args.value);
  if (!place) throw new UserError('This list is from another version. Please ask for it again.');
  await args.respond(await renewalsOf(args, place, deps), { replace: args.ephemeral });
}

/** "Previous page" below a list of renewals. */
export const previousRenewals: ActionDefinition = { actionId: PREVIOUS_RENEWALS, run };

/** "Next page" below a list of renewals. */
export const nextRenewals: ActionDefinition = { actionId: NEXT_RENEWALS, run };
