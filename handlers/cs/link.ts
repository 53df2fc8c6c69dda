import { link as linkChannel, listUnlinked, showOwner } from '../tickets/link.ts';
import { parseLinkRequest } from '../tickets/parse-link.ts';
import type { Subcommand } from '../types.ts';

/** `/cs link`: whose channel is which. */
export const link: Subcommand = {
  name: 'link',
  explain: () => [
    { example: 'link', does: 'the channels shared with customers of which I do not know whose they are' },
    {
      example: 'link #acme-shared acme',
      does: 'says whose channel it is, so that its tickets count; `none`: nobody’s',
    },
  ],
  stores: (text) => /\S\s+\S/.test(text),
  async run(args, deps) {
    const wanted = parseLinkRequest(args.text);
    if (wanted.kind === 'list') return args.respond(await listUnlinked(deps));
    if (wanted.kind === 'show') return args.respond(await showOwner(wanted.channel, deps));
    await args.respond(await linkChannel(args, wanted, deps));
  },
};
