import { csHelp } from '../../blocks/cs-help.ts';
import { mrkdwn } from '../../src/slack/escape.ts';
import { subcommands } from '../cs/index.ts';
import type { CommandDefinition } from '../types.ts';

/** `/cs`: lists over all accounts, and what is to be done, one subcommand each. */
export const cs: CommandDefinition = {
  name: '/cs',
  description: 'Lists over all accounts, your alerts, tasks and tickets',
  usage:
    'metric [name] [fell 20% in 14d] | alerts | tasks | renewals | renew account | invoices | tickets | link #channel account | indicators | help',
  stores(text) {
    const { subcommand, rest } = split(text);
    return subcommand?.stores?.(rest) ?? false;
  },
  async run(args, deps) {
    const { word, subcommand, rest } = split(args.text);
    if (subcommand) return subcommand.run({ ...args, text: rest }, deps);
    const explained = subcommands.flatMap(({ explain }) => explain(deps.playbook));
    const known = ['', 'help'].includes(word.toLowerCase());
    await args.respond(csHelp(explained, known ? null : `I do not know “${mrkdwn(word, 60)}”.`));
  },
};

/** The first word, the subcommand that it names in singular or plural, and what follows. */
function split(input: string) {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*)$/.exec(input) ?? [];
  const singular = (name: string) => name.toLowerCase().replace(/s$/, '');
  return { word, rest, subcommand: subcommands.find(({ name }) => singular(name) === singular(word)) };
}
