import type { Subcommand } from '../types.ts';
import { alerts } from './alerts.ts';
import { indicators } from './indicators.ts';
import { metric } from './metric.ts';
import { tasks } from './tasks.ts';

/** What can follow `/cs`. */
export const subcommands: readonly Subcommand[] = [metric, alerts, tasks, indicators];
