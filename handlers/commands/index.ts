import type { CommandDefinition } from '../types.ts';
import { cs } from './cs.ts';
import { health } from './health.ts';

/** Every slash command; each has an entry in manifest.yml too. */
export const commands: readonly CommandDefinition[] = [health, cs];
