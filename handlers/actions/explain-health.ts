import { EXPLAIN_HEALTH } from '../../blocks/health-card.ts';
import { explanation } from '../health/answers.ts';
import { findAccountById } from '../health/find-account.ts';
import { usualPeriod } from '../health/parse.ts';
import type { ActionDefinition } from '../types.ts';

/** "Why" on a card. */
export const explainHealth: ActionDefinition = {
  actionId: EXPLAIN_HEALTH,
  async run(args, deps) {
    const view = await findAccountById(args.value, deps);
    await args.respond(await explanation(view, usualPeriod, deps));
  },
};
