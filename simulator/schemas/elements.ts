import { z } from 'zod';
import {
  chars,
  confirm,
  imageElement,
  linkOption,
  optionGroup,
  plain,
  plainOption,
  richOption,
  richText,
} from './objects.ts';

const action = { action_id: chars(255, 1).optional() };
const confirmable = { ...action, confirm: confirm.optional() };
const focus = { focus_on_load: z.boolean().optional() };
const placeholder = { placeholder: plain(150).optional() };
const chooser = { ...confirmable, ...focus, ...placeholder };
const many = { max_selected_items: z.int().min(1).optional() };
const dispatch = {
  dispatch_action_config: z
    .strictObject({
      trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])).optional(),
    })
    .optional(),
};
const typed = { ...action, ...focus, ...placeholder, ...dispatch };
const filter = z
  .strictObject({
    include: z
      .array(z.enum(['im', 'mpim', 'private', 'public']))
      .min(1)
      .optional(),
    exclude_external_shared_channels: z.boolean().optional(),
    exclude_bot_users: z.boolean().optional(),
  })
  .optional();
const conversations = { default_to_current_conversation: z.boolean().optional(), filter };
const responds = { response_url_enabled: z.boolean().optional() };
const accessible = { accessibility_label: chars(75).optional() };
const colour = { style: z.enum(['primary', 'danger']).optional() };

const staticChoices = {
  options: z.array(plainOption).min(1).max(100).optional(),
  option_groups: z.array(optionGroup).min(1).max(100).optional(),
};
type Choices = { options?: unknown; option_groups?: unknown };
const oneList = (value: Choices) => (value.options === undefined) !== (value.option_groups === undefined);
const oneListMessage = 'must provide either options or option_groups';

type Chosen = {
  options?: { value: string }[] | undefined;
  option_groups?: { options: { value: string }[] }[] | undefined;
  initial_option?: { value: string } | undefined;
  initial_options?: { value: string }[] | undefined;
};
/** What is chosen at first must be on offer. */
const offered = ({ options = [], option_groups = [], initial_option, initial_options = [] }: Chosen) => {
  const known = new Set([...options, ...option_groups.flatMap((group) => group.options)].map(({ value }) => value));
  return [...initial_options, ...(initial_option ? [initial_option] : [])].every(({ value }) => known.has(value));
};
const offeredMessage = 'the initial options must be among the options';

/** What an app answers when asked for the options of an external select; none at all is an answer. */
export const suggestions = z.union([
  z.object({ options: z.array(plainOption).max(100) }),
  z.object({ option_groups: z.array(optionGroup).max(100) }),
]);

/** A button; also the only element of a card's actions. */
export const button = z.strictObject({
  type: z.literal('button'),
  text: plain(75),
  value: chars(2000).optional(),
  url: chars(3000).optional(),
  ...colour,
  ...accessible,
  ...confirmable,
});
const workflowButton = z.strictObject({
  type: z.literal('workflow_button'),
  text: plain(75),
  workflow: z.looseObject({ trigger: z.looseObject({ url: z.string() }) }),
  ...colour,
  ...accessible,
  ...confirmable,
});
const overflow = z.strictObject({
  type: z.literal('overflow'),
  options: z.array(linkOption).min(1).max(5),
  ...confirmable,
});
const checkboxes = z
  .strictObject({
    type: z.literal('checkboxes'),
    options: z.array(richOption).min(1).max(10),
    initial_options: z.array(richOption).min(1).optional(),
    ...confirmable,
    ...focus,
  })
  .refine(offered, offeredMessage);
const radios = z
  .strictObject({
    type: z.literal('radio_buttons'),
    options: z.array(richOption).min(1).max(10),
    initial_option: richOption.optional(),
    ...confirmable,
    ...focus,
  })
  .refine(offered, offeredMessage);
const date = z.iso.date('must be in the format YYYY-MM-DD');
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be in the format HH:mm');
const datepicker = z.strictObject({ type: z.literal('datepicker'), initial_date: date.optional(), ...chooser });
const timepicker = z.strictObject({
  type: z.literal('timepicker'),
  initial_time: time.optional(),
  timezone: z.string().optional(),
  ...chooser,
});
const datetimepicker = z.strictObject({
  type: z.literal('datetimepicker'),
  initial_date_time: z.int().min(1_000_000_000).max(9_999_999_999).optional(),
  ...confirmable,
  ...focus,
});

