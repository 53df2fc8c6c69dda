import { describe, expect, test } from 'vitest';
import {
  actions,
  button,
  card,
  container,
  dataTable,
  grouped,
  image,
  inMessage,
  inView,
  many,
  modal,
  number,
  option,
  options,
  plain,
  richText,
  section,
  select,
  table,
  typing,
  video,
  x,
} from './block-kit.ts';

describe('the blocks of a message together', () => {
  test('are 50 at most', () => {
    expect(inMessage(...many(50, { type: 'divider' }))).toEqual([]);
    expect(inMessage(...many(51, { type: 'divider' }))).toEqual([
      'no more than 50 items allowed [json-pointer:/blocks]',
    ]);
  });

  test('hold 12,000 characters of markdown at most', () => {
    const markdown = (length: number) => ({ type: 'markdown', text: x(length) });
    expect(inMessage(markdown(6000), markdown(6000))).toEqual([]);
    expect(inMessage(markdown(6000), markdown(6001))).toEqual([
      'must be less than 12001 characters [json-pointer:/blocks]',
    ]);
  });

  test('hold one table, and 10,000 characters in the cells of all', () => {
    expect(inMessage(table(1, 1), table(1, 1))).toEqual(['only_one_table_allowed [json-pointer:/blocks/1]']);
    const wide = (length: number) => ({ ...dataTable(2, 1), rows: many(2, [{ type: 'raw_text', text: x(length) }]) });
    expect(inMessage(wide(2500), wide(2500))).toEqual([]);
    expect(inMessage(wide(2500), wide(2501))).toEqual(['must be less than 10001 characters [json-pointer:/blocks]']);
  });
});

describe('blocks within others', () => {
  const press = (action_id: string) => actions(button({ action_id }));
  const boxed = (...blocks: object[]) => container({ child_blocks: blocks });

  test('have ids of their own, among those of all blocks', () => {
    const child = { ...section(), block_id: 'a' };
    expect(inMessage(boxed(child), section({ block_id: 'b' }))).toEqual([]);
    expect(inMessage(boxed(child), section({ block_id: 'a' }))).toEqual([
      '`block_id` `a` already exists for another block [json-pointer:/blocks/1/block_id]',
    ]);
    expect(inMessage(section({ block_id: 'a' }), boxed(child))).toEqual([
      '`block_id` `a` already exists for another block [json-pointer:/blocks/1/child_blocks/0/block_id]',
    ]);
  });

  test('may have the same action each', () => {
    const open = card({ actions: [button({ action_id: 'open' })] });
    expect(inMessage(boxed(press('a'), press('a')), { type: 'carousel', elements: [open, open] })).toEqual([]);
    expect(inMessage(card({ actions: many(2, button({ action_id: 'open' })) }))).toHaveLength(1);
  });

  test('count among the tables, and ask a modal for its submit button', () => {
    expect(inMessage(table(1, 1), boxed(table(1, 1)))).toEqual([
      'only_one_table_allowed [json-pointer:/blocks/1/child_blocks/0]',
    ]);
    expect(inView(modal({ blocks: [boxed(typing({}))] }))).toEqual([
      'missing required field: submit [json-pointer:/view]',
    ]);
  });
});

describe('a rule between fields', () => {
  const group = { label: plain('a'), options: options(1) };
  test.each<[what: string, good: object, bad: object, problem: string]>([
    ['a section has text or fields', section({ text: undefined, fields: [plain('a')] }), { type: 'section' }, 'text'],
    [
      'a select has options or groups',
      actions(grouped([group])),
      actions(grouped([group], { options: options(1) })),
      'must provide either options or option_groups',
    ],
    [
      'a first choice is one of the options',
      actions(select({ initial_option: option('o1') })),
      actions(select({ initial_option: option('o9') })),
      'the initial options must be among the options',
    ],
    [
      'first choices are among the options of the groups',
      actions(grouped([group], { type: 'multi_static_select', initial_options: [option('o0')] })),
      actions(grouped([group], { type: 'multi_static_select', initial_options: [option('o0'), option('o1')] })),
      'the initial options must be among the options',
    ],
    [
      'boxes ticked at first are there',
      actions({ type: 'checkboxes', options: options(2), initial_options: options(2) }),
      actions({ type: 'checkboxes', options: options(2), initial_options: options(3) }),
      'the initial options must be among the options',
    ],
    [
      'only an overflow option is a link',
      actions({ type: 'overflow', options: [option('a', { url: 'https://a.example' })] }),
      actions(select({ options: [option('a', { url: 'https://a.example' })] })),
      'invalid additional property: url',
    ],
    [
      'a picture is an address or a file',
      image(),
      image({ image_url: 'https://a.example/a.png' }),
      'must provide either image_url or slack_file',
    ],
    [
      'a file is named by id or url',
      image({ slack_file: { url: 'https://a.example' } }),
      image({ slack_file: {} }),
      'must provide either id or url',
    ],
    [
      'a least length is not above the greatest',
      typing({ min_length: 3, max_length: 3 }),
      typing({ min_length: 4, max_length: 3 }),
      'min_length must not be greater than max_length',
    ],
    [
      'a least number is not above the greatest',
      number({ min_value: '-1', max_value: '10' }),
      number({ min_value: '9', max_value: '-10' }),
      'min_value must not be greater than max_value',
    ],
    ['a bound is a number', number({ max_value: '2.5' }), number({ max_value: 'two' }), 'must be a number as a string'],
    [
      'a day exists',
      actions({ type: 'datepicker', initial_date: '2028-02-29' }),
      actions({ type: 'datepicker', initial_date: '2026-02-29' }),
      'must be in the format YYYY-MM-DD',
    ],
    [
      'a time exists',
      actions({ type: 'timepicker', initial_time: '23:59' }),
      actions({ type: 'timepicker', initial_time: '24:00' }),
      'must be in the format HH:mm',
    ],
    [
      'a moment has ten digits',
      actions({ type: 'datetimepicker', initial_date_time: 9_999_999_999 }),
      actions({ type: 'datetimepicker', initial_date_time: 10_000_000_000 }),
      'must be no more than 9999999999',
    ],
    [
      'a card shows something',
      card({ title: undefined, body: plain('a') }),
      card({ title: undefined, subtitle: plain('a') }),
      'must provide at least one of hero_image, title, actions, body',
    ],
    [
      'a container has a title',
      container({ title: undefined, rich_text_title: richText() }),
      container({ title: undefined }),
      'missing required field: title',
    ],
    [
      'only what folds is folded at first',
      container({ is_collapsible: true, default_collapsed: true }),
      container({ default_collapsed: true }),
      'default_collapsed requires is_collapsible',
    ],
    ['a video is at an https address', video(), video({ video_url: 'http://videos.example/1' }), 'invalid_url'],
    [
      'the rows of a data table are as long as one another',
      dataTable(2, 2),
      { ...dataTable(2, 2), rows: [...table(1, 2).rows, ...table(1, 1).rows] },
      'all rows must have the same number of cells',
    ],
    [
      'a cell says something',
      table(1, 1),
      { type: 'table', rows: [[{ type: 'raw_text', text: '' }]] },
      'must be more than 0 characters',
    ],
    [
      'the caret starts in one field',
      actions(select({ focus_on_load: true }), select()),
      actions(select({ focus_on_load: true }), select({ focus_on_load: true })),
      'only one element can have `focus_on_load`',
    ],
  ])('%s', (_what, good, bad, problem) => {
    expect(inMessage(good)).toEqual([]);
    expect(inMessage(bad)).toHaveLength(1);
    expect(inMessage(bad)[0]).toContain(problem);
  });
});
