import { FINISH_RENEWAL_TASK, LOST_RENEWAL, MOVE_RENEWAL, RENEWED } from '../../blocks/renewal-card.ts';
import { localDay } from '../../src/days.ts';
import { readDate } from '../renewals/parse.ts';
import { decideHere, finishTaskHere, readRenewalId } from '../renewals/press.ts';
import type { ActionDefinition } from '../types.ts';

/** "Renewed" below a renewal: for a year. */
export const renewed: ActionDefinition = {
  actionId: RENEWED,
  stores: true,
  async run(args, deps) {
    const told = await decideHere(args, readRenewalId(args.value), { state: 'renewed', date: null }, deps);
    if (told !== null) await args.respond({ text: told });
  },
};

/** "Lost". */
export const renewalLost: ActionDefinition = {
  actionId: LOST_RENEWAL,
  stores: true,
  async run(args, deps) {
    const told = await decideHere(args, readRenewalId(args.value), { state: 'lost' }, deps);
    if (told !== null) await args.respond({ text: told });
  },
};

/** The calendar: another renewal date. */
export const renewalMoved: ActionDefinition = {
  actionId: MOVE_RENEWAL,
  stores: true,
  async run(args, deps) {
    const date = readDate(args.value, localDay(deps.now(), deps.config.timeZone));
    const told = await decideHere(args, readRenewalId(args.blockId), { state: 'moved', date }, deps);
    if (told !== null) await args.respond({ text: told });
  },
};

/** "Task done". */
export const renewalTaskDone: ActionDefinition = {
  actionId: FINISH_RENEWAL_TASK,
  stores: true,
  async run(args, deps) {
    const told = await finishTaskHere(args, readRenewalId(args.value), deps);
    if (told !== null) await args.respond({ text: told });
  },
};
