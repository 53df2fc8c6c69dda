import { parseAlertsRequest } from '../alerts/parse.ts';
import { setPreferences, settingsOf } from '../alerts/settings.ts';
import type { Subcommand } from '../types.ts';

/** `/cs alerts`: the open alerts of one's accounts, and when alerts come. */
export const alerts: Subcommand = {
  name: 'alerts',
  explain: () => [
    { example: 'alerts', does: 'the open alerts of your accounts, and when alerts reach you' },
    { example: 'alerts quiet 19:00-08:00', does: 'nothing but high severity in these hours; `quiet off` ends it' },
    { example: 'alerts weekend off', does: 'nothing but high severity at weekends; `weekend on` is the other way' },
    { example: 'alerts digest 09:00', does: 'one message a day; `digest off` for each alert by itself' },
  ],
  stores: (text) => text.trim() !== '',
  async run(args, deps) {
    const wanted = parseAlertsRequest(args.text, deps.playbook.indicators.delivery.digestAt);
    if (wanted.kind === 'set') await setPreferences(args, wanted.change, deps);
    const told = wanted.kind === 'set' ? 'Changed.' : null;
    await args.respond(await settingsOf(args, { page: 1, told }, deps));
  },
};
