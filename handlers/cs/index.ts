import type { Subcommand } from '../types.ts';
import { alerts } from './alerts.ts';
import { indicators } from './indicators.ts';
import { invoices } from './invoices.ts';
import { link } from './link.ts';
import { metric } from './metric.ts';
import { renew } from './renew.ts';
import { renewals } from './renewals.ts';
import { tasks } from './tasks.ts';
import { tickets } from './tickets.ts';

/** What can follow `/cs`. */
export const subcommands: readonly Subcommand[] = [
  metric,
  alerts,
  tasks,
  renewals,
  renew,
  invoices,
  tickets,
  link,
  indicators,
];
