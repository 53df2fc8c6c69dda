import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkBlocks, checkView } from '../../../simulator/blocks.ts';

const anyFile = () => true;
const noFile = () => false;
const x = (length: number) => 'x'.repeat(length);
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const section = (rest: object = {}) => ({ type: 'section', text: mrkdwn('Hello'), ...rest });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const button = (rest: object = {}) => ({ type: 'button', text: plain('Press'), ...rest });
const option = (value: string, rest: object = {}) => ({ text: plain(value), value, ...rest });
const options = (count: number) => Array.from({ length: count }, (_, index) => option(`o${index}`));
const select = (rest: object = {}) => ({ type: 'static_select', options: options(2), ...rest });
const table = (rows: number, columns: number, type = 'table', rest: object = {}) => ({
  type,
  rows: Array.from({ length: rows }, () => Array.from({ length: columns }, () => ({ type: 'raw_text', text: 'a' }))),
  ...rest,
});
const problems = (blocks: unknown) => {
  const checked = checkBlocks(blocks, anyFile);
  return checked.ok ? [] : checked.problems;
};

/** What is just allowed, what is one too many, and what Slack says of it. */
const limits: [name: string, good: object[], bad: object[], problem: string][] = [
  [
    '50 blocks',
    Array(50).fill({ type: 'divider' }),
    Array(51).fill({ type: 'divider' }),
    'no more than 50 items allowed [json-pointer:/blocks]',
  ],
  [
    'section text',
    [section({ text: mrkdwn(x(3000)) })],
    [section({ text: mrkdwn(x(3001)) })],
    'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
  ],
  [
    'fields',
    [section({ fields: Array(10).fill(mrkdwn('a')) })],
    [section({ fields: Array(11).fill(mrkdwn('a')) })],
    'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
  ],
  [
    'field text',
    [section({ fields: [mrkdwn(x(2000))] })],
    [section({ fields: [mrkdwn(x(2001))] })],
    'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
  ],
  [
    'header',
    [{ type: 'header', text: plain(x(150)) }],
    [{ type: 'header', text: plain(x(151)) }],
    'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
  ],
  [
    '25 actions',
    [actions(...Array(25).fill(button()))],
    [actions(...Array(26).fill(button()))],
    'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
  ],
  [
    '10 context',
    [{ type: 'context', elements: Array(10).fill(mrkdwn('a')) }],
    [{ type: 'context', elements: Array(11).fill(mrkdwn('a')) }],
    'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
  ],
  [
    'button text',
    [actions(button({ text: plain(x(75)) }))],
    [actions(button({ text: plain(x(76)) }))],
    'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
  ],
  [
    'button value',
    [actions(button({ value: x(2000) }))],
    [actions(button({ value: x(2001) }))],
    'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
  ],
  [
    'action_id',
    [actions(button({ action_id: x(255) }))],
    [actions(button({ action_id: x(256) }))],
    'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
  ],
  [
    'block_id',
    [section({ block_id: x(255) })],
    [section({ block_id: x(256) })],
    'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
  ],
  [
    'option text',
    [actions(select({ options: [option('a', { text: plain(x(75)) })] }))],
    [actions(select({ options: [option('a', { text: plain(x(76)) })] }))],
    'must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]',
  ],
  [
    '100 options',
    [actions(select({ options: options(100) }))],
    [actions(select({ options: options(101) }))],
    'no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]',
  ],
  [
    'overflow 5',
    [actions({ type: 'overflow', options: options(5) })],
    [actions({ type: 'overflow', options: options(6) })],
    'no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]',
  ],
  [
    '10 radio buttons',
    [actions({ type: 'radio_buttons', options: options(10) })],
    [actions({ type: 'radio_buttons', options: options(11) })],
    'no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]',
  ],
  [
    'alt text',
    [{ type: 'image', slack_file: { id: 'F1' }, alt_text: x(2000) }],
    [{ type: 'image', slack_file: { id: 'F1' }, alt_text: x(2001) }],
    'must be less than 2001 characters [json-pointer:/blocks/0/alt_text]',
  ],
  [
    'markdown',
    [{ type: 'markdown', text: x(12_000) }],
    [{ type: 'markdown', text: x(12_001) }],
    'must be less than 12001 characters [json-pointer:/blocks/0/text]',
  ],
  ['table rows', [table(100, 20)], [table(101, 20)], 'no more than 100 items allowed [json-pointer:/blocks/0/rows]'],
  ['table columns', [table(2, 20)], [table(1, 21)], 'no more than 20 items allowed [json-pointer:/blocks/0/rows/0]'],
  [
    'data_table rows',
    [table(101, 2, 'data_table', { caption: 'c' })],
    [table(102, 2, 'data_table', { caption: 'c' })],
    'no more than 101 items allowed [json-pointer:/blocks/0/rows]',
  ],
  ['one table', [table(1, 1)], [table(1, 1), table(1, 1)], 'only_one_table_allowed [json-pointer:/blocks/1]'],
];

