import { checkBlocks, checkView } from '../../../simulator/blocks.ts';

/** Small blocks for the tests of what Block Kit takes; each is the least that is valid, `rest` changes it. */
export const x = (length: number) => 'x'.repeat(length);
export const many = <T>(count: number, of: T): T[] => Array.from({ length: count }, () => of);
export const plain = (text: string) => ({ type: 'plain_text', text });
export const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });

export const option = (value: string, rest: object = {}) => ({ text: plain(value), value, ...rest });
export const options = (count: number) => Array.from({ length: count }, (_, index) => option(`o${index}`));
export const confirm = (rest: object = {}) => ({ title: plain('Sure?'), text: plain('It is for good'), ...rest });

export const button = (rest: object = {}) => ({ type: 'button', text: plain('Press'), ...rest });
export const select = (rest: object = {}) => ({ type: 'static_select', options: options(2), ...rest });
export const image = (rest: object = {}) => ({
  type: 'image',
  slack_file: { id: 'F1' },
  alt_text: 'A picture',
  ...rest,
});

export const section = (rest: object = {}) => ({ type: 'section', text: mrkdwn('Hello'), ...rest });
export const actions = (...elements: object[]) => ({ type: 'actions', elements });
export const input = (element: object, rest: object = {}) => ({
  type: 'input',
  label: plain('Name'),
  element,
  ...rest,
});
export const context = (...elements: object[]) => ({ type: 'context', elements });
export const card = (rest: object = {}) => ({ type: 'card', title: mrkdwn('Card'), ...rest });
export const container = (rest: object = {}) => ({
  type: 'container',
  title: plain('Box'),
  child_blocks: [{ type: 'divider' }],
  ...rest,
});
export const video = (rest: object = {}) => ({
  type: 'video',
  video_url: 'https://videos.example/1',
  thumbnail_url: 'https://videos.example/1.png',
  alt_text: 'A video',
  title: plain('Video'),
  ...rest,
});
export const richText = (text = 'Rich') => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
});
export const table = (rows: number, columns: number, type = 'table', rest: object = {}) => ({
  type,
  rows: many(rows, many(columns, { type: 'raw_text', text: 'a' })),
  ...rest,
});
export const dataTable = (rows: number, columns: number, rest: object = {}) =>
  table(rows, columns, 'data_table', { caption: 'c', ...rest });

export const modal = (rest: object = {}) => ({ type: 'modal', title: plain('Title'), blocks: [section()], ...rest });

export const typing = (rest: object) => input({ type: 'plain_text_input', ...rest });
export const number = (rest: object) => input({ type: 'number_input', is_decimal_allowed: false, ...rest });
export const iconButton = (rest: object = {}) => ({
  type: 'icon_button',
  icon: 'trash',
  text: plain('Delete'),
  ...rest,
});
export const grouped = (option_groups: object[], rest: object = {}) => ({
  type: 'static_select',
  option_groups,
  ...rest,
});

type Answer = { ok: true } | { ok: false; problems: string[] };
const problemsOf = (checked: Answer) => (checked.ok ? [] : checked.problems);
/** What Slack says of a message with these blocks; nothing when it takes them. */
export const inMessage = (...blocks: unknown[]) => problemsOf(checkBlocks(blocks, () => true));
/** What Slack says of a view; nothing when it takes it. */
export const inView = (view: unknown) => problemsOf(checkView(view, () => true));