const selects = [
  z
    .strictObject({
      type: z.literal('static_select'),
      ...staticChoices,
      initial_option: plainOption.optional(),
      ...chooser,
    })
    .refine(oneList, oneListMessage)
    .refine(offered, offeredMessage),
  z.strictObject({
    type: z.literal('external_select'),
    initial_option: plainOption.optional(),
    min_query_length: z.int().min(0).optional(),
    ...chooser,
  }),
  z.strictObject({ type: z.literal('users_select'), initial_user: z.string().optional(), ...chooser }),
  z.strictObject({
    type: z.literal('conversations_select'),
    initial_conversation: z.string().optional(),
    ...conversations,
    ...responds,
    ...chooser,
  }),
  z.strictObject({
    type: z.literal('channels_select'),
    initial_channel: z.string().optional(),
    ...responds,
    ...chooser,
  }),
] as const;
const multiSelects = [
  z
    .strictObject({
      type: z.literal('multi_static_select'),
      ...staticChoices,
      initial_options: z.array(plainOption).min(1).optional(),
      ...many,
      ...chooser,
    })
    .refine(oneList, oneListMessage)
    .refine(offered, offeredMessage),
  z.strictObject({
    type: z.literal('multi_external_select'),
    initial_options: z.array(plainOption).min(1).optional(),
    min_query_length: z.int().min(0).optional(),
    ...many,
    ...chooser,
  }),
  z.strictObject({
    type: z.literal('multi_users_select'),
    initial_users: z.array(z.string()).optional(),
    ...many,
    ...chooser,
  }),
  z.strictObject({
    type: z.literal('multi_conversations_select'),
    initial_conversations: z.array(z.string()).optional(),
    ...conversations,
    ...many,
    ...chooser,
  }),
  z.strictObject({
    type: z.literal('multi_channels_select'),
    initial_channels: z.array(z.string()).optional(),
    ...many,
    ...chooser,
  }),
] as const;

const textInput = z
  .strictObject({
    type: z.literal('plain_text_input'),
    initial_value: chars(3000).optional(),
    multiline: z.boolean().optional(),
    min_length: z.int().min(0).max(3000).optional(),
    max_length: z.int().min(1).max(3000).optional(),
    ...typed,
  })
  .refine(
    ({ min_length = 0, max_length = 3000 }) => min_length <= max_length,
    'min_length must not be greater than max_length',
  );
const richTextInput = z.strictObject({
  type: z.literal('rich_text_input'),
  initial_value: richText.optional(),
  min_lines: z.int().min(1).max(100).optional(),
  max_lines: z.int().min(1).max(100).optional(),
  ...typed,
});
const numeral = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a number as a string');
const inputsOnly = [
  textInput,
  richTextInput,
  z.strictObject({ type: z.literal('email_text_input'), initial_value: z.string().optional(), ...typed }),
  z.strictObject({ type: z.literal('url_text_input'), initial_value: z.string().optional(), ...typed }),
  z
    .strictObject({
      type: z.literal('number_input'),
      is_decimal_allowed: z.boolean(),
      initial_value: numeral.optional(),
      min_value: numeral.optional(),
      max_value: numeral.optional(),
      ...typed,
    })
    .refine(
      ({ min_value, max_value }) => min_value === undefined || max_value === undefined || +min_value <= +max_value,
      'min_value must not be greater than max_value',
    ),
  z.strictObject({
    type: z.literal('file_input'),
    filetypes: z.array(z.string()).min(1).optional(),
    max_files: z.int().min(1).max(10).optional(),
    ...action,
  }),
] as const;

const shared = [checkboxes, radios, datepicker, timepicker, ...selects, ...multiSelects] as const;

/** What may stand beside a section's text. */
export const accessory = z.discriminatedUnion('type', [button, workflowButton, overflow, imageElement, ...shared]);
/** What may stand in an actions block. */
export const actionsElement = z.discriminatedUnion('type', [
  button,
  workflowButton,
  overflow,
  datetimepicker,
  richTextInput,
  ...shared,
]);
/** What an input block may ask for. */
export const inputElement = z.discriminatedUnion('type', [datetimepicker, ...inputsOnly, ...shared]);

const feedbackButton = z.strictObject({ text: plain(75), value: chars(2000), ...accessible });
/** What may stand in a context_actions block. */
export const contextAction = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('feedback_buttons'),
    positive_button: feedbackButton,
    negative_button: feedbackButton,
    ...action,
  }),
  z.strictObject({
    type: z.literal('icon_button'),
    icon: z.string(),
    text: plain(75),
    value: chars(2000).optional(),
    visible_to_user_ids: z.array(z.string()).optional(),
    ...accessible,
    ...confirmable,
  }),
]);
