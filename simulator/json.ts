import { channelMessages, repliesOf } from './lookup.ts';
import type { State, StoredFile, StoredMessage, StoredView } from './state.ts';
import { type Channel, findUser, isDirect, isExtShared, type Person } from './workspace.ts';

/** A message as the Web API and events have it. */
export function messageJson(
  state: State,
  message: StoredMessage,
  { metadata = false }: { metadata?: boolean } = {},
): Record<string, unknown> {
  const { app, team } = state.workspace;
  const author = findUser(state.workspace, message.user);
  const replies = repliesOf(state, message.channel, message.ts);
  const users = [...new Set(replies.map((reply) => reply.user))];
  return {
    type: 'message',
    ...(message.subtype && { subtype: message.subtype }),
    // Under another name it is nobody's but the app's.
    ...(message.username === null ? { user: message.user } : { username: message.username }),
    text: message.text,
    ts: message.ts,
    team: author?.team_id ?? team.id,
    ...(message.is_bot && { bot_id: app.bot_id, app_id: app.id, bot_profile: botProfile(state) }),
    ...(message.blocks.length > 0 && { blocks: message.blocks }),
    ...(message.attachments.length > 0 && { attachments: message.attachments }),
    ...((message.thread_ts ?? replies.length > 0) && { thread_ts: message.thread_ts ?? message.ts }),
    ...(message.thread_ts && message.thread_ts !== message.ts && { parent_user_id: parentUser(state, message) }),
    ...(replies.length > 0 && {
      reply_count: replies.length,
      reply_users_count: users.length,
      reply_users: users,
      latest_reply: replies.at(-1)?.ts,
      is_locked: false,
      subscribed: false,
    }),
    ...(message.edited && { edited: message.edited }),
    ...(message.reactions.length > 0 && {
      reactions: message.reactions.map(({ name, users: by }) => ({ name, users: by, count: by.length })),
    }),
    ...(message.files.length > 0 && { files: filesOf(state, message), upload: false }),
    ...(metadata && message.metadata && { metadata: message.metadata }),
  };
}

const parentUser = (state: State, message: StoredMessage) =>
  channelMessages(state, message.channel).find((each) => each.ts === message.thread_ts)?.user;

const filesOf = (state: State, message: StoredMessage) =>
  message.files.flatMap((id) => {
    const file = state.files.get(id);
    return file ? [fileJson(state, file)] : [];
  });

const botProfile = ({ workspace: { app, team } }: State) => ({
  id: app.bot_id,
  app_id: app.id,
  user_id: app.bot_user_id,
  name: app.name,
  icons: {},
  deleted: false,
  updated: 0,
  team_id: team.id,
});

/** Seconds between a time zone and UTC at a moment. */
function offsetOf(zone: string, at: Date): number {
  const local = new Date(at.toLocaleString('en-US', { timeZone: zone }));
  const utc = new Date(at.toLocaleString('en-US', { timeZone: 'UTC' }));
  return Math.round((local.getTime() - utc.getTime()) / 1000);
}

/** A person as users.info has them: people of other workspaces come without an email, deleted ones with little. */
export function userJson(state: State, user: Person, { email }: { email: boolean }): Record<string, unknown> {
  const { workspace } = state;
  const isOurs = user.team_id === workspace.team.id;
  const meets = workspace.channels.some(
    ({ members }) => members.includes(user.id) && members.includes(workspace.app.bot_user_id),
  );
  const profile = {
    title: user.title,
    phone: '',
    skype: '',
    real_name: user.real_name,
    real_name_normalized: user.real_name,
    display_name: user.name,
    display_name_normalized: user.name,
    status_text: '',
    status_emoji: '',
    team: user.team_id,
    ...(user.is_bot && { api_app_id: workspace.app.id, bot_id: workspace.app.bot_id, always_active: true }),
    ...(email && isOurs && user.email && { email: user.email }),
  };
  const who = { id: user.id, team_id: user.team_id, name: user.name, deleted: user.deleted };
  const what = { is_bot: user.is_bot, is_app_user: false, updated: 0, profile };
  if (user.deleted) return { ...who, ...what };
  return {
    ...who,
    color: user.color.slice(1),
    real_name: user.real_name,
    tz: user.tz,
    tz_label: user.tz,
    tz_offset: offsetOf(user.tz, state.now()),
    ...what,
    is_admin: user.is_admin,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: user.is_restricted,
    is_ultra_restricted: false,
    is_email_confirmed: user.email !== null,
    who_can_share_contact_card: 'EVERYONE',
    // Only someone the app shares no channel with counts as a stranger; a colleague of the customer does not.
    ...(!isOurs && { is_stranger: !meets }),
  };
}

