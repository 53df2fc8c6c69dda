import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { createBuiltInDesk } from './db/built-in-desk.ts';
import type { Db } from './db/types.ts';
import type { HelpDesk } from './helpdesk/types.ts';
import { createZendesk } from './sources/zendesk.ts';

/** The help desk that the settings name: Zendesk, or without it the built-in one. A third is one more line here. */
export function createDesk(
  { zendesk, ticketGroups }: Pick<Config, 'zendesk' | 'ticketGroups'>,
  { db, log, now }: { db: Db; log: Logger; now: () => Date },
): HelpDesk {
  return zendesk ? createZendesk({ ...zendesk, now, log }) : createBuiltInDesk(db, now, { groups: ticketGroups });
}
