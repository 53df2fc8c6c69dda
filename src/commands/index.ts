import type { CommandEntry } from './types.ts';

/** Every command, in the order that `--help` lists them. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'migrate',
    description: 'bring the database to the newest schema',
    load: () => import('./migrate.ts'),
  },
];