/** A conversation as conversations.info and list have it. */
export function channelJson(state: State, channel: Channel, { members = false } = {}): Record<string, unknown> {
  const { team, app } = state.workspace;
  const shared = isExtShared(channel);
  const isMember = channel.members.includes(app.bot_user_id);
  const common = {
    id: channel.id,
    created: channel.created,
    is_archived: channel.is_archived,
    is_im: channel.kind === 'im',
    is_org_shared: false,
    context_team_id: team.id,
    updated: channel.created * 1000,
  };
  if (channel.kind === 'im') {
    const user = channel.members.find((id) => id !== app.bot_user_id) ?? app.bot_user_id;
    return { ...common, user, is_user_deleted: findUser(state.workspace, user)?.deleted ?? false, priority: 0 };
  }
  return {
    ...common,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !isDirect(channel),
    is_group: false,
    is_mpim: channel.kind === 'mpim',
    is_private: channel.kind !== 'channel',
    is_general: channel.is_general,
    is_shared: shared,
    is_ext_shared: shared,
    is_pending_ext_shared: false,
    pending_shared: [],
    shared_team_ids: channel.team_ids,
    internal_team_ids: [],
    ...(shared && { connected_team_ids: channel.team_ids.filter((id) => id !== team.id) }),
    unlinked: 0,
    is_member: isMember,
    creator: channel.creator,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    previous_names: [],
    ...(members && { num_members: channel.members.length }),
  };
}

/** A file as files.info has it: type and shares are missing until it is ready. */
export function fileJson(state: State, file: StoredFile): Record<string, unknown> {
  const { team, app } = state.workspace;
  const isReady = file.state === 'ready';
  const extension = file.name.includes('.') ? (file.name.split('.').pop() ?? '') : '';
  const shares: Record<
    'public' | 'private',
    Record<string, { ts: string; channel_name: string; team_id: string }[]>
  > = {
    public: {},
    private: {},
  };
  const places: Record<'channels' | 'groups' | 'ims', string[]> = { channels: [], groups: [], ims: [] };
  for (const { channel: id, ts } of isReady ? file.shares : []) {
    const channel = state.workspace.channels.find((each) => each.id === id);
    if (!channel) continue;
    const side = channel.kind === 'channel' ? shares.public : shares.private;
    side[id] = [...(side[id] ?? []), { ts, channel_name: channel.name, team_id: team.id }];
    places[channel.kind === 'channel' ? 'channels' : channel.kind === 'im' ? 'ims' : 'groups'].push(id);
  }
  const path = `${state.baseUrl}/files-pri/${team.id}-${file.id}`;
  return {
    id: file.id,
    created: file.created,
    timestamp: file.created,
    name: file.name,
    title: file.title || file.name,
    mimetype: isReady ? file.mimetype : '',
    filetype: isReady ? extension : '',
    pretty_type: isReady ? extension.toUpperCase() : '',
    user: app.bot_user_id,
    user_team: team.id,
    editable: false,
    size: file.size,
    mode: 'hosted',
    is_external: false,
    external_type: '',
    is_public: places.channels.length > 0,
    public_url_shared: false,
    display_as_bot: false,
    username: '',
    file_access: 'visible',
    url_private: `${path}/${encodeURIComponent(file.name)}`,
    url_private_download: `${path}/download/${encodeURIComponent(file.name)}`,
    permalink: `${state.baseUrl}/files/${app.bot_user_id}/${file.id}/${encodeURIComponent(file.name)}`,
    ...(file.alt_text && { alt_txt: file.alt_text }),
    ...places,
    shares: isReady
      ? Object.fromEntries(Object.entries(shares).filter(([, each]) => Object.keys(each).length > 0))
      : {},
    comments_count: 0,
    has_rich_preview: false,
  };
}

/** A view as views.open answers it and interactions carry it. */
export function viewJson(state: State, view: StoredView): Record<string, unknown> {
  const { app, team } = state.workspace;
  return {
    id: view.id,
    team_id: team.id,
    type: view.type,
    blocks: view.blocks,
    private_metadata: view.private_metadata,
    callback_id: view.callback_id,
    state: view.state,
    hash: view.hash,
    title: view.title ?? { type: 'plain_text', text: 'View Title', emoji: true },
    clear_on_close: view.clear_on_close,
    notify_on_close: view.notify_on_close,
    close: view.close,
    submit: view.submit,
    previous_view_id: view.previous_view_id,
    root_view_id: view.root_view_id,
    app_id: app.id,
    external_id: view.external_id,
    app_installed_team_id: team.id,
    bot_id: app.bot_id,
  };
}
