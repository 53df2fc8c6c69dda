import { findConflicts } from '../../db/claims.ts';
import { readOwners } from '../../playbook/read-sources.ts';
import type { Cli } from '../types.ts';
import { conflictLine } from './words.ts';

/** `bellwether sync conflicts`. */
export async function listConflicts(cli: Cli): Promise<void> {
  const { playbook } = await cli.config();
  const owners = await readOwners(playbook);
  const { db } = await cli.connect();
  const conflicts = await findConflicts(db, owners);
  if (cli.json) cli.printJson(conflicts);
  else if (conflicts.length === 0) cli.print('No source says anything else than the accounts have.');
  else for (const conflict of conflicts) cli.print(conflictLine(conflict));
  if (conflicts.length > 0) cli.exitWith(1);
}
