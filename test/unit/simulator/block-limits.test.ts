import { describe, expect, test } from 'vitest';
import {
  actions,
  button,
  card,
  confirm,
  container,
  context,
  dataTable,
  grouped,
  iconButton,
  image,
  inMessage,
  input,
  many,
  mrkdwn,
  option,
  options,
  plain,
  section,
  select,
  table,
  typing,
  video,
  x,
} from './block-kit.ts';

const feedback = (rest: object) => ({
  type: 'context_actions',
  elements: [
    {
      type: 'feedback_buttons',
      positive_button: { text: plain('Good'), value: 'good', ...rest },
      negative_button: { text: plain('Bad'), value: 'bad' },
    },
  ],
});
const confirmed = (rest: object) => actions(button({ confirm: confirm(rest) }));

/** What is limited, the limit in characters, a block with a text there, and where the text lies in it. */
const texts: [what: string, limit: number, make: (text: string) => object, pointer: string][] = [
  ['section text', 3000, (text) => section({ text: mrkdwn(text) }), 'text/text'],
  ['plain section text', 3000, (text) => section({ text: plain(text) }), 'text/text'],
  ['section field', 2000, (text) => section({ fields: [mrkdwn(text)] }), 'fields/0/text'],
  ['block_id', 255, (text) => section({ block_id: text }), 'block_id'],
  ['action_id', 255, (text) => actions(button({ action_id: text })), 'elements/0/action_id'],
  ['header', 150, (text) => ({ type: 'header', text: plain(text) }), 'text/text'],
  ['context text', 3000, (text) => context(mrkdwn(text)), 'elements/0/text'],
  ['alt text of an image', 2000, (text) => image({ alt_text: text }), 'alt_text'],
  ['title of an image', 2000, (text) => image({ title: plain(text) }), 'title/text'],
  ['label of an input', 2000, (text) => typingWith({ label: plain(text) }), 'label/text'],
  ['hint of an input', 2000, (text) => typingWith({ hint: plain(text) }), 'hint/text'],
  ['markdown', 12_000, (text) => ({ type: 'markdown', text }), 'text'],
  ['title of a video', 200, (text) => video({ title: plain(text) }), 'title/text'],
  ['description of a video', 200, (text) => video({ description: plain(text) }), 'description/text'],
  ['author of a video', 50, (text) => video({ author_name: text }), 'author_name'],
  ['title of a card', 150, (text) => card({ title: mrkdwn(text) }), 'title/text'],
  ['subtitle of a card', 150, (text) => card({ subtitle: plain(text) }), 'subtitle/text'],
  ['body of a card', 200, (text) => card({ body: mrkdwn(text) }), 'body/text'],
  ['title of a container', 150, (text) => container({ title: plain(text) }), 'title/text'],
  ['subtitle of a container', 150, (text) => container({ subtitle: mrkdwn(text) }), 'subtitle/text'],

  ['button text', 75, (text) => actions(button({ text: plain(text) })), 'elements/0/text/text'],
  ['button value', 2000, (text) => actions(button({ value: text })), 'elements/0/value'],
  ['button url', 3000, (text) => actions(button({ url: text })), 'elements/0/url'],
  ['spoken label', 75, (text) => actions(button({ accessibility_label: text })), 'elements/0/accessibility_label'],
  ['title of a confirmation', 100, (text) => confirmed({ title: plain(text) }), 'elements/0/confirm/title/text'],
  ['text of a confirmation', 300, (text) => confirmed({ text: mrkdwn(text) }), 'elements/0/confirm/text/text'],
  ['yes of a confirmation', 30, (text) => confirmed({ confirm: plain(text) }), 'elements/0/confirm/confirm/text'],
  ['no of a confirmation', 30, (text) => confirmed({ deny: plain(text) }), 'elements/0/confirm/deny/text'],
  ['option text', 75, (text) => choosing(option('a', { text: plain(text) })), 'elements/0/options/0/text/text'],
  ['option value', 150, (text) => choosing(option('a', { value: text })), 'elements/0/options/0/value'],
  [
    'option description',
    75,
    (text) => choosing(option('a', { description: plain(text) })),
    'elements/0/options/0/description/text',
  ],
  [
    'overflow url',
    3000,
    (text) => actions({ type: 'overflow', options: [option('a', { url: text })] }),
    'elements/0/options/0/url',
  ],
  [
    'radio button text',
    75,
    (text) => actions({ type: 'radio_buttons', options: [option('a', { text: mrkdwn(text) })] }),
    'elements/0/options/0/text/text',
  ],
  [
    'checkbox description',
    75,
    (text) => actions({ type: 'checkboxes', options: [option('a', { description: mrkdwn(text) })] }),
    'elements/0/options/0/description/text',
  ],
  [
    'label of an option group',
    75,
    (text) => actions(grouped([{ label: plain(text), options: options(1) }])),
    'elements/0/option_groups/0/label/text',
  ],
  ['placeholder', 150, (text) => actions(select({ placeholder: plain(text) })), 'elements/0/placeholder/text'],
  ['first value of a text field', 3000, (text) => typing({ initial_value: text }), 'element/initial_value'],
  ['feedback text', 75, (text) => feedback({ text: plain(text) }), 'elements/0/positive_button/text/text'],
  ['feedback value', 2000, (text) => feedback({ value: text }), 'elements/0/positive_button/value'],
  [
    'icon button text',
    75,
    (text) => ({ type: 'context_actions', elements: [iconButton({ text: plain(text) })] }),
    'elements/0/text/text',
  ],
];

