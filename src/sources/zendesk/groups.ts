import { z } from 'zod';
import type { Group } from '../../helpdesk/types.ts';
import type { Connection } from './connection.ts';
import { pagesOf } from './pages.ts';
import { groupSchema, toGroup } from './schemas.ts';

const groupsSchema = z.object({ groups: z.array(groupSchema) });

/** The groups that our user may give a ticket to, in Zendesk's order. */
export async function listGroups(zendesk: Connection): Promise<Group[]> {
  const groups: Group[] = [];
  for await (const page of pagesOf(zendesk, { path: 'groups/assignable', what: 'groups', schema: groupsSchema }))
    groups.push(...page.groups.filter(({ deleted }) => !deleted).map(toGroup));
  return groups;
}
