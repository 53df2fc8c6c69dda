import { SHOW_RENEWAL_USE } from '../../blocks/renewal-card.ts';
import { orderPicture, untilWhen } from '../health/answers.ts';
import { readRenewalId } from '../renewals/press.ts';
import type { ActionDefinition } from '../types.ts';

/** "Picture of use" below a renewal. */
export const showRenewalUse: ActionDefinition = {
  actionId: SHOW_RENEWAL_USE,
  async run(args, deps) {
    const { responseUrl, person } = args;
    const target = { responseUrl, until: untilWhen(deps.now()) };
    await orderPicture(
      'send-renewal-picture',
      { renewalId: readRenewalId(args.value), userId: person.id, target },
      deps,
    );
  },
};
