import { csHelp } from '../../blocks/cs-help.ts';
import { mrkdwn } from '../../src/slack/escape.ts';
import { subcommands } from '../cs/index.ts';
import type { CommandDefinition } from '../types.ts';

/** `/cs`: lists over all accounts, one subcommand each. */
export const cs: CommandDefinition = {
  name: '/cs',
  description: 'Lists over all accounts, the worst first',
  usage: 'metric [name] [fell 20% in 14d] [mine] | help',
  async run(args, deps) {
    const [, word = '', text = ''] = /^\s*(\S*)\s*([\s\S]*)$/.exec(args.text) ?? [];
    const found = subcommands.find(({ name }) => [name, `${name}s`].includes(word.toLowerCase()));
    if (found) return found.run({ ...args, text }, deps);
    const explained = subcommands.flatMap(({ explain }) => explain(deps.playbook));
    const known = ['', 'help'].includes(word.toLowerCase());
    await args.respond(csHelp(explained, known ? null : `I do not know “${mrkdwn(word, 60)}”.`));
  },
};
