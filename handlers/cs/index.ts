import type { Subcommand } from '../types.ts';
import { metric } from './metric.ts';

/** What can follow `/cs`. */
export const subcommands: readonly Subcommand[] = [metric];
