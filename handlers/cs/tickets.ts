import { listTickets, showNumber } from '../tickets/answers.ts';
import { parseTicketsRequest } from '../tickets/parse.ts';
import type { Subcommand } from '../types.ts';

/** `/cs tickets`: open tickets, one's own or all, or a single one. */
export const tickets: Subcommand = {
  name: 'tickets',
  explain: () => [
    {
      example: 'tickets',
      does: 'the open tickets that are given to you, urgent ones first; `tickets all`: of everybody',
    },
    { example: 'tickets #12', does: 'a ticket with what was said, to answer and to solve it' },
  ],
  async run(args, deps) {
    const wanted = parseTicketsRequest(args.text);
    if (wanted.kind === 'show') return args.respond(await showNumber(wanted.number, deps));
    await args.respond(await listTickets(args, { list: wanted.list, page: 1 }, null, deps));
  },
};
