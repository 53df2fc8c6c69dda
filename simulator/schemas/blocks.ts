import { z } from 'zod';
import { accessory, actionsElement, button, contextAction, inputElement } from './elements.ts';
import { chars, countChars, imageBlock, imageElement, mrkdwn, plain, richText, text } from './objects.ts';

const id = { block_id: chars(255).optional() };

const section = z
  .strictObject({
    type: z.literal('section'),
    text: text(3000).optional(),
    fields: z.array(text(2000)).min(1).max(10).optional(),
    accessory: accessory.optional(),
    expand: z.boolean().optional(),
    ...id,
  })
  .refine((block) => block.text !== undefined || block.fields !== undefined, 'missing required field: text');

const actions = z.strictObject({ type: z.literal('actions'), elements: z.array(actionsElement).min(1).max(25), ...id });
const context = z.strictObject({
  type: z.literal('context'),
  elements: z
    .array(z.discriminatedUnion('type', [imageElement, plain(3000), mrkdwn(3000)]))
    .min(1)
    .max(10),
  ...id,
});
const divider = z.strictObject({ type: z.literal('divider'), ...id });
const header = z.strictObject({
  type: z.literal('header'),
  text: plain(150),
  ...id,
});
const input = z.strictObject({
  type: z.literal('input'),
  label: plain(2000),
  element: inputElement,
  hint: plain(2000).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
  ...id,
});
const https = z.string().refine((url) => URL.canParse(url) && new URL(url).protocol === 'https:', 'invalid_url');
const video = z.strictObject({
  type: z.literal('video'),
  video_url: https,
  thumbnail_url: z.string(),
  alt_text: z.string(),
  title: plain(200),
  title_url: https.optional(),
  author_name: chars(50).optional(),
  provider_name: z.string().optional(),
  provider_icon_url: z.string().optional(),
  description: plain(200).optional(),
  ...id,
});
const cell = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('raw_text'), text: z.string().min(1) }),
  z.strictObject({ type: z.literal('raw_number'), value: z.number(), text: z.string().min(1) }),
  richText,
]);
type Cell = z.infer<typeof cell>;
const cellText = (value: Cell) => ('text' in value ? value.text : JSON.stringify(value.elements));

/** The characters of a table's cells together. */
export const tableCharacters = (rows: Cell[][]) =>
  rows.flat().reduce((sum, each) => sum + countChars(cellText(each)), 0);
const row = z.array(cell).min(1).max(20);
const table = z.strictObject({
  type: z.literal('table'),
  rows: z.array(row).min(1).max(100),
  column_settings: z
    .array(
      z
        .strictObject({ align: z.enum(['left', 'center', 'right']).optional(), is_wrapped: z.boolean().optional() })
        .nullable(),
    )
    .max(20)
    .optional(),
  ...id,
});
const dataTable = z
  .strictObject({
    type: z.literal('data_table'),
    rows: z.array(row).min(2).max(101),
    caption: z.string().min(1),
    page_size: z.int().min(1).max(100).optional(),
    row_header_column_index: z.int().min(0).optional(),
    ...id,
  })
  .refine((block) => new Set(block.rows.map((each) => each.length)).size === 1, {
    path: ['rows'],
    message: 'all rows must have the same number of cells',
  })
  .refine((block) => block.rows[0]?.every((each) => each.type !== 'rich_text'), {
    path: ['rows', 0],
    message: 'rich_text is not allowed in the header row',
  });
export type Table = z.infer<typeof table> | z.infer<typeof dataTable>;
const alert = z.strictObject({
  type: z.literal('alert'),
  text: text(3000),
  level: z.enum(['default', 'info', 'warning', 'error', 'success']).optional(),
  ...id,
});
const card = z
  .strictObject({
    type: z.literal('card'),
    hero_image: imageElement.optional(),
    icon: imageElement.optional(),
    title: text(150).optional(),
    subtitle: text(150).optional(),
    body: text(200).optional(),
    actions: z.array(button).min(1).max(3).optional(),
    ...id,
  })
  .refine(
    (block) => [block.hero_image, block.title, block.actions, block.body].some((part) => part !== undefined),
    'must provide at least one of hero_image, title, actions, body',
  );
const carousel = z.strictObject({ type: z.literal('carousel'), elements: z.array(card).min(1).max(10), ...id });
const container = z
  .strictObject({
    type: z.literal('container'),
    title: plain(150).optional(),
    rich_text_title: richText.optional(),
    subtitle: text(150).optional(),
    child_blocks: z
      .array(
        z.discriminatedUnion('type', [
          actions,
          context,
          divider,
          header,
          imageBlock,
          input,
          richText,
          section,
          table,
          video,
        ]),
      )
      .min(1)
      .max(10),
    width: z.enum(['narrow', 'standard', 'wide', 'full']).optional(),
    icon: imageElement.optional(),
    is_collapsible: z.boolean().optional(),
    default_collapsed: z.boolean().optional(),
    has_header_divider: z.boolean().optional(),
    ...id,
  })
  .refine((block) => block.title || block.rich_text_title, 'missing required field: title')
  .refine((block) => !block.default_collapsed || block.is_collapsible, 'default_collapsed requires is_collapsible');
const taskCard = z.strictObject({
  type: z.literal('task_card'),
  task_id: z.string(),
  title: z.string(),
  details: richText.optional(),
  output: richText.optional(),
  sources: z.array(z.strictObject({ type: z.literal('url'), url: z.string(), text: z.string() })).optional(),
  status: z.enum(['pending', 'in_progress', 'complete', 'error']),
  ...id,
});

/** Any block an app may send; where it may stand is checked in blocks.ts. */
const block = z.discriminatedUnion('type', [
  section,
  actions,
  context,
  divider,
  header,
  imageBlock,
  input,
  richText,
  z.strictObject({ type: z.literal('markdown'), text: chars(12_000, 1), ...id }),
  z.strictObject({ type: z.literal('context_actions'), elements: z.array(contextAction).min(1).max(5), ...id }),
  table,
  dataTable,
  alert,
  card,
  carousel,
  container,
  taskCard,
  z.strictObject({ type: z.literal('plan'), title: z.string(), tasks: z.array(taskCard).optional(), ...id }),
  video,
]);

/** The blocks of a message. */
export const messageBlocks = z.array(block).max(50);
/** The blocks of a modal or Home. */
const viewBlocks = z.array(block).max(100);

const common = {
  blocks: viewBlocks,
  private_metadata: chars(3000).optional(),
  callback_id: chars(255).optional(),
  external_id: chars(255).optional(),
};

/** What views.open, push, update and publish take. */
export const view = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('modal'),
    title: plain(24),
    submit: plain(24).optional(),
    close: plain(24).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    submit_disabled: z.boolean().optional(),
    ...common,
  }),
  z.strictObject({ type: z.literal('home'), ...common }),
]);
export type ViewPayload = z.infer<typeof view>;
