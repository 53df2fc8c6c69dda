import type { MultiSelect, Option, OptionGroup, Select } from '@slack/types';
import { useCallback, useMemo, useState } from 'react';
import type { InputValue, OptionValue } from '../../types.ts';
import { loadOptions } from '../api.ts';
import { plainText } from '../text.tsx';
import { useWorkspace, type Workspace } from '../use-workspace.ts';
import { Picker, type PickerOption } from './picker.tsx';
import { requireOption } from './state.ts';
import { type ElementProps, useElement, useSurface } from './surface.tsx';

/** All select menus: of given options, people, channels, and those the bot is asked for. */
export function SelectView(props: ElementProps<Select | MultiSelect>) {
  const { element, blockId } = props;
  const workspace = useWorkspace();
  const { place } = useSurface();
  const { value, busy, commit } = useElement(props);
  const [loaded, setLoaded] = useState<PickerOption[]>([]);
  const external = element.type === 'external_select' || element.type === 'multi_external_select';
  const options = useMemo(() => optionsOf(element, workspace), [element, workspace]);
  const actionId = element.action_id ?? '';
  const leastLetters = external ? (element.min_query_length ?? 3) : 0;

  const load = useCallback(
    async (query: string) => {
      if (query.length < leastLetters) return setLoaded([]);
      const asked = { user: workspace.me, ...place, block_id: blockId, action_id: actionId, value: query };
      const answer = await loadOptions(asked).catch(() => ({ ok: false, options: [], option_groups: undefined }));
      setLoaded(fromOptions(answer.options, answer.option_groups));
    },
    [workspace.me, place, blockId, actionId, leastLetters],
  );

  const many = element.type.startsWith('multi_');
  return (
    <Picker
      options={external ? loaded : options}
      onQuery={external ? load : undefined}
      selected={selectedOf(value, workspace)}
      many={many}
      max={'max_selected_items' in element ? element.max_selected_items : undefined}
      placeholder={element.placeholder === undefined ? PLACEHOLDERS[element.type] : plainText(element.placeholder)}
      busy={busy}
      labelledBy={props.labelledBy}
      describedBy={props.describedBy}
      invalid={props.invalid}
      focusOnLoad={element.focus_on_load}
      onChoose={(chosen) => void commit(valueFor(element.type, chosen))}
    />
  );
}

const PLACEHOLDERS: Record<(Select | MultiSelect)['type'], string> = {
  static_select: 'Select an item',
  external_select: 'Search',
  users_select: 'Select a person',
  conversations_select: 'Select a conversation',
  channels_select: 'Select a channel',
  multi_static_select: 'Select items',
  multi_external_select: 'Search',
  multi_users_select: 'Select people',
  multi_conversations_select: 'Select conversations',
  multi_channels_select: 'Select channels',
};

function optionsOf(element: Select | MultiSelect, workspace: Workspace): PickerOption[] {
  const { state, users, titleOf, me } = workspace;
  switch (element.type) {
    case 'static_select':
    case 'multi_static_select':
      return fromOptions(element.options, element.option_groups);
    case 'users_select':
    case 'multi_users_select':
      return [...users.values()]
        .filter((user) => !user.deleted)
        .map(({ id, real_name, title }) => ({ value: id, label: real_name, detail: title || undefined }));
    case 'channels_select':
    case 'multi_channels_select':
      return state.channels
        .filter(({ kind, is_archived }) => kind === 'channel' && !is_archived)
        .map((channel) => ({ value: channel.id, label: titleOf(channel) }));
    case 'conversations_select':
    case 'multi_conversations_select': {
      const { include, exclude_external_shared_channels: noShared, exclude_bot_users: noBots } = element.filter ?? {};
      return state.channels
        .filter(({ members, kind, is_archived }) => !is_archived && (kind === 'channel' || members.includes(me)))
        .filter(({ kind }) => include === undefined || include.includes(kind === 'channel' ? 'public' : kind))
        .filter((channel) => noShared !== true || !channel.is_ext_shared)
        .filter((channel) => noBots !== true || users.get(channel.user ?? '')?.is_bot !== true)
        .map((channel) => ({ value: channel.id, label: titleOf(channel) }));
    }
    default:
      return [];
  }
}

function fromOptions(options: Option[] = [], groups: OptionGroup[] | undefined): PickerOption[] {
  const pick = (option: Option, group?: string): PickerOption => ({
    value: option.value ?? '',
    label: plainText(option.text),
    detail: option.description === undefined ? undefined : plainText(option.description),
    group,
    option: requireOption(option),
  });
  if (groups === undefined) return options.map((option) => pick(option));
  return groups.flatMap((group) => group.options.map((option) => pick(option, plainText(group.label))));
}

function selectedOf(value: InputValue | null, { nameOf, channels, titleOf }: Workspace): PickerOption[] {
  if (value === null) return [];
  const option = (one: OptionValue): PickerOption => ({ value: one.value, label: plainText(one.text), option: one });
  const user = (id: string): PickerOption => ({ value: id, label: nameOf(id) });
  const channel = (id: string): PickerOption => {
    const known = channels.get(id);
    return { value: id, label: known === undefined ? id : titleOf(known) };
  };
  return [
    ...(value.selected_options ?? []).map(option),
    ...(value.selected_option ? [option(value.selected_option)] : []),
    ...(value.selected_users ?? []).map(user),
    ...(value.selected_user ? [user(value.selected_user)] : []),
    ...[...(value.selected_channels ?? []), ...(value.selected_conversations ?? [])].map(channel),
    ...[value.selected_channel, value.selected_conversation].filter((id) => typeof id === 'string').map(channel),
  ];
}

function valueFor(type: (Select | MultiSelect)['type'], chosen: PickerOption[]): InputValue {
  const ids = chosen.map(({ value }) => value);
  const options = chosen.flatMap(({ option }) => option ?? []);
  switch (type) {
    case 'static_select':
    case 'external_select':
      return { type, selected_option: options[0] ?? null };
    case 'multi_static_select':
    case 'multi_external_select':
      return { type, selected_options: options };
    case 'users_select':
      return { type, selected_user: ids[0] ?? null };
    case 'multi_users_select':
      return { type, selected_users: ids };
    case 'channels_select':
      return { type, selected_channel: ids[0] ?? null };
    case 'multi_channels_select':
      return { type, selected_channels: ids };
    case 'conversations_select':
      return { type, selected_conversation: ids[0] ?? null };
    case 'multi_conversations_select':
      return { type, selected_conversations: ids };
  }
}
