import { createHash } from 'node:crypto';

export type Team = { id: string; name: string; domain: string; email_domain: string };

export type Person = {
  id: string;
  team_id: string;
  name: string;
  real_name: string;
  email: string | null;
  title: string;
  /** IANA name. */
  tz: string;
  /** #rrggbb */
  color: string;
  is_bot: boolean;
  is_admin: boolean;
  /** A guest. */
  is_restricted: boolean;
  deleted: boolean;
};

export type Channel = {
  id: string;
  name: string;
  kind: 'channel' | 'private' | 'im' | 'mpim';
  /** Ids of the workspaces that share it; more than one makes it ext-shared. */
  team_ids: string[];
  is_general: boolean;
  is_archived: boolean;
  creator: string;
  /** Unix seconds. */
  created: number;
  topic: string;
  members: string[];
};

/** The world a simulator starts with; it changes as people and the bot act. */
export type Workspace = {
  /** Where the app is installed. */
  team: Team;
  /** All workspaces there are, `team` among them. */
  teams: Team[];
  users: Person[];
  channels: Channel[];
  app: { id: string; name: string; bot_id: string; bot_user_id: string };
};

export const findUser = (workspace: Workspace, id: string): Person | undefined =>
  workspace.users.find((user) => user.id === id);

export const findChannel = (workspace: Workspace, id: string): Channel | undefined =>
  workspace.channels.find((channel) => channel.id === id);

export const isExtShared = (channel: Channel): boolean => channel.team_ids.length > 1;

export const isDirect = (channel: Channel): boolean => channel.kind === 'im' || channel.kind === 'mpim';

/** Public channels of the home workspace are open to its full members; the rest to their members only. */
export function canSee(workspace: Workspace, channel: Channel, userId: string): boolean {
  if (channel.members.includes(userId)) return true;
  const user = findUser(workspace, userId);
  return channel.kind === 'channel' && user?.team_id === workspace.team.id && !user.is_restricted;
}

/** The direct message of two or more people, made if need be; its id depends on who they are alone. */
export function openDirect(
  workspace: Workspace,
  members: string[],
  created: number,
): { channel: Channel; isNew: boolean } {
  const sorted = [...new Set(members)].sort();
  const found = workspace.channels.find(
    (channel) =>
      isDirect(channel) &&
      channel.members.length === sorted.length &&
      sorted.every((id) => channel.members.includes(id)),
  );
  if (found) return { channel: found, isNew: false };
  const hash = createHash('sha256').update(sorted.join()).digest('hex').slice(0, 9).toUpperCase();
  const isGroup = sorted.length > 2;
  const names = sorted.map((id) => findUser(workspace, id)?.name ?? id);
  const channel: Channel = {
    id: `${isGroup ? 'G' : 'D'}0${hash}`,
    name: isGroup ? `mpdm-${names.join('--')}-1` : '',
    kind: isGroup ? 'mpim' : 'im',
    team_ids: [workspace.team.id],
    is_general: false,
    is_archived: false,
    creator: sorted[0] ?? '',
    created,
    topic: '',
    members: sorted,
  };
  workspace.channels.push(channel);
  return { channel, isNew: true };
}
