import type { Migration } from 'kysely/migration';
import { up as initial } from './0001-initial.ts';
import { up as ingestion } from './0002-ingestion.ts';
import { up as alerts } from './0003-alerts.ts';
import { up as tickets } from './0004-tickets.ts';
import { up as renewals } from './0005-renewals.ts';
import { up as billing } from './0006-billing.ts';
import { up as sources } from './0007-sources.ts';

/** Every migration in the order it is applied. One that has been released is never changed or removed. */
export const migrations: Record<string, Migration> = {
  '0001-initial': { up: initial },
  '0002-ingestion': { up: ingestion },
  '0003-alerts': { up: alerts },
  '0004-tickets': { up: tickets },
  '0005-renewals': { up: renewals },
  '0006-billing': { up: billing },
  '0007-sources': { up: sources },
};