function typingWith(rest: object) {
  return input({ type: 'plain_text_input' }, rest);
}
function choosing(...choices: object[]) {
  return actions(select({ options: choices }));
}
/** What is limited, the most and the least there may be, a block with so many, and where the list lies in it. */
const lists: [what: string, least: number, most: number, make: (count: number) => object, pointer: string][] = [
  ['fields', 1, 10, (count) => section({ fields: many(count, mrkdwn('a')) }), 'fields'],
  ['actions', 1, 25, (count) => actions(...many(count, button())), 'elements'],
  ['context elements', 1, 10, (count) => context(...many(count, mrkdwn('a'))), 'elements'],
  ['context actions', 1, 5, (count) => ({ type: 'context_actions', elements: many(count, iconButton()) }), 'elements'],
  ['options', 1, 100, (count) => actions(select({ options: options(count) })), 'elements/0/options'],
  [
    'options to pick many of',
    1,
    100,
    (count) => actions(select({ type: 'multi_static_select', options: options(count) })),
    'elements/0/options',
  ],
  [
    'option groups',
    1,
    100,
    (count) => actions(grouped(many(count, { label: plain('a'), options: options(1) }))),
    'elements/0/option_groups',
  ],
  [
    'options of a group',
    1,
    100,
    (count) => actions(grouped([{ label: plain('a'), options: options(count) }])),
    'elements/0/option_groups/0/options',
  ],
  ['overflow', 1, 5, (count) => actions({ type: 'overflow', options: options(count) }), 'elements/0/options'],
  [
    'radio buttons',
    1,
    10,
    (count) => actions({ type: 'radio_buttons', options: options(count) }),
    'elements/0/options',
  ],
  ['checkboxes', 1, 10, (count) => actions({ type: 'checkboxes', options: options(count) }), 'elements/0/options'],
  ['rows of a table', 1, 100, (count) => table(count, 20), 'rows'],
  ['columns of a table', 1, 20, (count) => table(1, count), 'rows/0'],
  ['rows of a data table', 2, 101, (count) => dataTable(count, 20), 'rows'],
  ['columns of a data table', 1, 20, (count) => dataTable(2, count), 'rows/0'],
  [
    'column settings',
    0,
    20,
    (count) => table(1, 20, 'table', { column_settings: many(count, null) }),
    'column_settings',
  ],
  ['cards', 1, 10, (count) => ({ type: 'carousel', elements: many(count, card()) }), 'elements'],
  ['buttons of a card', 1, 3, (count) => card({ actions: many(count, button()) }), 'actions'],
  ['blocks of a container', 1, 10, (count) => container({ child_blocks: many(count, section()) }), 'child_blocks'],
];

/** What is limited, the least and the most number, a block with it, and where it lies. */
const numbers: [what: string, least: number, most: number, make: (value: number) => object, pointer: string][] = [
  ['page_size', 1, 100, (page_size) => dataTable(2, 1, { page_size }), 'page_size'],
  ['max_length', 1, 3000, (max_length) => typing({ max_length }), 'element/max_length'],
  ['min_length', 0, 3000, (min_length) => typing({ min_length }), 'element/min_length'],
  ['max_files', 1, 10, (max_files) => input({ type: 'file_input', max_files }), 'element/max_files'],
  ['min_lines', 1, 100, (min_lines) => input({ type: 'rich_text_input', min_lines }), 'element/min_lines'],
];

describe('a block', () => {
  test.each(texts)('with a %s of %i characters is taken, with one more refused', (_what, limit, make, pointer) => {
    expect(inMessage(make(x(limit)))).toEqual([]);
    expect(inMessage(make('🟢'.repeat(limit))), 'a character is a code point').toEqual([]);
    const problem = `must be less than ${limit + 1} characters [json-pointer:/blocks/0/${pointer}]`;
    expect(inMessage(make(x(limit + 1)))).toContain(problem);
    expect(inMessage(make(`${'🟢'.repeat(limit)}x`))).toContain(problem);
  });

  test.each(texts.filter(([, , , pointer]) => pointer.endsWith('/text')))(
    'without any %s in its text is refused',
    (_what, _limit, make, pointer) => {
      expect(inMessage(make(''))).toEqual([`must be more than 0 characters [json-pointer:/blocks/0/${pointer}]`]);
    },
  );

  test.each(lists)(
    'with %s from %i to %i is taken, with more or fewer refused',
    (_what, least, most, make, pointer) => {
      expect(inMessage(make(least))).toEqual([]);
      expect(inMessage(make(most))).toEqual([]);
      const at = `[json-pointer:/blocks/0/${pointer}]`;
      expect(inMessage(make(most + 1))).toContain(`no more than ${most} items allowed ${at}`);
      if (least > 0) expect(inMessage(make(least - 1))).toContain(`no fewer than ${least} items allowed ${at}`);
    },
  );

  test.each(numbers)('with %s from %i to %i is taken, beyond refused', (_what, least, most, make, pointer) => {
    expect(inMessage(make(least))).toEqual([]);
    expect(inMessage(make(most))).toEqual([]);
    const at = `[json-pointer:/blocks/0/${pointer}]`;
    expect(inMessage(make(most + 1))).toContain(`must be no more than ${most} ${at}`);
    expect(inMessage(make(least - 1))).toContain(`must be no less than ${least} ${at}`);
  });
});
