import { describe, expect, test } from 'vitest';
import {
  actions,
  button,
  card,
  container,
  context,
  dataTable,
  iconButton,
  image,
  inMessage,
  input,
  inView,
  many,
  modal,
  mrkdwn,
  options,
  plain,
  richText,
  section,
  select,
  table,
  video,
  x,
} from './block-kit.ts';

describe('the elements that a block takes', () => {
  const elements: Record<string, object> = {
    button: button(),
    workflow_button: { type: 'workflow_button', text: plain('a'), workflow: { trigger: { url: 'https://a.example' } } },
    overflow: { type: 'overflow', options: options(1) },
    image: image(),
    checkboxes: { type: 'checkboxes', options: options(1) },
    radio_buttons: { type: 'radio_buttons', options: options(1) },
    datepicker: { type: 'datepicker' },
    timepicker: { type: 'timepicker' },
    datetimepicker: { type: 'datetimepicker' },
    static_select: select(),
    external_select: { type: 'external_select' },
    users_select: { type: 'users_select' },
    conversations_select: { type: 'conversations_select' },
    channels_select: { type: 'channels_select' },
    multi_static_select: select({ type: 'multi_static_select' }),
    multi_external_select: { type: 'multi_external_select' },
    multi_users_select: { type: 'multi_users_select' },
    multi_conversations_select: { type: 'multi_conversations_select' },
    multi_channels_select: { type: 'multi_channels_select' },
    plain_text_input: { type: 'plain_text_input' },
    rich_text_input: { type: 'rich_text_input' },
    email_text_input: { type: 'email_text_input' },
    url_text_input: { type: 'url_text_input' },
    number_input: { type: 'number_input', is_decimal_allowed: true },
    file_input: { type: 'file_input' },
    mrkdwn: mrkdwn('a'),
  };
  const typed = ['plain_text_input', 'email_text_input', 'url_text_input', 'number_input', 'file_input'];
  const pressed = ['button', 'workflow_button', 'overflow'];

  test.each<[where: string, make: (element: object) => object, refused: string[]]>([
    ['actions', actions, [...typed, 'image', 'mrkdwn']],
    ['section', (accessory) => section({ accessory }), [...typed, 'rich_text_input', 'datetimepicker', 'mrkdwn']],
    ['input', (element) => input(element), [...pressed, 'image', 'mrkdwn']],
    ['context', context, Object.keys(elements).filter((type) => type !== 'image' && type !== 'mrkdwn')],
  ])('in %s are those of Slack', (_where, make, refused) => {
    const verdicts = Object.entries(elements).map(([type, element]) => [type, inMessage(make(element))] as const);
    expect(
      verdicts
        .filter(([, problems]) => problems.length > 0)
        .map(([type]) => type)
        .sort(),
    ).toEqual(refused.sort());
    for (const [type, problems] of verdicts.filter(([, each]) => each.length > 0)) {
      expect(problems[0]).toContain(`unsupported type: ${type}`);
    }
  });
});

describe('a view', () => {
  test.each<[what: string, limit: number, make: (text: string) => object, pointer: string]>([
    ['title', 24, (text) => modal({ title: plain(text) }), 'title/text'],
    ['submit', 24, (text) => modal({ submit: plain(text) }), 'submit/text'],
    ['close', 24, (text) => modal({ close: plain(text) }), 'close/text'],
    ['private_metadata', 3000, (text) => modal({ private_metadata: text }), 'private_metadata'],
    ['callback_id', 255, (text) => modal({ callback_id: text }), 'callback_id'],
    ['external_id', 255, (text) => modal({ external_id: text }), 'external_id'],
    ['private_metadata', 3000, (text) => ({ type: 'home', blocks: [], private_metadata: text }), 'private_metadata'],
  ])('with a %s of %i characters is taken, with one more refused', (_what, limit, make, pointer) => {
    expect(inView(make(x(limit)))).toEqual([]);
    expect(inView(make(x(limit + 1)))).toEqual([
      `must be less than ${limit + 1} characters [json-pointer:/view/${pointer}]`,
    ]);
  });

  test.each(['modal', 'home'])('of type %s holds 100 blocks at most', (type) => {
    const view = (count: number) => {
      const { title, ...rest } = modal({ type, blocks: many(count, section()) });
      return type === 'modal' ? { ...rest, title } : rest;
    };
    expect(inView(view(100))).toEqual([]);
    expect(inView(view(101))).toEqual(['no more than 100 items allowed [json-pointer:/view/blocks]']);
  });

  test.each<[type: string, block: object, inMessages: boolean, inViews: boolean]>([
    ['alert', { type: 'alert', text: plain('a') }, false, true],
    ['markdown', { type: 'markdown', text: 'a' }, true, false],
    ['table', table(1, 1), true, false],
    ['data_table', dataTable(2, 1), true, false],
    ['context_actions', { type: 'context_actions', elements: [iconButton()] }, true, false],
    ['task_card', { type: 'task_card', task_id: '1', title: 'a', status: 'pending' }, true, false],
    ['plan', { type: 'plan', title: 'a' }, true, false],
    ['card', card(), true, true],
    ['container', container(), true, true],
    ['video', video(), true, true],
    ['rich_text', richText(), true, true],
    ['file', { type: 'file', external_id: 'a', source: 'remote' }, false, false],
  ])('or a message takes the block %s where Slack does', (type, block, inMessages, inViews) => {
    const refused = `unsupported type: ${type}`;
    expect(inMessage(block)).toEqual(inMessages ? [] : [`${refused} [json-pointer:/blocks/0/type]`]);
    expect(inView(modal({ blocks: [block] }))).toEqual(
      inViews ? [] : [`${refused} [json-pointer:/view/blocks/0/type]`],
    );
  });
});
