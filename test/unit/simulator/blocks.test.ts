import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkBlocks } from '../../../simulator/blocks.ts';
import {
  actions,
  button,
  inMessage,
  input,
  inView,
  modal,
  mrkdwn,
  options,
  plain,
  section,
  select,
} from './block-kit.ts';

describe('the blocks of a message', () => {
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
    const checked = checkBlocks(blocks, () => true);
    expect(checked.ok ? [] : checked.problems).toContain(problem);
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
          const checked = checkBlocks(blocks, () => false);
          if (!checked.ok) expect(checked.problems.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('may use one action_id in several blocks', () => {
    expect(inMessage(actions(button({ action_id: 'a' })), actions(button({ action_id: 'a' })))).toEqual([]);
  });

  test('with a file that may not be shown are refused', () => {
    const checked = checkBlocks(
      [section({ accessory: { type: 'image', slack_file: { id: 'F1' }, alt_text: 'a' } })],
      () => false,
    );
    expect(checked).toEqual({
      ok: false,
      problems: ['invalid slack file [json-pointer:/blocks/0/accessory/slack_file]'],
    });
  });
});

describe('a view', () => {
  const field = input({ type: 'plain_text_input' });

  test('without a title is refused', () => {
    expect(inView({ type: 'modal', blocks: [] })).toEqual(['missing required field: title [json-pointer:/view]']);
  });

  test('with an input and no submit button is refused', () => {
    expect(inView(modal({ blocks: [field] }))).toEqual(['missing required field: submit [json-pointer:/view]']);
    expect(inView(modal({ blocks: [field], submit: plain('Save') }))).toEqual([]);
  });

  test('of Home takes no title', () => {
    expect(inView({ type: 'home', blocks: [section()] })).toEqual([]);
    expect(inView({ type: 'home', blocks: [], title: plain('a') })).toEqual([
      'invalid additional property: title [json-pointer:/view]',
    ]);
  });
});
