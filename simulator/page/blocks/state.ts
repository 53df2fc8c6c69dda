import type {
  ActionsBlockElement,
  AnyBlock,
  ContextActionsBlockElement,
  InputBlockElement,
  KnownBlock,
  Option,
  SectionBlockAccessory,
} from '@slack/types';
import type { InputValue, OptionValue, StateValues } from '../../types.ts';

export type BlockElement = ActionsBlockElement | InputBlockElement | SectionBlockAccessory | ContextActionsBlockElement;
/** An element that holds a value, with the block it lies in. */
type Holder = { blockId: string; actionId: string; element: BlockElement };

/** What an element shows before anyone touched it; null for buttons and the like, which hold no value. */
export function initialValue(element: BlockElement, channel: string | null): InputValue | null {
  const { type } = element;
  switch (type) {
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return { type, value: element.initial_value ?? null };
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type, selected_option: optionValue(element.initial_option) };
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return { type, selected_options: (element.initial_options ?? []).map(requireOption) };
    case 'users_select':
      return { type, selected_user: element.initial_user ?? null };
    case 'multi_users_select':
      return { type, selected_users: element.initial_users ?? [] };
    case 'conversations_select':
      return { type, selected_conversation: currentOr(element, channel) ?? element.initial_conversation ?? null };
    case 'multi_conversations_select': {
      const current = currentOr(element, channel);
      return { type, selected_conversations: current === null ? (element.initial_conversations ?? []) : [current] };
    }
    case 'channels_select':
      return { type, selected_channel: element.initial_channel ?? null };
    case 'multi_channels_select':
      return { type, selected_channels: element.initial_channels ?? [] };
    case 'datepicker':
      return { type, selected_date: element.initial_date ?? null };
    case 'timepicker':
      return { type, selected_time: element.initial_time ?? null };
    case 'datetimepicker':
      return { type, selected_date_time: element.initial_date_time ?? null };
    default:
      return null;
  }
}

/** The state Slack sends along: what the person changed, else what the server has, else the initial value. */
export function collectState(blocks: AnyBlock[], changed: StateValues, stored: StateValues, channel: string | null) {
  const state: StateValues = {};
  for (const { blockId, actionId, element } of holders(blocks)) {
    const initial = initialValue(element, channel);
    const value = changed[blockId]?.[actionId] ?? stored[blockId]?.[actionId] ?? initial;
    if (value === null || initial === null) continue;
    state[blockId] = { ...state[blockId], [actionId]: value };
  }
  return state;
}

/** The option as payloads carry it. */
export function requireOption(option: Option): OptionValue {
  return { text: option.text, value: option.value ?? '' };
}

function optionValue(option: Option | undefined): OptionValue | null {
  return option === undefined ? null : requireOption(option);
}

function currentOr(element: { default_to_current_conversation?: boolean }, channel: string | null): string | null {
  return element.default_to_current_conversation === true ? channel : null;
}

function holders(blocks: AnyBlock[]): Holder[] {
  const found: Holder[] = [];
  for (const block of blocks as KnownBlock[]) {
    const blockId = block.block_id ?? '';
    const elements: BlockElement[] =
      block.type === 'actions'
        ? block.elements
        : block.type === 'input'
          ? [block.element]
          : block.type === 'section' && block.accessory !== undefined
            ? [block.accessory]
            : [];
    for (const element of elements) {
      if ('action_id' in element) found.push({ blockId, actionId: element.action_id ?? '', element });
    }
    if (block.type === 'container') found.push(...holders(block.child_blocks));
  }
  return found;
}
