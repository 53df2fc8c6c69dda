import { healthHelp } from '../../blocks/health-help.ts';
import { accountsOf, answerWithCard, explanation } from '../health/answers.ts';
import { findAccount } from '../health/find-account.ts';
import { parseHealthRequest } from '../health/parse.ts';
import type { CommandDefinition } from '../types.ts';

/** `/health`: a card, an explanation, the list of one's accounts, or help. */
export const health: CommandDefinition = {
  name: '/health',
  description: 'The health of a customer account, or of all of yours',
  usage: '[account] [why [7d|30d|date]] | help',
  async run(args, deps) {
    const wanted = parseHealthRequest(args.text);
    if (wanted.kind === 'help') return args.respond(healthHelp());
    if (wanted.kind === 'mine') return args.respond(await accountsOf(args, 1, deps));
    const found = await findAccount(wanted, deps);
    if ('instead' in found) return args.respond(found.instead);
    if (wanted.why) return args.respond(await explanation(found.view, wanted.why, deps));
    await answerWithCard(args, found.view, { asked: found.asked, replace: false }, deps);
  },
};