describe('the blocks of a message', () => {
  test.each(limits)('are taken up to the limit of %s and refused above it', (_name, good, bad, problem) => {
    expect(problems(good)).toEqual([]);
    expect(problems(bad)).toContain(problem);
  });

  test.each([
    ['no list', {}, 'must provide an array [json-pointer:/blocks]'],
    ['no object', ['divider'], 'must provide an object [json-pointer:/blocks/0]'],
    ['no type', [{ text: plain('a') }], 'missing required field: type [json-pointer:/blocks/0]'],
    ['an unknown type', [{ type: 'banner' }], 'unsupported type: banner [json-pointer:/blocks/0/type]'],
    [
      'an unknown element',
      [actions({ type: 'lever' })],
      'unsupported type: lever [json-pointer:/blocks/0/elements/0/type]',
    ],
    ['a section without text', [{ type: 'section' }], 'missing required field: text [json-pointer:/blocks/0]'],
    ['a text that is a string', [section({ text: 'Hello' })], 'must provide an object [json-pointer:/blocks/0/text]'],
    [
      'an empty text',
      [section({ text: mrkdwn('') })],
      'must be more than 0 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a header in mrkdwn',
      [{ type: 'header', text: mrkdwn('a') }],
      'must be one of: plain_text [json-pointer:/blocks/0/text/type]',
    ],
    [
      'an image without alt text',
      [{ type: 'image', slack_file: { id: 'F1' } }],
      'missing required field: alt_text [json-pointer:/blocks/0]',
    ],
    [
      'an image on this machine',
      [{ type: 'image', image_url: 'http://127.0.0.1/a.png', alt_text: 'a' }],
      'downloading image failed [json-pointer:/blocks/0/image_url]',
    ],
    [
      'a property Slack does not know',
      [section({ colour: 'red' })],
      'invalid additional property: colour [json-pointer:/blocks/0]',
    ],
    ['no elements', [actions()], 'no fewer than 1 items allowed [json-pointer:/blocks/0/elements]'],
    [
      'options and groups',
      [actions(select({ option_groups: [{ label: plain('a'), options: options(1) }] }))],
      'must provide either options or option_groups [json-pointer:/blocks/0/elements/0]',
    ],
    [
      'the same block_id twice',
      [section({ block_id: 'a' }), section({ block_id: 'a' })],
      '`block_id` `a` already exists for another block [json-pointer:/blocks/1/block_id]',
    ],
    [
      'the same action_id twice in a block',
      [actions(button({ action_id: 'a' }), button({ action_id: 'a' }))],
      '`action_id` `a` already exists for another element [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    ['an alert', [{ type: 'alert', text: plain('a') }], 'unsupported type: alert [json-pointer:/blocks/0/type]'],
    [
      'rich text as a header cell',
      [
        {
          type: 'data_table',
          caption: 'c',
          rows: [
            [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [] }] }],
            [{ type: 'raw_text', text: 'a' }],
          ],
        },
      ],
      'rich_text is not allowed in the header row [json-pointer:/blocks/0/rows/0]',
    ],
    [
      'an unknown style',
      [actions(button({ style: 'loud' }))],
      'must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]',
    ],
  ])('with %s are refused', (_name, blocks, problem) => {
    expect(problems(blocks)).toContain(problem);
  });

  test('that are any JSON at all are taken or refused with a reason, never thrown at', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('section', 'actions', 'image', 'input', 'table'), (json, type) => {
        for (const blocks of [
          json,
          [json],
          [{ type, ...(Object(json) as object) }],
          [{ type, text: json, elements: json }],
        ]) {
          const checked = checkBlocks(blocks, noFile);
          if (!checked.ok) expect(checked.problems.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('may use one action_id in several blocks', () => {
    expect(problems([actions(button({ action_id: 'a' })), actions(button({ action_id: 'a' }))])).toEqual([]);
  });

  test('with a file that may not be shown are refused', () => {
    const checked = checkBlocks(
      [section({ accessory: { type: 'image', slack_file: { id: 'F1' }, alt_text: 'a' } })],
      noFile,
    );
    expect(checked).toEqual({
      ok: false,
      problems: ['invalid slack file [json-pointer:/blocks/0/accessory/slack_file]'],
    });
  });
});

describe('a view', () => {
  const modal = (rest: object = {}) => ({ type: 'modal', title: plain('Title'), blocks: [section()], ...rest });
  const input = { type: 'input', label: plain('Name'), element: { type: 'plain_text_input' } };
  const of = (view: unknown) => {
    const checked = checkView(view, anyFile);
    return checked.ok ? [] : checked.problems;
  };

  test.each([
    [
      'title',
      { title: plain(x(24)) },
      { title: plain(x(25)) },
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    [
      'private_metadata',
      { private_metadata: x(3000) },
      { private_metadata: x(3001) },
      'must be less than 3001 characters [json-pointer:/view/private_metadata]',
    ],
    [
      'callback_id',
      { callback_id: x(255) },
      { callback_id: x(256) },
      'must be less than 256 characters [json-pointer:/view/callback_id]',
    ],
    [
      'external_id',
      { external_id: x(255) },
      { external_id: x(256) },
      'must be less than 256 characters [json-pointer:/view/external_id]',
    ],
    [
      'submit',
      { submit: plain(x(24)) },
      { submit: plain(x(25)) },
      'must be less than 25 characters [json-pointer:/view/submit/text]',
    ],
    [
      '100 blocks',
      { blocks: Array(100).fill(section()) },
      { blocks: Array(101).fill(section()) },
      'no more than 100 items allowed [json-pointer:/view/blocks]',
    ],
  ])('is taken up to the limit of %s and refused above it', (_name, good, bad, problem) => {
    expect(of(modal(good))).toEqual([]);
    expect(of(modal(bad))).toContain(problem);
  });

  test('without a title is refused', () => {
    expect(of({ type: 'modal', blocks: [] })).toEqual(['missing required field: title [json-pointer:/view]']);
  });

  test('with an input and no submit button is refused', () => {
    expect(of(modal({ blocks: [input] }))).toEqual(['missing required field: submit [json-pointer:/view]']);
    expect(of(modal({ blocks: [input], submit: plain('Save') }))).toEqual([]);
  });

  test('may hold an alert but no table', () => {
    expect(of(modal({ blocks: [{ type: 'alert', text: plain('a') }] }))).toEqual([]);
    expect(of(modal({ blocks: [table(1, 1)] }))).toEqual([
      'unsupported type: table [json-pointer:/view/blocks/0/type]',
    ]);
  });

  test('of Home takes no title', () => {
    expect(of({ type: 'home', blocks: [section()] })).toEqual([]);
    expect(of({ type: 'home', blocks: [], title: plain('a') })).toEqual([
      'invalid additional property: title [json-pointer:/view]',
    ]);
  });
});
