import type { AnyBlock } from '@slack/types';
import { type Element, elementsOf, everyBlock } from './block-fill.ts';
import type { GivenValues, InputValue, OptionValue, StateValues } from './types.ts';

/** The values that a view's or message's fields start with; `before` are those the person has given already. */
export function initialState(blocks: AnyBlock[], before: StateValues = {}): StateValues {
  const values: StateValues = {};
  for (const block of everyBlock(blocks)) {
    for (const element of elementsOf(block)) {
      const initial = initialValue(element);
      if (!initial || !block.block_id || !element.action_id) continue;
      const kept = before[block.block_id]?.[element.action_id];
      const value = kept?.type === element.type ? kept : initial;
      values[block.block_id] = { ...values[block.block_id], [element.action_id]: value };
    }
  }
  return values;
}

/** Puts what the person gave over the values there are; what no field asks for is left out. */
export function mergeState(current: StateValues, given: GivenValues): StateValues {
  const merged = structuredClone(current);
  for (const [blockId, actions] of Object.entries(given)) {
    for (const [actionId, value] of Object.entries(actions)) {
      const slot = merged[blockId]?.[actionId];
      if (slot && merged[blockId]) merged[blockId][actionId] = { ...slot, ...value, type: slot.type };
    }
  }
  return merged;
}

const option = (value: unknown) => (value as OptionValue | undefined) ?? null;
const options = (value: unknown) => (value as OptionValue[] | undefined) ?? [];
const words = (value: unknown) => (value as string[] | undefined) ?? [];
const word = (value: unknown) => (value as string | undefined) ?? null;

function initialValue(element: Element): InputValue | null {
  const { type } = element;
  switch (type) {
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return { type, value: word(element.initial_value) };
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type, selected_option: option(element.initial_option) };
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return { type, selected_options: options(element.initial_options) };
    case 'users_select':
      return { type, selected_user: word(element.initial_user) };
    case 'multi_users_select':
      return { type, selected_users: words(element.initial_users) };
    case 'conversations_select':
      return { type, selected_conversation: word(element.initial_conversation) };
    case 'multi_conversations_select':
      return { type, selected_conversations: words(element.initial_conversations) };
    case 'channels_select':
      return { type, selected_channel: word(element.initial_channel) };
    case 'multi_channels_select':
      return { type, selected_channels: words(element.initial_channels) };
    case 'datepicker':
      return { type, selected_date: word(element.initial_date) };
    case 'timepicker':
      return { type, selected_time: word(element.initial_time) };
    case 'datetimepicker':
      return { type, selected_date_time: (element.initial_date_time as number | undefined) ?? null };
    default:
      return null;
  }
}

/** What Slack's client says under fields that cannot be sent so, by block_id; it never asks the app. */
export function clientErrors(blocks: AnyBlock[], values: StateValues): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const block of everyBlock(blocks)) {
    if (block.type !== 'input' || !block.block_id) continue;
    const [element] = elementsOf(block);
    const value = element?.action_id ? values[block.block_id]?.[element.action_id] : undefined;
    if (!element || !value) continue;
    const problem = fieldProblem(element, value, (block as { optional?: boolean }).optional ?? false);
    if (problem) errors[block.block_id] = problem;
  }
  return errors;
}

const isEmpty = ({ type: _, ...rest }: InputValue) =>
  Object.values(rest).every(
    (value) => value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0),
  );

function fieldProblem(element: Element, value: InputValue, isOptional: boolean): string | null {
  if (isEmpty(value)) return isOptional ? null : 'Please complete this required field.';
  const text = value.value ?? '';
  const limit = (key: string) => (element[key] === undefined ? null : Number(element[key]));
  const chosen = [value.selected_options, value.selected_users, value.selected_conversations, value.selected_channels];
  const most = limit('max_selected_items');
  if (most !== null && chosen.some((each) => (each?.length ?? 0) > most)) return `Please choose no more than ${most}.`;
  switch (element.type) {
    case 'plain_text_input': {
      const [least, longest] = [limit('min_length') ?? 0, limit('max_length') ?? 3000];
      if (text.length < least) return `Please enter at least ${least} characters.`;
      return text.length > longest ? `Please enter no more than ${longest} characters.` : null;
    }
    case 'email_text_input':
      return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text) ? null : 'Please enter a valid email address.';
    case 'url_text_input':
      return URL.canParse(text) ? null : 'Please enter a valid URL.';
    case 'number_input': {
      const number = Number(text);
      if (!Number.isFinite(number)) return 'Please enter a number.';
      if (!element.is_decimal_allowed && !Number.isInteger(number)) return 'Please enter a whole number.';
      const [least, most] = [limit('min_value'), limit('max_value')];
      if (least !== null && number < least) return `Please enter ${least} or more.`;
      return most !== null && number > most ? `Please enter ${most} or less.` : null;
    }
    default:
      return null;
  }
}
