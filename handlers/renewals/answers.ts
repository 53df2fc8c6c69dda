import { RENEWALS_PAGE_SIZE, type RenewalsPlace, renewalList } from '../../blocks/renewal-list.ts';
import { findEarlyEnds } from '../../src/db/credit-ends.ts';
import { findListedRenewals } from '../../src/db/renewal-list.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import type { Message } from '../../src/slack/response-url.ts';
import { alertContext } from '../alerts/context.ts';
import type { Request } from '../types.ts';

/** One page of the renewals to come of the person's accounts or of all; a page that is not there becomes the last. */
export async function renewalsOf({ person }: Request, place: RenewalsPlace, deps: Deps): Promise<Message> {
  const { list, months, page } = place;
  if (list === 'mine' && person.email === null)
    throw new UserError(
      'Slack did not tell me your email address, so I cannot see which accounts are yours. `/cs renewals all` shows those of everybody.',
    );
  const { pack, today } = alertContext(deps, person.email);
  const email = list === 'mine' ? person.email : null;
  const { timeZone } = deps.config;
  const earlyEnds = await findEarlyEnds(deps.db, { today, timeZone, settings: deps.playbook.renewals });
  const read = (wanted: number) =>
    findListedRenewals(deps.db, {
      email,
      today,
      months,
      earlyEnds,
      limit: RENEWALS_PAGE_SIZE,
      offset: (wanted - 1) * RENEWALS_PAGE_SIZE,
    });
  const first = await read(Math.max(1, page));
  const shown = Math.max(1, Math.min(page, Math.ceil(first.total / RENEWALS_PAGE_SIZE)));
  const found = shown === page ? first : await read(shown);
  return renewalList(found, { list, months, page: shown }, { pack, today });
}
